"""The web application: guards, routes and how errors are answered."""

from types import ModuleType
from typing import cast

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.middleware import Middleware
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from edge_app import __version__
from edge_app.core.errors import OutputError, ReconociasError
from edge_app.web.doubtful import DoubtfulFaceError, answer_doubtful_face
from edge_app.web.pages import STATIC, Link, page
from edge_app.web.routes import (
    annotations,
    enrolment,
    events,
    health,
    live,
    people,
    phone,
    reference,
    rejections,
    session,
    settings,
    unknown,
)
from edge_app.web.security.guard import (
    BodyLimit,
    ProxyPrefix,
    SameOrigin,
    SecurityHeaders,
    Sessions,
)
from edge_app.web.services import Services
from edge_app.web.uploads.receiving import MAX_PHOTO_BYTES, MAX_VIDEO_BYTES

_BODY_LIMIT = 64 * 1024
_BODY_LIMITS = (
    ("/api/annotations", MAX_VIDEO_BYTES),
    ("/api/people", MAX_PHOTO_BYTES),
    ("/photos", MAX_PHOTO_BYTES),
)
_ROUTES: dict[ModuleType, Link | None] = {
    health: None,
    session: None,
    live: Link("/", "live", "viewer"),
    people: Link("/people", "people", "operator"),
    rejections: None,
    unknown: None,
    enrolment: None,
    phone: Link("/phone", "phone", "viewer"),
    annotations: Link("/annotate", "upload", "operator"),
    events: Link("/events", "events", "viewer"),
    settings: Link("/settings", "settings", "operator"),
    reference: None,
}
"""Every module of addresses, and its place in the navigation where it has one, in that order."""


def create_app(services: Services) -> FastAPI:
    """The application of one running kiosk. Raises StateError for a damaged file of passwords."""
    app = FastAPI(
        title="ReconocIAs",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(ProxyPrefix, default=services.settings.web.root_path),
            Middleware(SecurityHeaders),
            Middleware(SameOrigin),
            Middleware(BodyLimit, default=_BODY_LIMIT, limits=_BODY_LIMITS),
            Middleware(Sessions, secret=services.access.read().secret),
        ],
        exception_handlers={
            HTTPException: _answer_http_error,
            DoubtfulFaceError: answer_doubtful_face,
            RequestValidationError: _answer_invalid,
            ReconociasError: _answer_error,
            ClientDisconnect: _answer_nobody,
        },
    )
    app.state.services = services
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.state.navigation = [link for link in _ROUTES.values() if link]
    for module in _ROUTES:
        app.include_router(module.router)
    return app


_DESCRIPTION = (
    "Everything that the pages do. Scripts send `Authorization: Bearer TOKEN` with a token of "
    "`reconocias web token`; a viewer's token reads, an operator's also changes things."
)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and request.method == "GET"


async def _answer_http_error(request: Request, error: Exception) -> Response:
    """A browser is sent to the login or shown a page, a program is told in JSON."""
    known = cast(HTTPException, error)
    if not _wants_page(request):
        return JSONResponse({"detail": known.detail}, known.status_code, known.headers)
    root = request.scope.get("root_path", "")
    if known.status_code == 401:
        wanted = request.scope["path"].removeprefix(root)
        return RedirectResponse(f"{root}/login?next={wanted}", 303)
    return page(
        request, "error.html", known.status_code, status=known.status_code, detail=known.detail
    )


async def _answer_invalid(request: Request, error: Exception) -> Response:
    invalid = cast(RequestValidationError, error)
    details = [{"where": e["loc"], "problem": e["msg"]} for e in invalid.errors()]
    return JSONResponse({"detail": jsonable_encoder(details)}, 422)


async def _answer_error(request: Request, error: Exception) -> Response:
    """What the user can put right; 507 where the disk is the reason."""
    status = 507 if isinstance(error, OutputError) else 409
    return JSONResponse({"detail": str(error)}, status)


async def _answer_nobody(request: Request, error: Exception) -> Response:
    """Who sent half a body and hung up hears nothing; nor is it anything for the log."""
    return Response(status_code=400)
