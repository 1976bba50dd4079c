"""What more cores do for `reconocias annotate`: a folder of photographs, and a video."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path

import cv2
import numpy as np

from edge_app.media.photo import read_photo, write_photo
from tests.system.test_memory import film

_SIZE = (1200, 1200)


@dataclass(frozen=True)
class Row:
    """ratio: of the times on one core to those on all, each round by itself; the median."""

    name: str
    alone_s: float
    together_s: float
    ratio: float


def measure(photographs: int, seconds: int, rounds: int, cores: int) -> list[Row]:
    """Each command on one core and on ``cores`` in turn, each as a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, clip = Path(scratch) / "photos", Path(scratch) / "clip.mp4"
        _photographs(folder, photographs)
        film(clip, seconds)
        out = Path(scratch) / "out"
        data = ["-o", "none", "--results", f"{out}.jsonl"]
        jobs = {
            f"{photographs} photographs": [str(folder), "-o", str(out)],
            f"{seconds} s of video": [str(clip), "-o", f"{out}.mp4"],
            f"{seconds} s of video, data alone": [str(clip), *data],
        }
        return [_row(name, arguments, rounds, cores) for name, arguments in jobs.items()]


def _row(name: str, arguments: list[str], rounds: int, cores: int) -> Row:
    usable = sorted(os.sched_getaffinity(0))[:cores]
    pairs = [(_timed(arguments, usable[:1]), _timed(arguments, usable)) for _ in range(rounds)]
    alone, together = (statistics.median(times) for times in zip(*pairs, strict=True))
    return Row(name, alone, together, statistics.median(one / all_ for one, all_ in pairs))


def _timed(arguments: list[str], cores: list[int]) -> float:
    command = [sys.executable, "-m", "edge_app", "annotate", *arguments]
    started = time.perf_counter()
    subprocess.run(
        [*command, "--workers", str(len(cores))],
        check=True,
        capture_output=True,
        preexec_fn=partial(os.sched_setaffinity, 0, cores),
    )
    return time.perf_counter() - started


def _photographs(folder: Path, count: int) -> None:
    """A portrait in other light and noise on each."""
    with resources.as_file(resources.files("edge_app.samples") / "astronaut.jpg") as sample:
        portrait = cv2.resize(read_photo(sample), _SIZE).astype(np.float32)
    for index in range(count):
        random = np.random.default_rng(index)
        picture = portrait * random.uniform(0.7, 1.2) + random.normal(0, 4, portrait.shape)
        write_photo(folder / f"{index:03}.jpg", np.clip(picture, 0, 255).astype(np.uint8))
