"""The phone as camera."""

from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Depends, Request, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edge_app.errors import InputError
from edge_app.web.pages import page
from edge_app.web.phone import MAX_PHONES, PhoneCamera
from edge_app.web.streams import serve_socket
from edge_app.web.visitor import ServicesDep, viewer

router = APIRouter(dependencies=[Depends(viewer)])

_TRY_AGAIN_LATER = 1013


@router.get("/phone", include_in_schema=False)
def show_phone(request: Request) -> Response:
    return page(request, "phone.html")


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


async def _answer_all(socket: WebSocket, camera: PhoneCamera) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            jpeg = await socket.receive_bytes()
            await socket.send_json(await run_in_threadpool(_answer, camera, jpeg))


def _answer(camera: PhoneCamera, jpeg: bytes) -> dict[str, Any]:
    try:
        return camera.look(jpeg)
    except InputError as error:
        return {"error": str(error)}
