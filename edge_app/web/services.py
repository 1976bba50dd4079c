"""What the pages stand on: the running kiosk, the people, the passwords."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar, cast

from starlette.requests import HTTPConnection

from edge_app.broadcast import Broadcast
from edge_app.gallery import Gallery
from edge_app.i18n import Language
from edge_app.status import KioskStatus
from edge_app.view import View
from edge_app.web.access import AccessFile
from edge_app.web.live import LiveViewers
from edge_app.web.lockout import Lockout

T = TypeVar("T")


class LiveKiosk(Protocol):
    """The part of ``kiosk.Kiosk`` that the pages use."""

    views: Broadcast[View]

    @property
    def status(self) -> KioskStatus: ...

    def ask(self, do: Callable[[], T]) -> "Future[T]":
        """Have the kiosk's loop call ``do`` between two frames."""
        ...


@dataclass
class Services:
    """One per server; every request reaches it through ``services_of``.

    work: folder for uploads, emptied at every start. root_path: prefix of a proxy that does not say
    it itself. notice: whether the kiosk's screen says that people are being recognised.
    """

    kiosk: LiveKiosk
    gallery: Gallery
    access: AccessFile
    work: Path
    language: Language = "es"
    notice: bool = True
    root_path: str = ""
    lockout: Lockout = field(default_factory=Lockout)
    login_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    viewers: LiveViewers = field(init=False)

    def __post_init__(self) -> None:
        self.viewers = LiveViewers(self.kiosk.views)


def services_of(connection: HTTPConnection) -> Services:
    """Those of the server that was asked."""
    return cast(Services, connection.app.state.services)
