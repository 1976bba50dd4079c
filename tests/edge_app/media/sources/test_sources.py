import http.server
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from edge_app.core.errors import CameraError, InputError, InputMissingError
from edge_app.media.photo import write_photo
from edge_app.media.sources import CameraSource, PhotoSource, StreamSource, VideoSource, open_source
from edge_app.media.video_writer import VideoWriter

GREY = np.full((48, 64, 3), 90, np.uint8)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Three seconds, 20 frames a second."""
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, size=(64, 48), rate=Fraction(20)) as video:
        for index in range(60):
            noise = np.random.default_rng(index).integers(0, 256, GREY.shape, dtype=np.uint8)
            video.write(noise, index / 20)
        video.finish()
    return path


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("camera:0", CameraSource),
        ("http://192.0.2.1:4747/video", StreamSource),
        ("HTTPS://example.org/a", StreamSource),
        ("rtsp://192.0.2.1/stream", StreamSource),
        ("rtsps://192.0.2.1/stream", StreamSource),
    ],
)
def test_what_the_argument_names_is_not_opened_before_it_is_read(text: str, kind: type) -> None:
    source = open_source(text)

    assert isinstance(source, kind)
    assert source.name == text


def test_a_folder_gives_its_photos_in_order(tmp_path: Path) -> None:
    for index, name in enumerate(("b.png", "a.png")):
        write_photo(tmp_path / name, np.full((4, 4, 3), 100 * index, np.uint8))

    source = open_source(str(tmp_path))

    assert isinstance(source, PhotoSource)
    assert [int(frame.image.mean()) for frame in source] == [100, 0]
    assert [frame.index for frame in source] == [0, 1]


def test_a_folder_without_photos(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a folder with photos, found none"):
        open_source(str(tmp_path))


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="no such file or folder"):
        open_source(str(tmp_path / "film.mp4"))


def test_a_video_knows_its_rate_size_and_length(clip: Path) -> None:
    with VideoSource(clip) as source:
        assert source.rate == Fraction(20)
        assert (source.size, source.frame_count) == ((64, 48), 60)
        assert [frame.index for frame in source] == list(range(60))


def test_a_video_is_turned_as_its_file_says(clip: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    _copy_with_rotation(clip, turned, 90)

    with VideoSource(clip) as upright, VideoSource(turned) as source:
        assert source.size == (48, 64)
        expected = np.rot90(next(iter(upright)).image, 1)
        np.testing.assert_array_equal(next(iter(source)).image, expected)


def _copy_with_rotation(source: Path, target: Path, degrees: int) -> None:
    """The same file with the matrix of a phone that was held upright in its track header."""
    data = bytearray(source.read_bytes())
    plain = np.array([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000], dtype=">i4").tobytes()
    turn = np.array([0, -0x10000, 0, 0x10000, 0, 0, 0, 0, 0x40000000], dtype=">i4").tobytes()
    assert degrees == 90
    where = data.index(plain, data.index(b"tkhd"))
    data[where : where + len(plain)] = turn
    target.write_bytes(data)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found an empty file"),
        (b"letters and no film at all" * 40, "expected a photo or a whole video"),
    ],
)
def test_what_is_no_video(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)

    with pytest.raises(InputError, match=message), VideoSource(path):
        pass


def test_a_video_that_was_cut_short_gives_its_frames_and_then_says_so(clip: Path) -> None:
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 2 // 5])
    frames = []

    with VideoSource(clip) as source, pytest.raises(InputError, match=r"cut short|damaged"):
        for frame in source:
            frames.append(frame.index)

    assert 10 < len(frames) < 60


def _film(path: Path, *, sound_s: float = 0.0, last_s: float = 0.05) -> Path:
    """Forty pictures, twenty a second, the last one held, and ``sound_s`` seconds of silence."""
    tick = Fraction(1, 1000)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libvpx-vp9" if path.suffix == ".webm" else "libx264", rate=20
        )
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = tick
        packets: list[av.Packet[Any]] = []
        for index in range(40):
            noise = np.random.default_rng(index).integers(0, 256, GREY.shape, dtype=np.uint8)
            picture = av.VideoFrame.from_ndarray(noise, format="bgr24")
            picture.pts, picture.time_base, picture.duration = 50 * index, tick, 50
            packets += stream.encode(picture)
        packets += stream.encode(None)
        max(packets, key=lambda packet: packet.pts or 0).duration = round(last_s / tick)
        if sound_s:
            sound = container.add_stream(
                "libopus" if path.suffix == ".webm" else "aac", rate=48_000
            )
            assert isinstance(sound, av.AudioStream)
            wave = np.zeros((1, round(48_000 * sound_s)), np.float32)
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 48_000, 0
            packets += [*sound.encode(frame), *sound.encode(None)]
        container.mux(sorted(packets, key=lambda packet: (packet.dts or 0) * packet.time_base))
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
@pytest.mark.parametrize("how", [{"sound_s": 5.0}, {"last_s": 4.0}])
def test_a_whole_video_is_no_cut_one(tmp_path: Path, suffix: str, how: dict[str, float]) -> None:
    with VideoSource(_film(tmp_path / f"film{suffix}", **how)) as source:
        assert len(list(source)) == 40


@pytest.mark.parametrize("how", [{}, {"sound_s": 5.0}, {"last_s": 4.0}])
@pytest.mark.parametrize("suffix", [".mkv", ".webm"])
def test_a_matroska_file_that_was_cut_short_is_found_out(
    tmp_path: Path, suffix: str, how: dict[str, float]
) -> None:
    film = _film(tmp_path / f"film{suffix}", **how)
    film.write_bytes(film.read_bytes()[: film.stat().st_size * 2 // 5])

    with VideoSource(film) as source, pytest.raises(InputError, match="cut short"):
        list(source)


def test_a_file_with_sound_only_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000)
        wave = np.zeros((1, 16_000), np.float32)
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate = 16_000
        container.mux([*stream.encode(frame), *stream.encode(None)])

    with pytest.raises(InputError, match="a file without pictures"), VideoSource(path):
        pass


def test_a_video_without_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "empty.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()

    with pytest.raises(InputError, match=r"without any frame|whole video"), VideoSource(path):
        pass


def test_a_camera_that_is_not_there() -> None:
    with pytest.raises(CameraError, match="camera:97: expected a camera"), CameraSource(97):
        pass


class _FakeCapture:
    """Three frames, then nothing, as an unplugged camera."""

    def __init__(self, index: int) -> None:
        self.left = 3
        self.released = False
        _FakeCapture.last = self

    last: "_FakeCapture"

    def isOpened(self) -> bool:  # noqa: N802  # OpenCV's name
        return True

    def read(self) -> tuple[bool, object]:
        self.left -= 1
        return (True, GREY) if self.left >= 0 else (False, None)

    def release(self) -> None:
        self.released = True


def test_an_unplugged_camera_is_an_error_and_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", _FakeCapture)
    frames = []

    with CameraSource(0) as source, pytest.raises(CameraError, match="stopped giving frames"):
        for frame in source:
            frames.append(frame)

    assert frames
    assert frames[-1].index == 2
    assert _FakeCapture.last.released


class _Phone(http.server.BaseHTTPRequestHandler):
    """Ten JPEG frames as multipart/x-mixed-replace, as a phone's camera app sends them."""

    def do_GET(self) -> None:  # the base's name
        if self.path != "/video":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        jpeg = cv2.imencode(".jpg", GREY)[1].tobytes()
        header = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
        for _ in range(10):
            self.wfile.write(b"--frame\r\n" + header + jpeg + b"\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        pass


@pytest.fixture
def phone() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Phone) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_the_stream_of_a_phone(phone: str) -> None:
    with StreamSource(f"{phone}/video") as source:
        frame = next(iter(source))

    assert frame.image.shape == GREY.shape
    assert frame.image.mean() == pytest.approx(90, abs=3)


def test_a_stream_that_is_not_there(phone: str) -> None:
    with (
        pytest.raises(CameraError, match="expected a video stream, found none"),
        StreamSource(f"{phone}/other"),
    ):
        pass
