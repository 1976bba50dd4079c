"""A page without a camera: frames are put in by the test."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import pytest
from starlette.testclient import TestClient

from edge_app.annotate import FaceAnnotator
from edge_app.broadcast import Broadcast
from edge_app.gallery import Gallery
from edge_app.sources import SourceState
from edge_app.state import State
from edge_app.status import KioskStatus
from edge_app.types import BBox, Emotion, Face, Frame, FrameResult, Identity
from edge_app.view import View
from edge_app.web.access import AccessFile
from edge_app.web.app import create_app
from edge_app.web.services import Services
from tests.edge_app.conftest import scene

T = TypeVar("T")

LOCAL = "http://127.0.0.1:8000"
PASSWORDS = {"viewer": "only to look at", "operator": "all of the buttons"}

ANA = Face(
    BBox(240, 160, 400, 320),
    1,
    Identity("Ana", 0.31, 0.42),
    Emotion("happy", {"happy": 0.8, "sad": 0.2}),
)


class StillKiosk:
    """Shows what ``show`` is given, and does at once what it is asked."""

    def __init__(self) -> None:
        self.views: Broadcast[View] = Broadcast()
        self.status = KioskStatus(SourceState("camera:0", "live"), 12.5, 40.0, 100, 0, ())
        self._index = 0

    def show(self, *faces: Face) -> None:
        frame = Frame(scene(1), self._index, time.monotonic())
        self._index += 1
        result = FrameResult(frame, faces)
        self.views.put(View(result, self.status, FaceAnnotator(), is_picture=True))

    def ask(self, do: Callable[[], T]) -> "Future[T]":
        answer: Future[T] = Future()
        answer.set_result(do())
        return answer


@pytest.fixture
def kiosk() -> StillKiosk:
    return StillKiosk()


@pytest.fixture
def services(kiosk: StillKiosk, tmp_path: Path) -> Iterator[Services]:
    with State(tmp_path) as state:
        yield Services(kiosk, Gallery(state), AccessFile(tmp_path), tmp_path / "uploads")


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
