"""What the pages stand on: the running kiosk, the people, the passwords."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from starlette.requests import HTTPConnection

from edge_app.bundle.loader import Bundle
from edge_app.core.mailbox import Mailbox
from edge_app.kiosk.settings import Settings
from edge_app.kiosk.status import KioskStatus
from edge_app.kiosk.view import View
from edge_app.media.sources import PhoneLink
from edge_app.storage.events import EventLog
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from edge_app.updates.store import BundleStore, Installed
from edge_app.vision.recognition.identifier import FaceSpace
from edge_app.web.live.viewers import LiveViewers
from edge_app.web.pipelines import Pipelines
from edge_app.web.security.access import AccessFile
from edge_app.web.security.lockout import Lockout
from edge_app.web.security.revocation import RevokedSessions
from edge_app.web.uploads.queue import Annotations


class LiveKiosk(Protocol):
    """The part of ``kiosk.Kiosk`` that the pages use."""

    views: Mailbox[View]

    @property
    def status(self) -> KioskStatus: ...


class KioskControls(Protocol):
    """The part of ``controls.Controls`` that the pages use; see there."""

    @property
    def kiosk(self) -> LiveKiosk: ...

    @property
    def bundle(self) -> Bundle: ...

    @property
    def phone(self) -> PhoneLink | None: ...

    settings: Settings
    folder: Path

    def space(self) -> FaceSpace: ...

    def enrol(self, name: str | None = None) -> None: ...

    def cancel(self) -> None: ...

    def people_changed(self) -> None: ...

    def snapshot(self) -> Path: ...

    def change(self, settings: Settings) -> None: ...

    def roll_back(self, store: BundleStore) -> Installed: ...


@dataclass
class Services:
    """One per server; every request reaches it through ``services_of``."""

    controls: KioskControls
    gallery: Gallery
    unknown: UnknownPeople
    events: EventLog
    access: AccessFile
    store: BundleStore
    pipelines: Pipelines
    annotations: Annotations
    lockout: Lockout = field(default_factory=Lockout)
    login_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    revoked: RevokedSessions = field(default_factory=RevokedSessions)
    phones: int = 0
    """That lend their camera at present; belongs to the event loop."""
    viewers: LiveViewers = field(init=False)

    def __post_init__(self) -> None:
        self.viewers = LiveViewers(self.kiosk.views)

    @property
    def kiosk(self) -> LiveKiosk:
        return self.controls.kiosk

    @property
    def settings(self) -> Settings:
        """Those in use at present."""
        return self.controls.settings


@contextmanager
def open_services(controls: KioskControls, store: BundleStore) -> Iterator[Services]:
    """What the pages need; closed, and the uploads deleted, at the end of the ``with``.

    Raises StateError and OutputError where the device's state cannot be opened.
    """
    with State(controls.folder) as state:
        gallery = Gallery(state)
        pipelines = Pipelines(controls, gallery)
        with Annotations(controls.folder / "uploads", pipelines) as annotations:
            yield Services(
                controls,
                gallery,
                UnknownPeople(state),
                EventLog(state),
                AccessFile(controls.folder),
                store,
                pipelines,
                annotations,
            )


def services_of(connection: HTTPConnection) -> Services:
    """Those of the server that was asked."""
    return cast(Services, connection.app.state.services)
