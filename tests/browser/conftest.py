"""Debian's Chromium, driven by Playwright."""

import math
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from edge_app.video_writer import VideoWriter
from edge_app.web.access import AccessFile
from tests.edge_app.conftest import scene, shifted
from tests.tools import require_tool

ARTEFACTS = Path(os.environ.get("RECONOCIAS_ARTEFACTS", "artefacts"))
"""Where screenshots are kept."""

PEOPLE = (1, 3)
"""Seeds of the drawn people before the camera."""


@dataclass(frozen=True)
class Site:
    address: str
    state: Path
    pid: int


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """With a camera that Chromium draws itself and that nobody has to allow."""
    executable = require_tool("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=[
                "--no-sandbox",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawn people who sway, ten seconds: the camera of the tests."""
    path = tmp_path_factory.mktemp("camera") / "clip.mp4"
    picture = scene(*PEOPLE, side=200)
    with VideoWriter(path, size=(640, 480), rate=Fraction(10)) as writer:
        for index in range(100):
            right = round(20 * math.sin(index * math.pi / 10))
            writer.write(shifted(picture, right, 0), index / 10)
        writer.finish()
    return path


@pytest.fixture(scope="session")
def start_site(
    clip: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Site]]:
    """Starts `reconocias serve` with the clip as camera on a free port, with options."""
    with ExitStack() as stack:

        def start(*options: str, password: str | None = None) -> Site:
            state = tmp_path_factory.mktemp("state")
            if password is not None:
                AccessFile(state).set_password("operator", password)
            return stack.enter_context(running_site(clip, state, *options))

        yield start


@pytest.fixture(scope="session")
def site(start_site: Callable[..., Site]) -> Site:
    """Open to this machine, as it is without a password."""
    return start_site()


@contextmanager
def running_site(source: Path | str, state: Path, *options: str) -> Iterator[Site]:
    command = [sys.executable, "-m", "edge_app", "serve", str(source), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--state", str(state), *options], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("the page is at "), line
        yield Site(line.removeprefix("the page is at ").strip(), state, process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
