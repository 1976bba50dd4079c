"""What a device waits for a bundle: whole processes, from their start to their end."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FIRST_INFERENCE = """
import sys
from pathlib import Path
import numpy as np
from edge_app.bundle import loader
from edge_app.vision.emotion import CnnEmotionClassifier, load_network
from edge_app.core.types import BBox, Detection, Picture
loaded = loader.load(Path(sys.argv[1]))
classifier = CnnEmotionClassifier(load_network(loaded), loaded.manifest.emotion)
picture = Picture(np.zeros((480, 640, 3), np.uint8))
classifier.classify(picture, Detection(BBox(100, 100, 200, 200), 9.0))
"""


@dataclass(frozen=True)
class Row:
    """Medians. wall_s, cpu_s: of the whole process. ratio: of cpu_s to the first row's."""

    name: str
    wall_s: float
    cpu_s: float
    ratio: float


def measure(folder: Path, rounds: int) -> list[Row]:
    """The commands in turn, ``rounds`` times."""
    with tempfile.TemporaryDirectory() as store:
        bundle = [sys.executable, "-m", "edge_app", "bundle"]
        install = [*bundle, "install", str(folder), "--allow-unsigned", "--store", store]
        commands = {
            "Python that imports OpenCV": [sys.executable, "-c", "import cv2"],
            "reconocias bundle verify": [*bundle, "verify", str(folder), "--allow-unsigned"],
            "reconocias bundle install": install,
            "load to the first inference": [sys.executable, "-c", _FIRST_INFERENCE, str(folder)],
        }
        return _rows(commands, rounds)


def _rows(commands: Mapping[str, list[str]], rounds: int) -> list[Row]:
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(_run(command))
    medians = {
        name: [statistics.median(values) for values in zip(*times, strict=True)]
        for name, times in taken.items()
    }
    baseline = next(iter(medians.values()))[1]
    return [Row(name, wall, cpu, cpu / baseline) for name, (wall, cpu) in medians.items()]


def _run(command: list[str]) -> tuple[float, float]:
    """Seconds on the wall and of the CPU."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123  # a device, not a path
        started = time.perf_counter()
        child = os.posix_spawn(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)],
        )
        _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{' '.join(command)}: failed")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime
