"""The live picture: page, kiosk's screen, WebSocket, MJPEG, snapshot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, WebSocket, WebSocketDisconnect
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from edge_app.web.live.streams import LastingResponse, receive_text, serve_socket
from edge_app.web.live.viewers import LiveFrame, LiveViewers
from edge_app.web.pages import page
from edge_app.web.security.users import ServicesDep, operator, viewer

router = APIRouter(dependencies=[Depends(viewer)])

_PATIENCE_S = 3.0
_BOUNDARY = "frame"
_MJPEG = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"


def _media(kind: str) -> dict[int | str, dict[str, Any]]:
    """How the API's description says that an answer is no JSON."""
    return {200: {"content": {kind: {}}}}


class SnapshotRecord(BaseModel):
    name: str
    """Of the file in the folder snapshots/ of the kiosk's state."""


@router.get("/", include_in_schema=False)
def show_live(request: Request) -> Response:
    return page(request, "live.html")


@router.get("/kiosk", include_in_schema=False)
def show_kiosk(request: Request, services: ServicesDep) -> Response:
    screen = services.settings.screen  # one language with what is written on the picture
    return page(request, "kiosk.html", language=screen.language, notice=screen.notice)


@router.websocket("/live")
async def live(socket: WebSocket, services: ServicesDep) -> None:
    """Sends a frame with its facts, and the next when the viewer says that it is done with it.

    So at most one frame is on its way to each viewer, and never an old one waits in between.
    """
    await socket.accept()

    async def show() -> None:
        with services.viewers.watch() as viewer, suppress(WebSocketDisconnect):
            while True:
                await socket.send_bytes((await viewer.next()).message)
                await receive_text(socket)

    await serve_socket(socket, "viewer", show)


@router.get("/stream.mjpg", response_class=StreamingResponse, responses=_media(_MJPEG))
def stream(request: Request, services: ServicesDep) -> LastingResponse:
    """The live picture for other programs: VLC, Home Assistant, an <img> of another page."""
    return LastingResponse(request, "viewer", _parts(services.viewers), _MJPEG)


async def _parts(viewers: LiveViewers) -> AsyncIterator[bytes]:
    with viewers.watch() as viewer:
        while True:
            frame = await viewer.next()
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(frame.jpeg)}"
            yield f"{head}\r\n\r\n".encode() + frame.jpeg + b"\r\n"


@router.get("/snapshot.jpg", response_class=Response, responses=_media("image/jpeg"))
async def snapshot(services: ServicesDep) -> Response:
    """One annotated frame as it is now."""
    frame = await _one_frame(services.viewers)
    return Response(frame.jpeg, media_type="image/jpeg")


@router.post(
    "/api/snapshots",
    status_code=201,
    dependencies=[Depends(operator)],
    responses={
        409: {"description": "No live picture."},
        507: {"description": "No room on the disk."},
    },
)
def keep_snapshot(services: ServicesDep) -> SnapshotRecord:
    """Keep the annotated picture of now on the kiosk; the oldest make room for it."""
    return SnapshotRecord(name=services.controls.snapshot().name)


@router.get("/api/live")
async def facts(services: ServicesDep) -> dict[str, Any]:
    """Who is in view now, with the frame's rate and age."""
    frame = await _one_frame(services.viewers)
    return frame.facts


async def _one_frame(viewers: LiveViewers) -> LiveFrame:
    try:
        with viewers.watch() as viewer:
            return await asyncio.wait_for(viewer.next(), _PATIENCE_S)
    except TimeoutError:
        raise HTTPException(503, "expected a frame, found none; the kiosk is starting") from None
