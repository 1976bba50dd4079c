"""The phone as camera."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Depends, Request, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edge_app.errors import InputError
from edge_app.web.lent import LentCamera
from edge_app.web.pages import page
from edge_app.web.phone import MAX_PHONES, PhoneCamera
from edge_app.web.streams import receive_bytes, serve_socket
from edge_app.web.visitor import ServicesDep, operator, viewer

router = APIRouter(dependencies=[Depends(viewer)])

_TRY_AGAIN_LATER = 1013
_NOT_WANTED = 4404
_TAKEN_OVER = 4409


@router.get("/phone", include_in_schema=False)
def show_phone(request: Request, services: ServicesDep) -> Response:
    return page(request, "phone.html", wants_phone=services.controls.phone is not None)


@router.websocket("/phone/live")
async def look(socket: WebSocket, services: ServicesDep) -> None:
    """Takes a JPEG, answers with its faces, and only then takes the next."""
    await socket.accept()
    if services.phones >= MAX_PHONES:
        await socket.close(_TRY_AGAIN_LATER, "too many phones")
        return
    services.phones += 1
    try:
        camera = PhoneCamera(services.workbench)
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
        camera = LentCamera(lending, rate)
        await serve_socket(socket, "operator", lambda: _hand_on_all(socket, camera))


async def _answer_all(socket: WebSocket, camera: PhoneCamera) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            jpeg = await receive_bytes(socket)
            await socket.send_json(await run_in_threadpool(_answer, camera.look, jpeg))


async def _hand_on_all(socket: WebSocket, camera: LentCamera) -> None:
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
