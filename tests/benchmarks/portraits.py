"""Pictures of a person whom every detector finds: the astronaut of the samples."""

from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path

import cv2
import numpy as np

from edge_app.core.types import ColorImage, Picture
from edge_app.media.photo import read_photo
from edge_app.media.video_writer import VideoWriter
from edge_app.storage.gallery import NewSample
from edge_app.vision import align
from edge_app.vision.parts import build_detector, load_bundle
from tests.stored import quality

RATE = 30
_HEAD = (slice(15, 225), slice(115, 325))
"""Rows and columns of her head in the portrait."""
_WALL = 90
_DRIFT_RADIANS_PER_S = 1.5
_SHARES = (0.95, 0.8, 0.88)
"""Sides of the heads in their cells, in turn."""


@cache
def portrait() -> ColorImage:
    """The whole photograph, uint8 (512, 512, 3) BGR."""
    with resources.as_file(resources.files("edge_app.samples") / "astronaut.jpg") as sample:
        return read_photo(sample)


class PortraitScene:
    """Her head so many times before a grey wall, each drifting around its place.

    size: (width, height).
    """

    def __init__(self, faces: int = 1, size: tuple[int, int] = (640, 480)) -> None:
        self._size = width, height = size
        columns = int(np.ceil(np.sqrt(faces * width / height)))
        rows = int(np.ceil(faces / columns))
        cell = (width / columns, height / rows)
        self._drift = 0.1 * min(cell)
        self._wall = np.full((height, width, 3), _WALL, np.uint8)
        for index in range(faces):
            row, column = divmod(index, columns)
            side = int(_SHARES[index % len(_SHARES)] * min(cell))
            left = int((column + 0.5) * cell[0] - side / 2)
            top = int((row + 0.5) * cell[1] - side / 2)
            head = cv2.resize(portrait()[_HEAD], (side, side), interpolation=cv2.INTER_AREA)
            self._wall[top : top + side, left : left + side] = head

    def at(self, seconds: float) -> ColorImage:
        """The picture at a moment, uint8 (H, W, 3) BGR."""
        angle = seconds * _DRIFT_RADIANS_PER_S
        shift = np.array(
            [[1.0, 0.0, self._drift * np.sin(angle)], [0.0, 1.0, self._drift / 2 * np.cos(angle)]]
        )
        moved = cv2.warpAffine(self._wall, shift, self._size, borderMode=cv2.BORDER_REPLICATE)
        return moved.astype(np.uint8, copy=False)


def write_clip(path: Path, seconds: int, size: tuple[int, int] = (640, 480)) -> None:
    """One face for some seconds, as the product writes videos."""
    scene = PortraitScene(size=size)
    with VideoWriter(path, size=size, rate=Fraction(RATE)) as video:
        for index in range(seconds * RATE):
            video.write(scene.at(index / RATE), index / RATE)
        video.finish()


def her_samples(count: int) -> list[NewSample]:
    """Of her, in other light and noise on each."""
    picture = Picture(portrait())
    face = build_detector(load_bundle(), still=True).detect(picture)[0]
    crop = align.sample(picture, face).astype(np.float32)
    samples = []
    for index in range(count):
        random = np.random.default_rng(index)
        noisy = crop * random.uniform(0.8, 1.2) + random.normal(0.0, 6.0, crop.shape)
        samples.append(NewSample(np.clip(noisy, 0, 255).astype(np.uint8), quality(), "camera"))
    return samples
