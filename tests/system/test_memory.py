import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.media.video_writer import VideoWriter
from edge_app.samples.faces import drawn_face, tinted

_LIMIT_MIB = {1: 220, 2: 280}
"""By the number of workers: a device with 512 MB has one."""
_ALLOWED_GROWTH_MIB = 16
"""For the allocator's mood; a single leaked 640x480 frame per second would be 26 MiB."""


def film(path: Path, seconds: int) -> None:
    """A face that drifts over a 640x480 picture, 30 frames a second."""
    scene = np.full((480, 900, 3), 90, np.uint8)
    scene[120:360, 200:440] = tinted(drawn_face(1, side=240, mood=0.8))
    with VideoWriter(path, size=(640, 480), rate=Fraction(30)) as video:
        for index in range(seconds * 30):
            left = 60 + 60 * np.sin(index / 20)
            shift = np.array([[1.0, 0.0, -left], [0.0, 1.0, 0.0]])
            view = cv2.warpAffine(scene, shift, (640, 480)).astype(np.uint8)
            video.write(view, index / 30)
        video.finish()


_MEASURED = """
import os, sys
child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ)
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs Python in a process of its own, as the kernel counts the size of whoever starts a process
as the new one's peak, and the test's own process has TensorFlow in it."""


def peak_mib(video: Path, output: Path, workers: int) -> float:
    """Largest resident size of `reconocias annotate`, as the kernel counted it."""
    command = ["-m", "edge_app", "annotate", str(video), "-o", str(output)]
    command += ["--workers", str(workers)]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *command], capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1]) / 1024


@pytest.mark.slow("annotates half a minute of video")
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux only")
def test_memory_stays_small_and_does_not_grow_with_the_video(tmp_path: Path) -> None:
    short, long = tmp_path / "short.mp4", tmp_path / "long.mp4"
    film(short, 5)
    film(long, 25)

    short_peak = peak_mib(short, tmp_path / "short.out.mp4", 2)
    long_peak = peak_mib(long, tmp_path / "long.out.mp4", 2)

    assert peak_mib(short, tmp_path / "alone.out.mp4", 1) < _LIMIT_MIB[1]
    assert long_peak < _LIMIT_MIB[2]
    assert long_peak - short_peak < _ALLOWED_GROWTH_MIB
