"""The phone as camera."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from edge_app.core.errors import InputError
from edge_app.web.live.browser_camera import MAX_PHONES, PhoneCamera
from edge_app.web.live.phone_source import PhoneKioskCamera
from edge_app.web.live.streams import receive_bytes, serve_socket
from edge_app.web.pages import page
from edge_app.web.security.certificate import AUTHORITY_FILE
from edge_app.web.security.users import ServicesDep, operator, viewer

router = APIRouter(dependencies=[Depends(viewer)])

_CERTIFICATE = "application/x-x509-ca-cert"
_TRY_AGAIN_LATER = 1013
_NOT_WANTED = 4404
_TAKEN_OVER = 4409


@router.get("/phone", include_in_schema=False)
def show_phone(request: Request, services: ServicesDep) -> Response:
    return page(
        request,
        "phone.html",
        wants_phone=services.controls.phone is not None,
        has_authority=services.settings.web.tls,
    )


@router.get(
    "/ca.crt",
    response_class=FileResponse,
    responses={
        200: {"content": {_CERTIFICATE: {}}},
        404: {"description": "The page is not served with a certificate of its own."},
    },
)
def authority(services: ServicesDep) -> FileResponse:
    """Who signed the page's certificate: installed on a phone, its browser warns no more."""
    path = services.controls.folder / AUTHORITY_FILE
    if not services.settings.web.tls or not path.is_file():
        raise HTTPException(404, "expected a certificate of its own, found HTTPS off; use --tls")
    return FileResponse(path, media_type=_CERTIFICATE)


@router.websocket("/phone/live")
async def look(socket: WebSocket, services: ServicesDep) -> None:
    """Takes a JPEG, answers with its faces, and only then takes the next."""
    await socket.accept()
    if services.phones >= MAX_PHONES:
        await socket.close(_TRY_AGAIN_LATER, "too many phones")
        return
    services.phones += 1
    try:
        camera = PhoneCamera(services.pipelines)
        await serve_socket(socket, "viewer", lambda: _answer_all(socket, camera))
    finally:
        services.phones -= 1


@router.websocket("/phone/lend", dependencies=[Depends(operator)])
async def lend(socket: WebSocket, services: ServicesDep) -> None:
    """Takes a JPEG for the kiosk to look at in place of a camera, answers, then takes the next."""
    await socket.accept()
    link, rate = services.controls.phone, services.settings.source.rate
    if link is None:
        await socket.close(_NOT_WANTED, "the kiosk has a camera of its own")
        return
    with link.lend() as lending:
        camera = PhoneKioskCamera(lending, rate)
        await serve_socket(socket, "operator", lambda: _hand_on_all(socket, camera))


async def _answer_all(socket: WebSocket, camera: PhoneCamera) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            jpeg = await receive_bytes(socket)
            await socket.send_json(await run_in_threadpool(_answer, camera.look, jpeg))


async def _hand_on_all(socket: WebSocket, camera: PhoneKioskCamera) -> None:
    with suppress(WebSocketDisconnect):
        while camera.lending.counts:
            jpeg = await receive_bytes(socket)
            answer = await run_in_threadpool(_answer, camera.hand_on, jpeg)
            await asyncio.sleep(camera.pause_s())
            camera.ask()
            await socket.send_json(answer)
        await socket.close(_TAKEN_OVER, "another phone is the kiosk's camera now")


def _answer(look: Callable[[bytes], dict[str, Any]], jpeg: bytes) -> dict[str, Any]:
    try:
        return look(jpeg)
    except InputError as error:
        return {"error": str(error)}
