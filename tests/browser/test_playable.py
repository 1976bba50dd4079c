"""A real browser plays what `annotate` writes."""

import functools
import http.server
import threading
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from edge_app.bundle import loader
from edge_app.core.progress import SILENT
from edge_app.media import annotate
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.sources import VideoSource
from edge_app.media.video_writer import VideoWriter
from edge_app.samples.faces import drawn_face, tinted
from edge_app.vision.parts import build_pipeline

_PLAY = """
address => new Promise(done => {
  const video = document.createElement('video');
  video.muted = true;
  video.onerror = () => done({error: video.error.message});
  video.onended = () => done({width: video.videoWidth, height: video.videoHeight,
                              seconds: video.currentTime});
  video.src = address;
  document.body.append(video);
  video.play().catch(error => done({error: String(error)}));
})
"""


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of a server of ``tmp_path`` on loopback."""
    (tmp_path / "index.html").write_text("<!doctype html><title>play</title><body></body>")
    handler = functools.partial(_Handler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("name", "size"), [("even.mp4", (320, 240)), ("odd.mp4", (321, 241)), ("clip.webm", (320, 240))]
)
def test_annotated_video_plays_to_its_end(
    browser: Browser, site: str, tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    clip = tmp_path / f"input-{name}"
    picture = np.full((size[1], size[0], 3), 80, np.uint8)
    picture[20:200, 60:240] = tinted(drawn_face(3, side=180))
    with VideoWriter(clip, size=size, rate=Fraction(20)) as writer:
        for index in range(20):
            writer.write(picture, index / 20)
        writer.finish()
    build = partial(build_pipeline, loader.load())
    annotate.annotate_source(VideoSource(clip), tmp_path / name, build, FaceAnnotator(), SILENT)

    page = browser.new_page()
    page.goto(f"{site}/index.html")
    played = page.evaluate(_PLAY, f"{site}/{name}")
    page.close()

    assert (played.get("width"), played.get("height")) == size, played
    assert played["seconds"] == pytest.approx(1.0, abs=0.15)
