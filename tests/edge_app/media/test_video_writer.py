from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from edge_app.core.errors import OutputError
from edge_app.media.sources import VideoSource
from edge_app.media.video_writer import VideoWriter, codec_for

SIZE = (64, 48)


def write(path: Path, *, size: tuple[int, int] = SIZE, frames: int = 10) -> None:
    with VideoWriter(path, size=size, rate=Fraction(10)) as video:
        for index in range(frames):
            video.write(np.full((size[1], size[0], 3), 20 * index, np.uint8), index / 10)
        video.finish()


@pytest.mark.parametrize(
    ("name", "size", "codec"),
    [
        ("a.mp4", (64, 48), "libx264"),
        ("a.MOV", (64, 48), "libx264"),
        ("a.mkv", (64, 48), "libx264"),
        ("a.webm", (64, 48), "libvpx-vp9"),
        ("a.mp4", (65, 48), "libvpx-vp9"),
        ("a.mp4", (64, 47), "libvpx-vp9"),
    ],
)
def test_codec_is_one_that_browsers_play(name: str, size: tuple[int, int], codec: str) -> None:
    assert codec_for(Path(name), size) == codec


def test_other_containers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"expected a video name ending in .*found \.avi"):
        VideoWriter(tmp_path / "a.avi", size=SIZE, rate=Fraction(10))


@pytest.mark.parametrize("name", ["a.mov", "a.M4V"])
def test_containers_without_vp9_hold_no_odd_size(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"\.mp4, \.mkv, \.webm for pictures of 101x99, found"):
        write(tmp_path / name, size=(101, 99))

    assert list(tmp_path.iterdir()) == []


def test_what_ffmpeg_refuses_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a\.mp4: cannot be written .*another place"):
        write(tmp_path / "a.mp4", size=(40_000, 2), frames=1)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.mkv", "a.mov"])
def test_frames_come_back_in_number_size_and_time(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)

    with VideoSource(tmp_path / name) as source:
        frames = list(source)

    assert source.size == SIZE
    assert len(frames) == 10
    assert [frame.captured_at for frame in frames] == pytest.approx(
        [index / 10 for index in range(10)], abs=0.002
    )
    assert frames[5].image.mean() == pytest.approx(100, abs=6)


def test_odd_sizes_are_kept(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", size=(65, 47))

    with VideoSource(tmp_path / "a.mp4") as source:
        assert source.size == (65, 47)


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.5, 0.52, 1.3]
    with VideoWriter(tmp_path / "a.mp4", size=SIZE, rate=Fraction(30)) as video:
        for seconds in times:
            video.write(np.zeros((48, 64, 3), np.uint8), seconds)
        video.finish()

    with VideoSource(tmp_path / "a.mp4") as source:
        assert [frame.captured_at for frame in source] == pytest.approx(times, abs=0.001)


def test_a_frame_of_another_size_is_scaled(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", size=SIZE, rate=Fraction(10)) as video:
        video.write(np.full((96, 128, 3), 200, np.uint8), 0.0)
        video.finish()

    with VideoSource(tmp_path / "a.mp4") as source:
        assert next(iter(source)).image.shape == (48, 64, 3)


def test_nothing_is_left_without_finish(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", size=SIZE, rate=Fraction(10)) as video:
        video.write(np.zeros((48, 64, 3), np.uint8), 0.0)

    assert list(tmp_path.iterdir()) == []


def test_sound_is_copied(tmp_path: Path) -> None:
    silent, loud, output = tmp_path / "silent.mp4", tmp_path / "loud.mp4", tmp_path / "out.mp4"
    write(silent)
    _add_sound(silent, loud, seconds=1.0)

    with VideoWriter(output, size=SIZE, rate=Fraction(10), audio_from=(loud, 0.0)) as video:
        for index in range(10):
            video.write(np.zeros((48, 64, 3), np.uint8), index / 10)
        video.finish()

    with av.open(str(output)) as container:
        sound = container.streams.audio[0]
        assert sound.codec_context.name == "aac"
        samples = sum(frame.samples for frame in container.decode(audio=0))
        assert samples / sound.sample_rate == pytest.approx(1.0, abs=0.15)


def _add_sound(source: Path, target: Path, *, seconds: float) -> None:
    """The pictures of a video, and a tone."""
    rate = 16_000
    wave = np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate).astype(np.float32)
    with av.open(str(source)) as pictures, av.open(str(target), "w") as output:
        copied = output.add_stream_from_template(pictures.streams.video[0])
        sound = output.add_stream("aac", rate=rate)
        for packet in pictures.demux(video=0):
            if packet.dts is not None:
                packet.stream = copied
                output.mux(packet)
        frame = av.AudioFrame.from_ndarray(wave[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = rate
        output.mux([*sound.encode(frame), *sound.encode(None)])
