"""A picture without a camera: drawn faces that drift, to try a kiosk out."""

import time
from collections.abc import Iterator
from itertools import count

import cv2
import numpy as np

from edge_app.core.types import ColorImage, Frame
from edge_app.media.sources.base import CameraSettings, LiveSource
from edge_app.samples.faces import drawn_face, tinted

_MOODS = (-0.9, 0.0, 0.9)
_MOOD_S = 4.0
_WALL = 90
_DRIFT_RADIANS_PER_S = 1.5


class PatternScene:
    """Faces of nobody before a grey wall, side by side in rows.

    faces: how many. size: (width, height). Each keeps its place and drifts around it, and every
    four seconds all are in another mood.
    """

    def __init__(self, faces: int = 1, size: tuple[int, int] = (640, 480)) -> None:
        self._size = size
        columns = int(np.ceil(np.sqrt(faces * size[0] / size[1])))
        rows = int(np.ceil(faces / columns))
        self._cell = (size[0] / columns, size[1] / rows)
        self._drift = 0.12 * min(self._cell)
        self._walls = [self._wall(faces, columns, mood) for mood in _MOODS]

    def _wall(self, faces: int, columns: int, mood: float) -> ColorImage:
        width, height = self._size
        wall = np.full((height, width, 3), _WALL, np.uint8)
        side = int(0.6 * min(self._cell))
        for index in range(faces):
            row, column = divmod(index, columns)
            left = int((column + 0.5) * self._cell[0] - side / 2)
            top = int((row + 0.5) * self._cell[1] - side / 2)
            face = tinted(drawn_face(index + 1, side=side, mood=mood))
            wall[top : top + side, left : left + side] = face
        return wall

    def at(self, seconds: float) -> ColorImage:
        """The picture at a moment, uint8 (H, W, 3) BGR."""
        wall = self._walls[int(seconds / _MOOD_S) % len(self._walls)]
        angle = seconds * _DRIFT_RADIANS_PER_S
        shift = np.array(
            [[1.0, 0.0, self._drift * np.sin(angle)], [0.0, 1.0, self._drift / 2 * np.cos(angle)]]
        )
        moved = cv2.warpAffine(wall, shift, self._size, borderMode=cv2.BORDER_REPLICATE)
        return moved.astype(np.uint8, copy=False)


class PatternSource(LiveSource):
    """``PatternScene`` with one face, as if a camera looked at it."""

    name = "pattern"

    def __init__(self, wanted: CameraSettings) -> None:
        self._wanted = wanted

    def grab(self) -> Iterator[Frame]:
        scene, rate = PatternScene(size=self._wanted.size), self._wanted.rate
        started = time.monotonic()
        for index in count():
            due = started + index / rate
            time.sleep(max(0.0, due - time.monotonic()))
            yield Frame(scene.at(index / rate), index, time.monotonic())
