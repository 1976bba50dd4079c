import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from edge_app.cli.doctor import examine
from edge_app.cli.main import app
from edge_app.core.errors import CameraError, InputMissingError
from edge_app.core.types import ColorImage
from edge_app.media.photo import write_photo
from edge_app.media.sources import (
    KINDS,
    CameraSettings,
    CameraSource,
    Device,
    Kind,
    LoopedVideo,
    PatternSource,
    PhoneLink,
    PhoneSource,
    PiCameraSource,
    Slideshow,
    SourceSettings,
    StreamSource,
    inputs,
    live_source,
    open_source,
)
from edge_app.media.sources.correction import correction
from edge_app.media.sources.pattern import PatternScene
from edge_app.media.sources.stream import without_password
from edge_app.media.video_writer import VideoWriter


def settings(text: str, **others: Any) -> SourceSettings:
    return SourceSettings(input=text, **others)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("camera:3", CameraSource),
        ("picamera", PiCameraSource),
        ("picamera:1", PiCameraSource),
        ("http://host/video", StreamSource),
        ("rtsp://host/video", StreamSource),
        ("rtsps://host/video", StreamSource),
        ("pattern", PatternSource),
        ("/nowhere/clip.mp4", LoopedVideo),
    ],
)
def test_the_text_says_which_source(text: str, kind: type) -> None:
    assert isinstance(live_source(settings(text))(), kind)


def test_a_phone_takes_the_place_of_what_the_text_says() -> None:
    assert isinstance(live_source(settings("phone"), PhoneLink())(), PhoneSource)


def test_what_only_begins_like_a_source_is_a_path() -> None:
    for text in ("camera:", "camera:1a", "picamera:", "xpattern", "ftp://host/video"):
        assert isinstance(live_source(settings(text))(), LoopedVideo)


def test_a_source_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = Kind(
        "a camera of a test",
        r"fake:(\d+)",
        lambda match, wanted: CameraSource(int(match[1]) + 90, wanted),
        lambda: [Device("fake:0", True, "gives frames")],
    )
    monkeypatch.setitem(KINDS, "fake:N", kind)

    assert open_source("fake:7").name == "camera:97"
    assert live_source(settings("fake:8"))().name == "camera:98"
    assert ("fake:N", "a camera of a test") in inputs()
    with pytest.raises(InputMissingError, match=r"or give one of .*fake:N"):
        open_source("fak:0")
    for command in (["annotate"], ["run"], ["serve"], ["people", "add"]):
        said = CliRunner().invoke(app, [*command, "--help"]).output
        assert "fake:N" in said and "a camera of a test" in said
    found = {finding.what: finding for finding in examine()}["fake:0"]
    assert found.ok and not found.required and found.detail == "gives frames"


def test_a_path_that_is_not_there_is_an_error_for_annotate_only() -> None:
    with pytest.raises(InputMissingError):
        open_source("/nowhere/clip.mp4")
    with pytest.raises(CameraError, match="no such file"):
        next(live_source(settings("/nowhere/clip.mp4"))().grab())


def clip(path: Path) -> Path:
    with VideoWriter(path, size=(32, 24), rate=Fraction(50)) as video:
        for index in range(5):
            video.write(np.full((24, 32, 3), index * 40, np.uint8), index / 50)
        video.finish()
    return path


def test_a_video_loops_and_its_frames_are_numbered_on(tmp_path: Path) -> None:
    frames = LoopedVideo(clip(tmp_path / "clip.mp4"), loop=True).grab()
    seen = [next(frames) for _ in range(12)]
    assert [frame.index for frame in seen] == list(range(12))
    assert seen[-1].captured_at - seen[0].captured_at > 0.1  # at the pace of the file


def test_a_video_ends_where_it_is_not_to_loop(tmp_path: Path) -> None:
    video = LoopedVideo(clip(tmp_path / "clip.mp4"), loop=False)
    assert len(list(video.grab())) == 5
    assert not video.comes_back


def test_a_folder_is_shown_photo_by_photo_without_the_damaged(tmp_path: Path) -> None:
    for shade, name in enumerate(("a.png", "b.png")):
        write_photo(tmp_path / name, np.full((4, 4, 3), shade * 100, np.uint8))
    (tmp_path / "aa.png").write_bytes(b"no picture")
    frames = Slideshow(tmp_path, photo_s=0.02, rate=100).grab()
    shades = [int(next(frames).image[0, 0, 0]) for _ in range(6)]
    assert shades == [0, 0, 100, 100, 0, 0]


def test_a_folder_without_photos_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="expected a folder with photos"):
        next(Slideshow(tmp_path, photo_s=1, rate=1).grab())


