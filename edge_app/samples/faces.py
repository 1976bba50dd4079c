"""Drawn faces that Haar's cascade takes for faces: strangers for the demo, people for the tests.

They belong to nobody, so unlike a photograph they can be stored, sent and shown anywhere.
"""

import cv2
import numpy as np

from edge_app.core.types import ColorImage, GrayImage

_CANVAS = 512
_SKIN_TINT_BGR = (0.72, 0.86, 1.0)


def drawn_face(seed: int, *, side: int = 200, mood: float = 0.0) -> GrayImage:
    """The face of person ``seed`` from the front, uint8 (side, side).

    mood: -1.0 frowns, 0.0 is straight, 1.0 smiles; the face itself stays the same person's.
    """
    pen = _Pen(np.random.default_rng(seed))
    pen.head()
    pen.eyes(mood)
    pen.nose()
    pen.mouth(mood)
    return cv2.resize(pen.finished(), (side, side), interpolation=cv2.INTER_AREA).astype(np.uint8)


def tinted(gray: GrayImage) -> ColorImage:
    """A grey drawing in the colour of skin, uint8 (H, W, 3) BGR."""
    return (gray[..., np.newaxis] * np.array(_SKIN_TINT_BGR)).round().astype(np.uint8)


class _Pen:
    """Draws with shading from light to dark where Viola and Jones's features look for it."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._middle = _CANVAS // 2
        self._skin = rng.uniform(150, 215)
        self._hair = rng.uniform(15, 70)
        self._width = 150 + self._vary(14)
        self._height = 200 + self._vary(14)
        self._eye_distance = 64 + self._vary(7)
        self._eye_line = self._middle - 25 + self._vary(8)
        self._image = np.full((_CANVAS, _CANVAS), rng.uniform(20, 110), np.float32)

    def _vary(self, amount: float) -> float:
        return float(self._rng.uniform(-amount, amount))

    def _ellipse(
        self, x: float, y: float, half_width: float, half_height: float, grey: float,
        *, start: int = 0, end: int = 360, thickness: int = -1,
    ) -> None:  # fmt: skip
        cv2.ellipse(
            self._image, (round(x), round(y)), (round(half_width), round(half_height)),
            0, start, end, float(grey), thickness, cv2.LINE_AA,
        )  # fmt: skip

    def _line(
        self, x1: float, y1: float, x2: float, y2: float, grey: float, thickness: float
    ) -> None:
        start, end = (round(x1), round(y1)), (round(x2), round(y2))
        cv2.line(self._image, start, end, float(grey), round(thickness), cv2.LINE_AA)

    def head(self) -> None:
        middle, skin = self._middle, self._skin
        self._ellipse(middle, middle - 25, self._width + 28, self._height + 12, self._hair)
        neck = (middle - 60, middle + 170), (middle + 60, _CANVAS)
        cv2.rectangle(self._image, *neck, float(skin * 0.8), -1)
        self._ellipse(middle, middle + 10, self._width, self._height, skin)
        self._ellipse(middle, middle - 150, self._width * 0.85, 60, self._hair)

    def eyes(self, mood: float) -> None:
        brow = 13 + self._vary(3)
        lid = 12 + self._vary(3)
        for side in (-1, 1):
            x, y = self._middle + side * self._eye_distance, self._eye_line
            self._ellipse(x, y + 4, 44, 24, self._skin * 0.62)
            self._ellipse(x, y + 6, 30, lid, 235)
            self._ellipse(x, y + 6, 12, 12, 25)
            raised, frown = 6 * max(0.0, mood), max(0.0, -mood)
            inner, outer = y - 30 - raised + 10 * frown, y - 30 - raised - 6 * frown
            self._line(x - side * 38, inner, x + side * 38, outer, self._hair, brow)
            self._ellipse(x + side * 12, self._middle + 78, 34, 26, self._skin * 1.05)

    def nose(self) -> None:
        bridge = min(255.0, self._skin * 1.16)
        self._line(self._middle, self._eye_line, self._middle, self._middle + 50, bridge, 26)
        self._ellipse(self._middle, self._middle + 62, 34, 12, self._skin * 0.7)

    def mouth(self, mood: float) -> None:
        x, y = self._middle, self._middle + 118 + self._vary(8)
        half = 62 + self._vary(10)
        lips = 70
        if mood > 0.2:
            self._ellipse(x, y - 20, half, 44 * mood, 225, start=0, end=180)
            self._ellipse(x, y - 20, half, 44 * mood, lips, start=0, end=180, thickness=12)
            self._line(x - half, y - 20, x + half, y - 20, lips, 10)
        elif mood < -0.2:
            self._ellipse(x, y + 26, half, -34 * mood, lips, start=190, end=350, thickness=14)
        else:
            self._line(x - half, y, x + half, y, lips, 14)

    def finished(self) -> GrayImage:
        """With light from one side, soft edges and a camera's noise."""
        ramp = np.linspace(-1, 1, _CANVAS, dtype=np.float32)
        light = 1.0 + self._vary(0.15) * ramp[np.newaxis] + self._vary(0.08) * ramp[:, np.newaxis]
        soft = cv2.GaussianBlur(self._image * light, (0, 0), 5.0)
        noisy = soft + self._rng.normal(0.0, 3.0, soft.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8)
