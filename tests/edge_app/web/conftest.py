"""A page without a camera: frames are put in by the test."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from edge_app.bundle.loader import Bundle
from edge_app.core.mailbox import Mailbox
from edge_app.core.types import BBox, Detection, Emotion, Face, Frame, FrameResult, Identity
from edge_app.kiosk.recorder import save_snapshot
from edge_app.kiosk.settings import Settings
from edge_app.kiosk.status import KioskStatus
from edge_app.kiosk.view import View
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.sources import PhoneLink, SourceState
from edge_app.updates.store import BundleStore, Installed
from edge_app.vision.parts import RecognitionSettings
from edge_app.vision.recognition.identifier import FaceSpace
from edge_app.web.app import create_app
from edge_app.web.services import Services, open_services
from tests.edge_app.conftest import scene
from tests.embedded import strange_space

LOCAL = "http://127.0.0.1:8000"
PASSWORDS = {"viewer": "only to look at", "operator": "all of the buttons"}

HAAR = RecognitionSettings(detector="haar")
"""Finds drawn people."""
ANA = Face(
    Detection(BBox(240, 160, 400, 320), 9.0),
    1,
    Identity("Ana", 0.31, 0.42),
    Emotion("happy", {"happy": 0.8, "sad": 0.2}),
)


class StillKiosk:
    """Shows what ``show`` is given."""

    def __init__(self) -> None:
        self.views: Mailbox[View] = Mailbox()
        self.status = KioskStatus(SourceState("camera:0", "live"), 12.5, 40.0, 100, 0, ())
        self._index = 0
        self._picture = scene(1)

    def show(self, *faces: Face) -> None:
        frame = Frame(self._picture, self._index, time.monotonic())
        self._index += 1
        result = FrameResult(frame, faces)
        self.views.put(View(result, self.status, FaceAnnotator(), is_picture=True))


@dataclass
class StillControls:
    """Notes what it is asked for."""

    bundle: Bundle
    folder: Path
    kiosk: StillKiosk = field(default_factory=StillKiosk)
    settings: Settings = field(default_factory=lambda: Settings(recognition=HAAR))
    faces: FaceSpace = field(default_factory=strange_space)
    phone: PhoneLink | None = None
    asked: list[str] = field(default_factory=list)

    def space(self) -> FaceSpace:
        return self.faces

    def enrol(self, name: str | None = None) -> None:
        self.asked.append(f"enrol {name}")

    def cancel(self) -> None:
        self.asked.append("cancel")

    def people_changed(self) -> None:
        self.asked.append("people changed")

    def snapshot(self) -> Path:
        return save_snapshot(self.kiosk.views.newest, self.folder / "snapshots", 1 << 20)

    def change(self, settings: Settings) -> None:
        self.settings = settings

    def roll_back(self, store: BundleStore) -> Installed:
        installed = store.rollback()
        bundle = store.load_current()
        assert bundle is not None
        self.bundle = bundle
        return installed


@pytest.fixture
def controls(bundle: Bundle, tmp_path: Path) -> StillControls:
    return StillControls(bundle, tmp_path)


@pytest.fixture
def kiosk(controls: StillControls) -> StillKiosk:
    return controls.kiosk


@pytest.fixture
def services(controls: StillControls, tmp_path: Path) -> Iterator[Services]:
    with open_services(controls, BundleStore(tmp_path / "store")) as services:
        yield services


def client_of(services: Services, *, host: str = "127.0.0.1") -> TestClient:
    return TestClient(
        create_app(services), LOCAL, client=(host, 50000), follow_redirects=False
    )  # fmt: skip


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    """A browser on the same machine; no password is set."""
    with client_of(services) as client:
        yield client


@pytest.fixture
def protected(services: Services) -> Services:
    """With a password for each role."""
    services.access.set_password("viewer", PASSWORDS["viewer"])
    services.access.set_password("operator", PASSWORDS["operator"])
    return services
