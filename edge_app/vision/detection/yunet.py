"""Where the faces and their landmarks are: the network YuNet behind the Detector protocol.

A picture is searched at the size at which its smallest faces are just large enough for the network,
and a large one once more, much smaller: the network errs on faces of more than some 400 pixels, and
a face that fills the picture is found where there is room around it.

Source: Wu, Peng and Yu 2023, "YuNet: A Tiny Millisecond-level Face Detector".
"""

from collections.abc import Callable
from functools import partial
from math import ceil
from typing import Annotated, ClassVar, Literal

import cv2
import numpy as np
from pydantic import Field, PositiveInt

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import NetworkSpec
from edge_app.core.types import BBox, ColorImage, Detection, FloatArray, Picture
from edge_app.vision.detection.base import DetectorSpec, Search, largest_first
from edge_app.vision.inference import Network, load_network

_STRIDES = (8, 16, 32)
_MULTIPLE = 32
"""The sides of what the network reads."""
_PLACES = sum((_MULTIPLE // stride) ** 2 for stride in _STRIDES)
"""In a block of 32x32 pixels, of all strides."""
_VALUES = 15
"""Of a place in the network's output: score, box (4), landmarks (10)."""
_NET_FACE = 20
"""Pixels of the smallest face that the network finds reliably: 95 of 100, of 16 pixels 84."""
_LARGEST = 400
"""Pixels above which it errs, and a smaller picture does better."""
_AVERAGED = 0.5
"""Scale below which pixels are averaged; above, none is skipped, in a sixth of the time."""
_COARSE = 128
"""Pixels of the shorter side, at most, of a picture in which large faces are looked for."""
_CLOSE = 0.7
"""A video's frame with faces, none larger than this share of its shorter side or than ``_LARGEST``,
is not searched for larger ones, which takes a quarter of the time. Up to there as many wild faces
are found and named as with both searches."""
_ALIKE = 0.5
"""Intersection over union from which places are averaged."""
_COARSE_BORDER = 0.36
_FINE_BORDER = 16
"""Room around a picture in its mean colour: as a share of the shorter side, and in pixels. A
reflected border shows half faces that are found."""


class YunetSpec(DetectorSpec, NetworkSpec):
    """YuNet: boxes and five landmarks, of faces from about 12 pixels on."""

    title: ClassVar[str] = "YuNet"
    finds_landmarks: ClassVar[bool] = True

    kind: Literal["yunet"] = "yunet"
    score: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Faces that score less are none."""
    overlap: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Intersection over union from which two boxes are of one face."""
    moving_face: PositiveInt
    """Pixels of the side of the smallest face that is looked for in a video's frame."""
    quick_face: PositiveInt
    """The same in most frames of a camera, where time is short."""
    most_side: PositiveInt
    """Pixels of the longer side at which a picture is searched at most; a photograph always is."""

    @property
    def input_shape(self) -> tuple[None, None, int]:
        return (None, None, 3)

    @property
    def outputs(self) -> int:
        return _VALUES

    def answers(self, outputs: FloatArray) -> FloatArray:
        """The best face of each of N square pictures, as ``decode`` gives it: (N, 15)."""
        side = _MULTIPLE * round((outputs.shape[1] / _PLACES) ** 0.5)
        found = (decode(one, side, self.score) for one in outputs)
        nothing = np.full(_VALUES, np.nan, np.float32)
        return np.stack([faces[faces[:, 0].argmax()] if len(faces) else nothing for faces in found])

    def difference(self, found: FloatArray, expected: FloatArray) -> float:
        """Of boxes and landmarks, in pixels."""
        return float(np.abs(found[:, 1:] - expected[:, 1:]).max())

    def build(self, bundle: Bundle, search: Search, runtime: Runtime | None = None) -> "Yunet":
        return Yunet(partial(load_network, bundle, self, runtime), self, search)


class Yunet:
    """Searches pictures of any size; boxes and landmarks come back in pixels of the full one.

    load: gives the network, once for each size of a camera's frame that is searched: a network is
    slow to take another size.
    """

    def __init__(self, load: Callable[[], Network], spec: YunetSpec, search: Search) -> None:
        self._fine, self._coarse, self._rough = load(), load(), load()
        self._spec = spec
        self._search = search

    def detect(self, picture: Picture) -> list[Detection]:
        """The faces in a picture, largest first."""
        image = picture.image
        shorter, fine = min(image.shape[:2]), self._scale(image)
        coarse = 1.0 / ceil(shorter / _COARSE)  # whole numbers of pixels are averaged quickly
        if fine <= coarse:
            border = round(shorter * fine * _COARSE_BORDER)
            return self._faces(picture, self._at(self._fine, image, fine, border))
        found = self._at(self._fine, image, fine, _FINE_BORDER)
        sides = np.maximum(found[:, 3], found[:, 4])
        largest = min(_CLOSE * shorter, _LARGEST / fine)
        if not self._search.still and len(found) and sides.max() < largest:
            return self._faces(picture, found)
        found = found[sides * fine <= _LARGEST]
        border = round(shorter * coarse * _COARSE_BORDER)
        large = self._at(self._coarse, image, coarse, border)
        return self._faces(picture, found, large)

    def detect_quickly(self, picture: Picture) -> list[Detection]:
        """The larger faces in a picture, largest first."""
        scale = min(1.0, _NET_FACE / self._spec.quick_face)
        return self._faces(picture, self._at(self._rough, picture.image, scale, _FINE_BORDER))

    def _faces(self, picture: Picture, *levels: FloatArray) -> list[Detection]:
        """One detection a face, of what was found at each size, the best landmarks first."""
        height, width = picture.image.shape[:2]
        last = len(levels) - 1
        preferred = [np.full(len(found), last - place) for place, found in enumerate(levels)]
        found = np.concatenate(levels)
        kept = _one_a_face(found, found[:, 0] + np.concatenate(preferred), self._spec.overlap)
        faces = (_detection(row, width, height) for row in kept)
        return largest_first([face for face in faces if face.bbox.area > 0])

    def _scale(self, image: ColorImage) -> float:
        """At which the smallest faces that are looked for are just found."""
        if self._search.min_face is not None:
            return min(1.0, _NET_FACE / self._search.min_face)
        most = min(1.0, self._spec.most_side / max(image.shape[:2]))
        return most if self._search.still else min(most, _NET_FACE / self._spec.moving_face)

    def _at(self, network: Network, image: ColorImage, scale: float, border: int) -> FloatArray:
        """What a network finds in the picture at a scale, (N, 15) in pixels of the picture."""
        height, width = image.shape[:2]
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        way = cv2.INTER_AREA if scale < _AVERAGED else cv2.INTER_LINEAR
        small = image if scale == 1.0 else cv2.resize(image, size, interpolation=way)
        framed = _framed(small.astype(np.uint8, copy=False), border)
        outputs = network(framed[np.newaxis].astype(np.float32))[0]
        found = decode(outputs, framed.shape[1], self._spec.score)
        found[:, 1:3] -= border
        found[:, 5::2] -= border
        found[:, 6::2] -= border
        horizontal, vertical = width / size[0], height / size[1]
        found[:, [1, 3, 5, 7, 9, 11, 13]] *= horizontal
        found[:, [2, 4, 6, 8, 10, 12, 14]] *= vertical
        return found


def decode(outputs: FloatArray, width: int, least: float) -> FloatArray:
    """The places that score at least ``least``, of the network's output for one picture.

    outputs: float32 (A, 15), of all strides row by row. width: pixels of the picture that was read.
    Returns float32 (N, 15): score, x, y, width, height, and x and y of the five landmarks, in
    pixels of that picture.
    """
    rows = np.flatnonzero(outputs[:, 0] >= least)  # a NaN is no face
    found = outputs[rows].astype(np.float32)
    columns = [width // stride for stride in _STRIDES]
    blocks = len(outputs) // _PLACES
    starts = np.cumsum([0] + [blocks * (_MULTIPLE // stride) ** 2 for stride in _STRIDES[:-1]])
    level = np.searchsorted(starts, rows, side="right") - 1
    strides = np.array(_STRIDES, np.float32)[level]
    place = rows - starts[level]
    across = np.array(columns)[level]
    corner = np.stack([place % across, place // across], axis=1).astype(np.float32)
    middle = (corner + found[:, 1:3]) * strides[:, np.newaxis]
    with np.errstate(over="ignore"):  # an endless box is no face
        size = np.exp(found[:, 3:5]) * strides[:, np.newaxis]
    found[:, 1:3], found[:, 3:5] = middle - size / 2, size
    landmarks = found[:, 5:].reshape(-1, 5, 2) + corner[:, np.newaxis]
    found[:, 5:] = (landmarks * strides[:, np.newaxis, np.newaxis]).reshape(-1, 10)
    return found[np.isfinite(found).all(axis=1)]


def _framed(image: ColorImage, border: int) -> ColorImage:
    """With a border in the mean colour, up to sides that are multiples of 32."""
    height, width = image.shape[:2]
    right = -(width + 2 * border) % _MULTIPLE + border
    below = -(height + 2 * border) % _MULTIPLE + border
    color = cv2.mean(image)
    framed = cv2.copyMakeBorder(
        image, border, below, border, right, cv2.BORDER_CONSTANT, value=color
    )
    return framed.astype(np.uint8, copy=False)


def _one_a_face(found: FloatArray, ranks: FloatArray, overlap: float) -> FloatArray:
    """Of boxes that overlap the one of the best rank, with the mean of their boxes and landmarks.

    Each place errs in its own way, by where the face stands in the network's grid: of wild faces,
    six enrolled by one picture each, the best places' landmarks name 0.930, the means' 0.941.
    Source: Gidaris and Komodakis 2015, "Object detection via a multi-region and semantic
    segmentation-aware CNN model" (box voting).
    """
    if not len(found):
        return found
    kept = cv2.dnn.NMSBoxes(found[:, 1:5].tolist(), ranks.tolist(), 0.0, overlap)
    return np.stack([_mean(found, row) for row in np.asarray(kept).ravel().tolist()])


def _mean(found: FloatArray, row: int) -> FloatArray:
    """A row of (N, 15), with the mean, weighted by the score, of what overlaps its box."""
    starts, sizes = found[:, 1:3], found[:, 3:5]
    ends = starts + sizes
    shared = np.minimum(ends, ends[row]) - np.maximum(starts, starts[row])
    common = shared.clip(min=0.0).prod(axis=1)
    areas = sizes.prod(axis=1)
    near = common >= _ALIKE * (areas + areas[row] - common)
    mean = np.average(found[near], axis=0, weights=found[near, 0])
    mean[0] = found[row, 0]
    return mean.astype(np.float32)


def _detection(row: FloatArray, width: int, height: int) -> Detection:
    left, top = max(0, round(float(row[1]))), max(0, round(float(row[2])))
    right = min(width, round(float(row[1] + row[3])))
    bottom = min(height, round(float(row[2] + row[4])))
    box = BBox(left, top, max(left, right), max(top, bottom))
    return Detection(box, float(row[0]), row[5:].reshape(5, 2).copy())
