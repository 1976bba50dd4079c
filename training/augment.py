"""Random variations of 48x48 faces, as a camera and Haar's boxes would vary them."""

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from pydantic import ConfigDict

from edge_app.types import GrayImage


@dataclass(frozen=True)
class Augmentation:
    """Largest change of each kind; every image draws its own amount uniformly.

    rotation: degrees. scale, shift: fractions of the side. gamma: power of e either way.
    noise: deviation of the camera's noise, in grey levels; half of the images get some, 0 is none.
    erase_probability: chance that one rectangle of erase_area (fraction of the face) is blanked.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    rotation: float = 12.0
    scale: float = 0.12
    shift: float = 0.08
    mirror: bool = True
    gamma: float = 0.4
    noise: float = 0.0
    erase_probability: float = 0.5
    erase_area: tuple[float, float] = (0.02, 0.2)

    def __call__(self, images: GrayImage, rng: np.random.Generator) -> GrayImage:
        """Vary each of uint8 (N, S, S); returns a new array of the same shape."""
        return np.stack([self._vary(image, rng) for image in images])

    def _vary(self, image: GrayImage, rng: np.random.Generator) -> GrayImage:
        varied = self._adjust_light(self._move(image, rng), rng)
        if self.noise and rng.random() < 0.5:
            varied = add_noise(varied, rng.uniform(0.0, self.noise), rng)
        if rng.random() < self.erase_probability:
            self._erase(varied, rng)
        return varied

    def _move(self, image: GrayImage, rng: np.random.Generator) -> GrayImage:
        side = image.shape[0]
        middle = (side - 1) / 2
        angle = rng.uniform(-self.rotation, self.rotation)
        matrix = cv2.getRotationMatrix2D(
            (middle, middle), angle, 1.0 + rng.uniform(-self.scale, self.scale)
        )
        matrix[:, 2] += rng.uniform(-self.shift, self.shift, 2) * side
        if self.mirror and rng.random() < 0.5:
            mirroring = np.array([[-1.0, 0.0, side - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
            matrix = matrix @ mirroring
        moved = cv2.warpAffine(
            image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return moved.astype(np.uint8, copy=False)

    def _adjust_light(self, image: GrayImage, rng: np.random.Generator) -> GrayImage:
        power = np.exp(rng.uniform(-self.gamma, self.gamma))
        table = (np.linspace(0.0, 1.0, 256) ** power * 255.0).round().astype(np.uint8)
        return table[image]

    def _erase(self, image: GrayImage, rng: np.random.Generator) -> None:
        """Blank one rectangle in place with a grey level of its own."""
        side = image.shape[0]
        area = rng.uniform(*self.erase_area) * side * side
        shape = np.exp(rng.uniform(-0.7, 0.7))
        height = int(np.clip(round(np.sqrt(area * shape)), 1, side))
        width = int(np.clip(round(np.sqrt(area / shape)), 1, side))
        top, left = rng.integers(0, side - height + 1), rng.integers(0, side - width + 1)
        image[top : top + height, left : left + width] = rng.integers(0, 256)


def add_noise(image: GrayImage, deviation: float, rng: np.random.Generator) -> GrayImage:
    """Independent normal noise in every pixel; deviation in grey levels."""
    noisy = image + rng.normal(0.0, deviation, image.shape)
    return np.clip(noisy, 0, 255).round().astype(np.uint8)
