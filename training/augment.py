"""Random variations of 48x48 faces, as a camera and Haar's boxes would vary them."""

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from pydantic import ConfigDict

from edge_app.core.types import FloatArray, GrayImage


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
        varied = self._move(images, rng)
        self._adjust_light(varied, rng)
        if self.noise:
            noisy = rng.random(len(varied)) < 0.5
            deviations = rng.uniform(0.0, self.noise, (np.count_nonzero(noisy), 1, 1))
            varied[noisy] = add_noise(varied[noisy], deviations.astype(np.float32), rng)
        for index in np.flatnonzero(rng.random(len(varied)) < self.erase_probability):
            self._erase(varied[index], rng)
        return varied

    def _move(self, images: GrayImage, rng: np.random.Generator) -> GrayImage:
        """Turn, resize, shift and mirror about the middle; returns a new array."""
        count, side = images.shape[:2]
        angles = np.radians(rng.uniform(-self.rotation, self.rotation, count))
        scales = 1.0 + rng.uniform(-self.scale, self.scale, count)
        mirrored = self.mirror & (rng.random(count) < 0.5)
        cosines, sines = scales * np.cos(angles), scales * np.sin(angles)
        turning = np.stack([cosines, sines, -sines, cosines], axis=1).reshape(count, 2, 2)
        turning[mirrored, :, 0] *= -1.0
        middle = np.full(2, (side - 1) / 2)
        shifts = middle - turning @ middle + rng.uniform(-self.shift, self.shift, (count, 2)) * side
        matrices = np.concatenate([turning, shifts[:, :, np.newaxis]], axis=2)
        moved = np.empty_like(images)
        for image, matrix, target in zip(images, matrices, moved, strict=True):
            cv2.warpAffine(
                image, matrix, (side, side), dst=target,
                flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
            )  # fmt: skip
        return moved

    def _adjust_light(self, images: GrayImage, rng: np.random.Generator) -> None:
        """Brighten or darken in place."""
        powers = np.exp(rng.uniform(-self.gamma, self.gamma, (len(images), 1)))
        tables = (np.linspace(0.0, 1.0, 256) ** powers * 255.0).round().astype(np.uint8)
        for image, table in zip(images, tables, strict=True):
            cv2.LUT(image, table, dst=image)

    def _erase(self, image: GrayImage, rng: np.random.Generator) -> None:
        """Blank one rectangle in place with a grey level of its own."""
        side = image.shape[0]
        area = rng.uniform(*self.erase_area) * side * side
        shape = np.exp(rng.uniform(-0.7, 0.7))
        height = int(np.clip(round(np.sqrt(area * shape)), 1, side))
        width = int(np.clip(round(np.sqrt(area / shape)), 1, side))
        top, left = rng.integers(0, side - height + 1), rng.integers(0, side - width + 1)
        image[top : top + height, left : left + width] = rng.integers(0, 256)


def add_noise(
    image: GrayImage, deviation: float | FloatArray, rng: np.random.Generator
) -> GrayImage:
    """Independent normal noise in every pixel of one image or several.

    deviation: in grey levels; an array is broadcast against the image.
    """
    noisy = image + deviation * rng.standard_normal(image.shape, np.float32)
    return np.clip(noisy, 0, 255).round().astype(np.uint8)
