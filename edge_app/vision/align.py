"""Faces brought upright by their landmarks: the one place where a face is cut out of a picture.

Training, export and the device call these functions, so a network is served what it was trained on.

Two crops hang on the five landmarks. The *sample* is what embeddings are computed of, and what is
stored of a person: a similarity brings the landmarks as near as it can to the template that face
embeddings are trained on (ArcFace's, 112x112), with room around it for other crops. The *square* is
what the emotion network reads. A detection without landmarks is treated as an upright face whose
landmarks stand where they stand in its box on average.

Source of the template: Deng et al. 2019, "ArcFace"; of the fit: Umeyama 1991.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.bundle.literals import Interpolation
from edge_app.bundle.manifest import CropSpec
from edge_app.core.types import (
    BBox,
    ColorImage,
    Detection,
    FloatArray,
    GrayImage,
    Picture,
)
from edge_app.vision.preprocess import INTERPOLATION

TEMPLATE: FloatArray = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ],
    np.float32,
)
"""Where the landmarks stand in the 112x112 that an embedding is computed of."""
TEMPLATE_SIZE = 112
SAMPLE_SIZE = 160
"""Pixels of the side of a sample."""
_ROOM = (24, 16)
"""Pixels of a sample to the left of those 112x112, and above."""
SAMPLE_POINTS: FloatArray = TEMPLATE + np.array(_ROOM, np.float32)
"""Where the landmarks stand in a sample, up to what no similarity can bring there."""

_BOX_SIDES = 1.0 / (0.98 * 2.59)
"""From the eyes to the mouth, in sides of an upright detector's box (Haar's is 0.98 times as large
as FER2013's crops, whose side is 2.59 times that distance)."""


def points(detection: Detection) -> FloatArray:
    """The landmarks, float32 (5, 2), or where they usually stand in such a box.

    Raises ValueError for an empty box without landmarks.
    """
    if detection.landmarks is not None:
        return detection.landmarks
    box = detection.bbox
    if box.width <= 0 or box.height <= 0:
        raise ValueError(f"expected a box with an area, found {box}")
    middle, eyes_to_mouth = _middle(TEMPLATE), float(np.linalg.norm(_down(TEMPLATE)))
    scale = max(box.width, box.height) * _BOX_SIDES / eyes_to_mouth
    center = np.array([(box.xmin + box.xmax) / 2, (box.ymin + box.ymax) / 2])
    return ((TEMPLATE - middle) * scale + center).astype(np.float32)


def sample(picture: Picture, detection: Detection) -> ColorImage:
    """The face of a detection as it is embedded and stored: uint8 (160, 160, 3) BGR."""
    matrix = similarity(points(detection), SAMPLE_POINTS)
    return _warped(picture.image, matrix, SAMPLE_SIZE).astype(np.uint8, copy=False)


def template_crops(samples: ColorImage) -> ColorImage:
    """What of samples (N, 160, 160, 3) stands at the template: (N, 112, 112, 3)."""
    left, top = _ROOM
    return samples[:, top : top + TEMPLATE_SIZE, left : left + TEMPLATE_SIZE]


def of_sample(sample: ColorImage) -> tuple[Picture, Detection]:
    """A sample as a picture, and the face that is in it."""
    left, top = _ROOM
    box = BBox(left, top, left + TEMPLATE_SIZE, top + TEMPLATE_SIZE)
    return Picture(sample), Detection(box, score=1.0, landmarks=SAMPLE_POINTS)


def square(picture: Picture, detection: Detection, spec: CropSpec) -> GrayImage:
    """The face of a detection for a network that reads grey squares: uint8 (S, S).

    The square stands around the middle between eyes and mouth, upright to the face; its side is
    ``spec.span`` times their distance. What lies outside of the picture repeats the border pixels.
    """
    found = points(detection).astype(np.float64)
    down = _down(found)
    across = (found[1] - found[0]) + (found[4] - found[3])
    upright = down / max(float(np.linalg.norm(down)), 1e-6)
    upright += np.array([-across[1], across[0]]) / max(float(np.linalg.norm(across)), 1e-6)
    upright /= max(float(np.linalg.norm(upright)), 1e-6)
    scale = spec.size / max(spec.span * float(np.linalg.norm(down)), 1e-6)
    cosine, sine = upright[1] * scale, upright[0] * scale
    turn = np.array([[cosine, -sine], [sine, cosine]])
    shift = (spec.size - 1) / 2 - turn @ _middle(found)
    matrix = np.column_stack([turn, shift])
    return _warped(picture.gray, matrix, spec.size, spec.interpolation).astype(np.uint8, copy=False)


def similarity(source: FloatArray, target: FloatArray) -> NDArray[np.float64]:
    """The turn, scale and shift, (2, 3), that bring points (N, 2) nearest to others (N, 2)."""
    one, other = source.astype(np.float64), target.astype(np.float64)
    middle, other_middle = one.mean(axis=0), other.mean(axis=0)
    plane = (one - middle) @ np.array([1.0, 1.0j])
    other_plane = (other - other_middle) @ np.array([1.0, 1.0j])
    turn = np.vdot(plane, other_plane) / max(float(np.vdot(plane, plane).real), 1e-12)
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.column_stack([matrix, other_middle - matrix @ middle])


def _down(found: NDArray[np.floating]) -> NDArray[np.floating]:
    """From the middle of the eyes to the middle of the mouth."""
    return (found[3] + found[4]) / 2 - (found[0] + found[1]) / 2


def _middle(found: NDArray[np.floating]) -> NDArray[np.floating]:
    """Between the eyes and the mouth."""
    return (found[0] + found[1] + found[3] + found[4]) / 4


def _warped(
    image: NDArray[np.uint8],
    matrix: NDArray[np.float64],
    size: int,
    interpolation: Interpolation = "linear",
) -> NDArray[np.uint8]:
    """The square of ``size`` pixels that a similarity makes of a picture.

    A face more than twice as large as it will be is first averaged down to that: a warp alone picks
    single pixels.
    """
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.5:
        image, matrix = _shrunk(image, matrix, size, 2 * scale)
    flags = INTERPOLATION["linear" if interpolation == "area" else interpolation]
    warped = cv2.warpAffine(
        image, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return warped.astype(np.uint8, copy=False)


def _shrunk(
    image: NDArray[np.uint8], matrix: NDArray[np.float64], size: int, scale: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The part of the picture that is needed, scaled down, and the matrix for it."""
    inverse = cv2.invertAffineTransform(matrix)
    corners = np.array([(-1, -1), (size, -1), (-1, size), (size, size)])
    reached = corners @ inverse[:, :2].T + inverse[:, 2]
    height, width = image.shape[:2]
    left, top = np.clip(np.floor(reached.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(
        np.ceil(reached.max(axis=0)).astype(int) + 1, (left + 1, top + 1), (width, height)
    )
    part = image[top:bottom, left:right]
    smaller = (
        max(1, round(part.shape[1] * scale)),
        max(1, round(part.shape[0] * scale)),
    )
    shares = np.array([smaller[0] / part.shape[1], smaller[1] / part.shape[0]])
    averaged = cv2.resize(part, smaller, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    # A pixel's middle is half a pixel from its corner, in either picture.
    shift = (np.array([left, top]) + 0.5) - 0.5 / shares
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ shift
    moved[:, :2] /= shares
    return averaged, moved
