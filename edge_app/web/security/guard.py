"""What stands before every page: the proxy's prefix, headers, size limits, sessions, origins.

Plain ASGI, so that streams and WebSockets pass through unbuffered.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
COOKIE_S = 400 * 24 * 3600
"""Seconds that a browser keeps a cookie at most; the session inside may end earlier."""
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def is_forwarded(headers: Headers) -> bool:
    """Whether the request came through a proxy or tunnel, and so perhaps from anywhere."""
    return any(name in headers for name in _FORWARDED)


class ProxyPrefix:
    """Sets the path prefix that a proxy took away, so that links lead back through the proxy.

    The proxy says it in X-Forwarded-Prefix. default: for proxies that say nothing; requests that
    came through none have no prefix.
    """

    def __init__(self, app: ASGIApp, default: str = "") -> None:
        self._app = app
        self._default = default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            default = self._default if is_forwarded(headers) else ""
            prefix = headers.get("x-forwarded-prefix", default).rstrip("/")
            if prefix and _PREFIX.fullmatch(prefix):
                scope = {**scope, "root_path": prefix, "path": prefix + scope["path"]}
        await self._app(scope, receive, send)


class SecurityHeaders:
    """Adds SECURITY_HEADERS to every answer; nothing but static files may be kept by a browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses a body before it fills memory or disk.

    limits: the largest body in bytes for each path ending; other paths may have ``default``.
    """

    def __init__(self, app: ASGIApp, default: int, limits: Iterable[tuple[str, int]] = ()) -> None:
        self._app = app
        self._default = default
        self._limits = tuple(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        limit = next((size for end, size in self._limits if path.endswith(end)), self._default)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(413, _too_large(limit))(scope, receive, send)
            return
        left = limit

        async def receive_at_most() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:  # passes through whatever reads the body, up to the handler of errors
                raise HTTPException(413, _too_large(limit))
            return message

        await self._app(scope, receive_at_most, send)


def _too_large(limit: int) -> str:
    return f"expected at most {limit / 1e6:.0f} MB, found more; send a smaller file"


class Sessions:
    """Signed cookies of the same site; those set over HTTPS never travel over HTTP."""

    def __init__(self, app: ASGIApp, secret: str) -> None:
        def middleware(name: str, secure: bool) -> SessionMiddleware:
            return SessionMiddleware(
                app,
                secret,
                session_cookie=name,
                max_age=COOKIE_S,
                same_site="lax",
                https_only=secure,
            )

        self._plain = middleware("reconocias", False)
        self._secure = middleware("__Host-reconocias", True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        secure = scope.get("scheme") in ("https", "wss")
        await (self._secure if secure else self._plain)(scope, receive, send)


class SameOrigin:
    """Refuses what another site's page would have this browser do (CSRF and its WebSocket kin).

    Browsers send Origin with every unsafe request and every WebSocket, and Sec-Fetch-Site where the
    connection is trustworthy; programs send neither and hold no cookie. See docs/decisions/0020.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS:
            headers = Headers(scope=scope)
            if not is_same_origin(headers):
                await _refuse(403, _FOREIGN)(scope, receive, send)
                return
        elif scope["type"] == "websocket" and not is_same_origin(Headers(scope=scope)):
            await receive()
            await send({"type": "websocket.close", "code": 4403})
            return
        await self._app(scope, receive, send)


_FOREIGN = (
    "expected a request of this site's own page, found one of another site; "
    "a proxy in between has to pass the Host header on"
)


def is_same_origin(headers: Headers) -> bool:
    """Whether the request is of this site's own page, or of a program that is no browser."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == headers.get("host", "")
    except ValueError:  # half an IPv6 address
        return False


def _refuse(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status)
