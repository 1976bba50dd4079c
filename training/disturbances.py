"""What happens to a face between the world and a network, at strengths that a kiosk sees."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from edge_app.core.types import GrayImage
from training.augment import add_noise

_SEED = 2013


@dataclass(frozen=True)
class Disturbance:
    """change: maps one face, uint8 (S, S), to another of the same shape."""

    name: str
    change: Callable[[GrayImage, np.random.Generator], GrayImage]

    def __call__(self, images: GrayImage) -> GrayImage:
        """Disturb each of uint8 (N, S, S), in the same way every time."""
        rng = np.random.default_rng(_SEED)
        return np.stack([self.change(image, rng) for image in images])


def _lit(factor: float) -> Callable[[GrayImage, np.random.Generator], GrayImage]:
    table = np.clip(np.arange(256) * factor, 0, 255).round().astype(np.uint8)
    return lambda image, _: table[image]


def _blurred(deviation: float) -> Callable[[GrayImage, np.random.Generator], GrayImage]:
    return lambda image, _: cv2.GaussianBlur(image, (0, 0), deviation).astype(np.uint8)


def _noisy(deviation: float) -> Callable[[GrayImage, np.random.Generator], GrayImage]:
    return lambda image, rng: add_noise(image, deviation, rng)


def _compressed(quality: int) -> Callable[[GrayImage, np.random.Generator], GrayImage]:
    def change(image: GrayImage, _: np.random.Generator) -> GrayImage:
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)

    return change


def _rotated(degrees: float) -> Callable[[GrayImage, np.random.Generator], GrayImage]:
    """To the left or to the right."""
    return lambda image, rng: _moved(image, angle=degrees * rng.choice((-1.0, 1.0)))


def _shifted(share: float) -> Callable[[GrayImage, np.random.Generator], GrayImage]:
    """By a share of the side, in any direction."""

    def change(image: GrayImage, rng: np.random.Generator) -> GrayImage:
        direction = rng.uniform(0.0, 2.0 * np.pi)
        offset = share * image.shape[0] * np.array([np.cos(direction), np.sin(direction)])
        return _moved(image, offset=(float(offset[0]), float(offset[1])))

    return change


def _framed(side: float) -> Callable[[GrayImage, np.random.Generator], GrayImage]:
    """Cut by a box of so many times the side; what lies outside repeats the border."""
    return lambda image, _: _moved(image, zoom=1.0 / side)


def _moved(
    image: GrayImage,
    *,
    angle: float = 0.0,
    zoom: float = 1.0,
    offset: tuple[float, float] = (0.0, 0.0),
) -> GrayImage:
    side = image.shape[0]
    middle = (side - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), angle, zoom)
    matrix[:, 2] += np.array(offset)
    moved = cv2.warpAffine(
        image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return moved.astype(np.uint8)


DISTURBANCES = (
    Disturbance("as it is", lambda image, _: image),
    Disturbance("a quarter of the light", _lit(0.25)),
    Disturbance("twice the light, clipped", _lit(2.0)),
    Disturbance("blur, deviation 1 px", _blurred(1.0)),
    Disturbance("noise, deviation 20", _noisy(20.0)),
    Disturbance("JPEG, quality 10", _compressed(10)),
    Disturbance("rotated by 10 degrees", _rotated(10.0)),
    Disturbance("box shifted by 8 %", _shifted(0.08)),
    Disturbance("box 10 % smaller", _framed(0.9)),
    Disturbance("box 10 % larger", _framed(1.1)),
)
"""The boxes are Haar's at their worse: docs/decisions/0004 has the quartiles 0.906 and 1.036."""
