"""Who asks: the role of a request, and the dependencies by which routes demand one."""

import ipaddress
import secrets
import time
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from edge_app.web.security.access import ROLES, Access, Role
from edge_app.web.security.guard import is_forwarded
from edge_app.web.services import Services, services_of

_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})

SESSION_S = 7 * 24 * 3600
"""Seconds after which somebody has to log in again."""

NO_PASSWORD = (
    "no password is set, so this page is for a browser on the same machine alone; "
    "set one with `reconocias web password`"
)


@dataclass(frozen=True)
class WebUser:
    """role: None before the login. signed_in: by password, so that there is something to end."""

    role: Role | None
    signed_in: bool = False

    def may(self, role: Role) -> bool:
        return self.role is not None and ROLES.index(self.role) >= ROLES.index(role)


def user_of(connection: HTTPConnection) -> WebUser:
    """By token, by session, or, where no password is set, by being on the same machine."""
    access = services_of(connection).access.read()
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return WebUser(access.role_of_token(token.strip()))
    if not access.protected:
        return WebUser("operator" if is_local(connection) else None)
    session = connection.session
    role = session.get("role")
    if (
        role in ROLES
        and secrets.compare_digest(str(session.get("stamp")), access.stamp(role))
        and time.time() < session.get("until", 0.0)
        and session.get("id") not in services_of(connection).revoked
    ):
        return WebUser(role, signed_in=True)
    return WebUser(None)


def is_local(connection: HTTPConnection) -> bool:
    """Whether a browser on this machine asks directly.

    The Host header is looked at too: a site whose name was pointed at 127.0.0.1 is not local.
    """
    host = connection.headers.get("host", "").rsplit(":", 1)[0]
    return _is_loopback(connection) and host in _LOCAL_HOSTS


def is_on_this_machine(connection: HTTPConnection) -> bool:
    """Whether it comes from this machine, to whichever of its addresses the page listens on."""
    if connection.client is None or is_forwarded(connection.headers):
        return False
    server = connection.scope.get("server")
    to_itself = server is not None and server[0] == connection.client.host
    return to_itself or _is_loopback(connection)


def _is_loopback(connection: HTTPConnection) -> bool:
    if connection.client is None or is_forwarded(connection.headers):
        return False
    try:
        return ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        return False


def sign_in(
    connection: HTTPConnection, access: Access, role: Role, lasts_s: float = SESSION_S
) -> None:
    """Start a session anew, so that nothing of an earlier one is kept."""
    connection.session.clear()
    connection.session.update(
        role=role,
        stamp=access.stamp(role),
        id=secrets.token_urlsafe(12),
        until=time.time() + lasts_s,
    )


def sign_out(connection: HTTPConnection) -> None:
    """End the session: in this browser, in what it has open, and in any copy of its cookie."""
    session = connection.session
    if "id" in session:
        services_of(connection).revoked.add(session["id"], session["until"])
    session.clear()


class Needs:
    """A dependency that lets a role through, and answers others with 401 or 403."""

    def __init__(self, role: Role) -> None:
        self._role = role

    def __call__(self, connection: HTTPConnection) -> WebUser:
        user = user_of(connection)
        if user.may(self._role):
            return user
        if user.role is not None:
            raise HTTPException(403, f"expected the role {self._role}, found {user.role}")
        if not services_of(connection).access.read().protected:
            raise HTTPException(403, NO_PASSWORD)
        raise HTTPException(401, "expected a login or a token", {"WWW-Authenticate": "Bearer"})


viewer = Needs("viewer")
operator = Needs("operator")
ServicesDep = Annotated[Services, Depends(services_of)]
