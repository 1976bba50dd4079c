"""What outlasts the request that began it: it ends when who began it may have it no more."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

import anyio
from fastapi import Request, WebSocket, WebSocketDisconnect
from starlette.requests import HTTPConnection
from starlette.responses import StreamingResponse
from starlette.types import Send

from edge_app.web.security.access import Role
from edge_app.web.security.users import user_of

SESSION_ENDED = 4401
"""Code with which a WebSocket is closed after a logout, a new password or a revoked token."""

_WRONG_KIND = 1003
"""RFC 6455: text where bytes are wanted, or the other way round."""
_LOOK_S = 1.0
_GOODBYE_S = 1.0


async def while_allowed(
    connection: HTTPConnection, role: Role, work: Callable[[], Awaitable[None]]
) -> bool:
    """Do the work; False where it was cut short because the visitor lost the role.

    That is looked at every second, whatever the work waits for: a viewer who does not read is sent
    away as well. ``work`` raises nothing.
    """
    allowed = True

    async def look() -> None:
        nonlocal allowed
        while allowed:
            await anyio.sleep(_LOOK_S)
            allowed = user_of(connection).may(role)
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(look)
        await work()
        group.cancel_scope.cancel()
    return allowed


async def receive_text(socket: WebSocket) -> str:
    """The next message. Raises WebSocketDisconnect at the end, or upon bytes, which are its end."""
    return cast(str, await _receive(socket, "text"))


async def receive_bytes(socket: WebSocket) -> bytes:
    """The next message. Raises WebSocketDisconnect at the end, or upon text, which is its end."""
    return cast(bytes, await _receive(socket, "bytes"))


async def _receive(socket: WebSocket, kind: str) -> object:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000), message.get("reason"))
    content = message.get(kind)
    if content is None:
        await socket.close(_WRONG_KIND, f"expected {kind}")
        raise WebSocketDisconnect(_WRONG_KIND)
    return content


async def serve_socket(socket: WebSocket, role: Role, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work of an accepted WebSocket, and close it when the visitor loses the role."""
    if not await while_allowed(socket, role, work):
        await socket.close(SESSION_ENDED, "the session has ended")


class LastingResponse(StreamingResponse):
    """A stream without an end of its own, for as long as the visitor has the role."""

    def __init__(
        self, request: Request, role: Role, content: AsyncIterator[bytes], media_type: str
    ) -> None:
        super().__init__(content, media_type=media_type)
        self._request = request
        self._role = role

    async def stream_response(self, send: Send) -> None:
        async def stream() -> None:
            await super(LastingResponse, self).stream_response(send)

        if await while_allowed(self._request, self._role, stream):
            return
        with anyio.move_on_after(_GOODBYE_S):  # in vain to somebody who does not read
            await send({"type": "http.response.body", "body": b"", "more_body": False})