class FakePicamera2:
    """The calls of picamera2.Picamera2 that are used; gives BGR for "RGB888", as the real one."""

    busy = False
    opened: "list[FakePicamera2]" = []  # noqa: RUF012  # what the test looks at

    def __init__(self, number: int) -> None:
        if FakePicamera2.busy:
            raise RuntimeError("Failed to acquire camera: Device or resource busy")
        self.number, self.closed, self.started, self.stalled = number, False, False, False
        self.configuration: dict[str, Any] = {}
        FakePicamera2.opened.append(self)

    def create_video_configuration(self, **configuration: Any) -> dict[str, Any]:
        return configuration

    def configure(self, configuration: dict[str, Any]) -> None:
        self.configuration = configuration

    def start(self) -> None:
        self.started = True

    def capture_array(self, name: str) -> ColorImage:
        assert self.started and name == "main"
        if self.stalled:
            raise TimeoutError("camera frontend has timed out")
        width, height = self.configuration["main"]["size"]
        image = np.zeros((height, width, 3), np.uint8)
        image[..., 2 if self.configuration["main"]["format"] == "RGB888" else 0] = 255  # red
        return image

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def picamera2(monkeypatch: pytest.MonkeyPatch) -> type[FakePicamera2]:
    monkeypatch.setitem(sys.modules, "picamera2", SimpleNamespace(Picamera2=FakePicamera2))
    monkeypatch.setattr(FakePicamera2, "busy", False)
    monkeypatch.setattr(FakePicamera2, "opened", [])
    return FakePicamera2


def test_pi_camera_gives_bgr_of_the_wanted_size_and_is_closed(
    picamera2: type[FakePicamera2],
) -> None:
    with PiCameraSource(1, CameraSettings(width=64, height=48, rate=10.0)) as source:
        frame = next(source.grab())
    assert frame.image.shape == (48, 64, 3)
    assert frame.image[0, 0].tolist() == [0, 0, 255]
    camera = picamera2.opened[0]
    assert camera.number == 1 and camera.closed
    assert camera.configuration["controls"] == {"FrameRate": 10.0}


def test_pi_camera_that_is_busy_or_stops_is_a_camera_error(
    picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    with PiCameraSource(0, CameraSettings(width=64, height=48)) as source:
        frames = source.grab()
        next(frames)
        picamera2.opened[0].stalled = True
        with pytest.raises(CameraError, match="timed out"):
            next(frames)
    monkeypatch.setattr(FakePicamera2, "busy", True)
    with pytest.raises(CameraError, match="busy"), PiCameraSource():
        pass


def test_without_picamera2_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match="apt install python3-picamera2"), PiCameraSource():
        pass


def test_a_camera_that_is_not_there_is_a_camera_error() -> None:
    with pytest.raises(CameraError, match="camera:97"), CameraSource(97):
        pass


def test_a_stream_that_is_not_there_is_a_camera_error() -> None:
    with (
        pytest.raises(CameraError, match="expected a video stream"),
        StreamSource("http://127.0.0.1:1/video"),
    ):
        pass


def test_a_password_in_the_address_is_neither_shown_nor_logged() -> None:
    source = StreamSource("rtsp://ana:secret@127.0.0.1:1/a")
    assert source.name == "rtsp://127.0.0.1:1/a"
    with pytest.raises(CameraError) as caught, source:
        pass
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://admin:p@ss@10.0.0.5/s", "rtsp://10.0.0.5/s"),
        ("rtsp://u:a/b@cam/1", "rtsp://cam/1"),
        ("HTTP://admin@host:8080/video", "HTTP://host:8080/video"),
        ("http://host/video.cgi?user=admin&pwd=secret", "http://host/video.cgi"),
        ("http://a:b@host/video.cgi?pwd=secret#c", "http://host/video.cgi"),
        ("http://host/video.cgi?user=admin&pwd=p@ss", "http://..."),
        ("rtsp://u:a?b@cam/1", "rtsp://..."),
        ("rtsp://u:a#b@cam/1", "rtsp://..."),
        ("http://host/video", "http://host/video"),
        ("camera:0", "camera:0"),
        ("/media//who?@home.mp4", "/media//who?@home.mp4"),
    ],
)
def test_of_an_address_scheme_host_and_path_are_shown(address: str, shown: str) -> None:
    assert without_password(address) == shown


def test_corrections() -> None:
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    assert correction() is None
    turned, mirrored, swapped = (
        correction(turn=90),
        correction(mirror=True),
        correction(swap_red_blue=True),
    )
    assert turned and mirrored and swapped
    assert np.array_equal(turned(image), np.rot90(image, -1))
    assert np.array_equal(mirrored(image), image[:, ::-1])
    assert np.array_equal(swapped(image), image[..., ::-1])


@pytest.mark.parametrize("faces", [1, 2, 10])
def test_the_pattern_shows_faces_that_move(faces: int) -> None:
    scene = PatternScene(faces)
    assert scene.at(0.0).shape == (480, 640, 3)
    assert not np.array_equal(scene.at(0.0), scene.at(0.5))
