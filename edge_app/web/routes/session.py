"""Login, logout and the choice of a language."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from edge_app.core.i18n import Language
from edge_app.web.pages import LANGUAGE_COOKIE, page
from edge_app.web.security.access import MAX_PASSWORD_LENGTH
from edge_app.web.security.guard import COOKIE_S
from edge_app.web.security.users import (
    ServicesDep,
    is_on_this_machine,
    sign_in,
    sign_out,
    user_of,
)

router = APIRouter(include_in_schema=False)

_YEAR_S = 365 * 24 * 3600


@router.get("/login")
def show_login(request: Request, next: str = "/") -> Response:  # noqa: A002  # name in the address
    return page(request, "login.html", next=_own_path(next), wait_s=0, wrong=False)


@router.post("/login")
async def log_in(
    request: Request,
    services: ServicesDep,
    password: Annotated[str, Form(max_length=MAX_PASSWORD_LENGTH)] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002  # name of the field
) -> Response:
    """One password is tried at a time, so that guessing can take no more than one core."""
    address = request.client.host if request.client else ""
    access = services.access.read()
    async with services.login_turn:
        wait_s = services.lockout.wait_s(address)
        if wait_s:
            answer = page(
                request, "login.html", 429, next=_own_path(next), wait_s=round(wait_s), wrong=False
            )
            answer.headers["Retry-After"] = str(round(wait_s) + 1)
            return answer
        role = await run_in_threadpool(access.role_of_password, password)
        if role is None:
            services.lockout.failed(address)
        else:
            services.lockout.succeeded(address)
    if role is None:
        return page(request, "login.html", 401, next=_own_path(next), wait_s=0, wrong=True)
    sign_in(request, access, role)
    return _redirect(request, _own_path(next))


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """Ends the session everywhere; pictures that are open go dark within a second."""
    sign_out(request)
    return _redirect(request, "/login" if user_of(request).role is None else "/")


@router.post("/language")
def choose_language(
    request: Request,
    language: Annotated[Language, Form()],
    next: Annotated[str, Form()] = "/",  # noqa: A002  # name of the field
) -> Response:
    answer = _redirect(request, _own_path(next))
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_S, samesite="lax", httponly=True)
    return answer


@router.get("/display")
def open_display(request: Request, services: ServicesDep, key: Annotated[str, Query()]) -> Response:
    """Where the kiosk's own browser starts: it has no keyboard to log in with, now or later.

    The key is of use on this machine alone. Signed in even while there is no password, the screen
    goes on when an operator's is set.
    """
    access = services.access.read()
    if is_on_this_machine(request) and access.is_display_key(key):
        sign_in(request, access, "viewer", COOKIE_S)
    return _redirect(request, "/kiosk")


def _own_path(wanted: str) -> str:
    """A path of this site; the front page in place of anything that leads elsewhere."""
    try:
        parts = urlsplit(wanted)
    except ValueError:  # half an IPv6 address
        return "/"
    leads_elsewhere = parts.scheme or parts.netloc or "\\" in wanted
    return "/" if leads_elsewhere or not wanted.startswith("/") else wanted


def _redirect(request: Request, path: str) -> RedirectResponse:
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", 303)
