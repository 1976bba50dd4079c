"""Debian's Chromium, driven by Playwright."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from edge_app.media.video_writer import VideoWriter
from edge_app.storage.events import EmotionSpan, EventLog, Visit
from edge_app.storage.gallery import Gallery, NewSample
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from edge_app.web.security.access import AccessFile
from tests.edge_app.conftest import scene, shifted
from tests.stored import new_sample
from tests.tools import require_tool

expect.set_options(timeout=20_000)
"""A busy machine is no mistake of the page; what holds is seen at once."""

ARTEFACTS = Path(os.environ.get("RECONOCIAS_ARTEFACTS", "artefacts"))
"""Where screenshots are kept."""

PEOPLE = (1, 3)
"""Seeds of the drawn people before the camera."""

CLIP_RATE = 4
"""Pictures a second: enough to be live, and little work for who recognises them."""

CALLER = 7
"""Seed of the one before the browser's own camera."""


_numbers = count(1)


@dataclass(frozen=True)
class Site:
    address: str
    state: Path
    pid: int


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """Starts a Chromium with options, and with a camera that nobody has to allow."""
    executable = require_tool("chromium", "chromium")
    with sync_playwright() as playwright, ExitStack() as stack:

        def start(*options: str) -> Browser:
            args = [
                "--no-sandbox",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                *options,
            ]
            browser = playwright.chromium.launch(executable_path=executable, args=args)
            stack.callback(browser.close)
            return browser

        yield start


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Browser:
    """Its camera shows what Chromium draws itself: no face."""
    return launch()


@pytest.fixture(scope="module")
def facing(
    launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Its camera shows somebody drawn who moves their face slowly."""
    path = tmp_path_factory.mktemp("face") / "face.y4m"
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F5:1 Ip A1:1 C420jpeg\n")
        for index in range(10):
            picture = shifted(scene(CALLER, side=240), 8 * index, 0)
            file.write(b"FRAME\n" + cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).tobytes())
    browser = launch(f"--use-file-for-fake-video-capture={path}")
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawn people who sway, ten seconds: the camera of the tests."""
    path = tmp_path_factory.mktemp("camera") / "clip.mp4"
    picture = scene(*PEOPLE, side=200)
    with VideoWriter(path, size=(640, 480), rate=Fraction(CLIP_RATE)) as writer:
        for index in range(10 * CLIP_RATE):
            seconds = index / CLIP_RATE
            right = round(20 * math.sin(seconds * math.pi))
            writer.write(shifted(picture, right, 0), seconds)
        writer.finish()
    return path


@pytest.fixture
def start_site(clip: Path, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Starts a kiosk that looks at the clip, with options of `serve`; it ends with the test."""
    with ExitStack() as stack:

        def start(*options: str, password: str | None = None) -> Site:
            state = tmp_path / f"state-{next(_numbers)}"
            return stack.enter_context(running_site(clip, state, *options, password=password))

        yield start


@pytest.fixture(scope="module")
def site(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Open to this machine, as it is without a password."""
    with running_site(clip, tmp_path_factory.mktemp("state")) as site:
        yield site


@pytest.fixture
def nobody_stays(site: Site) -> Iterator[None]:
    """Whoever a test enrols there is gone after it, failed or not."""
    yield
    with State(site.state) as state:
        gallery = Gallery(state)
        for person in gallery.people():
            gallery.delete(person.id)


@pytest.fixture(scope="module")
def lived_in(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A kiosk with people, strangers and a day of events."""
    folder, now = tmp_path_factory.mktemp("state"), time.time()
    with running_site(clip, folder) as site, State(folder) as state:
        gallery = Gallery(state)
        for seed, name in enumerate(("Ana", "Íñigo", "María del Carmen Fernández de la Vega"), 20):
            gallery.enrol(name, drawn_samples(seed))
        for seed in (30, 31):
            UnknownPeople(state).see(drawn_samples(seed))
        numbers = [person.id for person in gallery.people()]
        EventLog(state).write([day_visit(key, numbers, now) for key in range(40)])
        yield site


def drawn_samples(seed: int) -> list[NewSample]:
    return [new_sample(seed, mood=mood, origin="upload") for mood in (-1, 0, 1)]


def day_visit(key: int, numbers: list[int], now: float) -> Visit:
    start = now - 80_000 + key * 1900
    labels = ("happy", "neutral", "surprise", "sad", "angry")
    spans = [
        EmotionSpan(labels[(key + place) % 5], start + 120 * place, start + 120 * (place + 1))
        for place in range(1 + key % 3)
    ]
    person_id = [*numbers, None][key % 4]
    return Visit(key, person_id, key, start, spans[-1].ended_at, tuple(spans), is_over=True)


@contextmanager
def running_site(
    source: Path | str,
    state: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    password: str | None = None,
) -> Iterator[Site]:
    """A kiosk of one's own. environment: added to this process's. password: of "operator"."""
    if password is not None:
        AccessFile(state).set_password("operator", password)
    command = [sys.executable, "-m", "edge_app", "serve", str(source), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--state", str(state), *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("the page is at "), line
        yield Site(line.removeprefix("the page is at ").strip(), state, process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=60)
