"""Pictures of one public-domain portrait, which published networks are proven and replayed on.

The astronaut of ``edge_app.samples``, larger and smaller, mirrored, darker, brighter and blurred.
"""

from importlib import resources

import cv2
import numpy as np

from edge_app.core.types import BBox, ColorImage, Detection, FloatArray, Picture
from edge_app.samples.faces import drawn_face, tinted
from edge_app.vision import align

_LANDMARKS: FloatArray = np.array(
    [(200.2, 101.6), (247.2, 102.4), (220.2, 124.4), (198.5, 142.8), (239.5, 143.7)], np.float32
)
"""Of the face in the photograph of 512x512, as YuNet finds them."""
_SQUARES = ((110, 10, 224), (90, 0, 256), (120, 30, 192), (0, 0, 512))
"""Left, top and side of parts of the photograph that hold the whole face."""
_GOLDEN_SIDE = 128
_PROOF_SIDES = (128, 224, 320)
_LIGHT = ((1.0, 0), (0.5, 0), (1.2, 20))
"""Each picture times the first, plus the second."""
_SHIFTS = ((0.0, 0.0), (3.0, -2.0))
_DRAWN = 2


def portrait() -> ColorImage:
    """uint8 (512, 512, 3) BGR."""
    data = resources.files("edge_app.samples").joinpath("astronaut.jpg").read_bytes()
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image.astype(np.uint8, copy=False)


def golden_pictures() -> ColorImage:
    """uint8 (4, 128, 128, 3) BGR, each with one face."""
    first, second, third, _ = (_part(portrait(), square, _GOLDEN_SIDE) for square in _SQUARES)
    return np.stack([first, _lit(second, *_LIGHT[1]), third[:, ::-1], _lit(first, *_LIGHT[2])])


def proof_pictures() -> list[ColorImage]:
    """Square pictures, uint8 (S, S, 3) BGR, with sides that are multiples of 32."""
    image = portrait()
    return [
        np.ascontiguousarray(_lit(_part(image, square, side), *light)[:, ::step])
        for square in _SQUARES
        for side in _PROOF_SIDES
        for light in _LIGHT
        for step in (1, -1)
    ]


def aligned_faces() -> ColorImage:
    """uint8 (14, 112, 112, 3) BGR: the portrait's, and two that are drawn."""
    image = portrait()
    samples = []
    for shift in _SHIFTS:
        landmarks = _LANDMARKS + np.array(shift, np.float32)
        box = BBox(178, 62, 268, 176)
        sample = align.sample(Picture(image), Detection(box, 1.0, landmarks))
        for light in _LIGHT:
            samples += [_lit(sample, *light), _lit(sample, *light)[:, ::-1]]
    samples += [
        cv2.resize(tinted(drawn_face(person)), (align.SAMPLE_SIZE,) * 2).astype(np.uint8)
        for person in range(_DRAWN)
    ]
    return align.template_crops(np.stack(samples))


def golden_faces() -> ColorImage:
    """uint8 (6, 112, 112, 3) BGR, of those of ``aligned_faces``."""
    return aligned_faces()[[0, 3, 4, 7, 10, 12]]


def _part(image: ColorImage, square: tuple[int, int, int], side: int) -> ColorImage:
    left, top, size = square
    part = image[top : top + size, left : left + size]
    scaled = cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA)
    return scaled.astype(np.uint8, copy=False)


def _lit(image: ColorImage, factor: float, more: int) -> ColorImage:
    return np.clip(image * np.float32(factor) + more, 0, 255).astype(np.uint8)
