"""Where the faces are: OpenCV's Haar cascade behind the Detector protocol."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import cv2
import numpy as np
from pydantic import Field, PositiveInt

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import Strict
from edge_app.core.errors import BundleError
from edge_app.core.types import BBox, Detection, Picture
from edge_app.vision.detection.base import DetectorSpec, Search, largest_first

_NEAR_FACE_PX = 80
"""A known face is looked for at about this size; see docs/decisions/0014."""
_NEAR_MARGIN = 0.2
"""Share of the box's side that is searched around it: how far a face may move between frames."""
_NEAR_SIZES = (0.8, 1.3)
"""Smallest and largest face that is looked for, as shares of the known one's side."""
_NEAR_SCALE_FACTOR = 1.2
_NEAR_NEIGHBORS = 2
"""Fewer than in a search of everything: that there is a face near is known."""
_BORDER = 0.1
_LEAST_BORDER = 4
"""Room around a picture in its mean grey, as a share of the shorter side and in pixels: the cascade
finds no face that touches the edge."""
_NESTED = 0.5
"""Share of the smaller box; people side by side overlap far less."""


class DetectionScale(Strict):
    """How small a face is looked for, and so how long that takes."""

    max_side: PositiveInt
    """Pixels of the longer side that a picture is scaled down to before detection."""
    min_face: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Side of the smallest face that is looked for, as a fraction of the shorter side."""


class HaarSpec(DetectorSpec):
    """Haar cascade (Viola and Jones 2001; OpenCV's detectMultiScale)."""

    title: ClassVar[str] = "Haar cascade"
    finds_landmarks: ClassVar[bool] = False

    kind: Literal["haar"] = "haar"
    file: str
    scale_factor: Annotated[float, Field(gt=1.0)]
    min_neighbors: PositiveInt
    moving: DetectionScale
    """For video and cameras, where every millisecond counts."""
    still: DetectionScale
    """For photographs, where small faces in a group count."""

    def build(
        self, bundle: Bundle, search: Search, runtime: Runtime | None = None
    ) -> "HaarDetector":
        return HaarDetector(bundle.path(self.file), self, search)


class HaarDetector:
    """Detection on a scaled-down picture; boxes come back in pixels of the full one.

    The score is the number of windows that the cascade merged into a box, its only measure.
    Source: Viola and Jones, 2001. Raises BundleError for a file that holds no cascade (OpenCV
    itself stays silent and then finds nothing).
    """

    def __init__(self, path: Path, spec: HaarSpec, search: Search) -> None:
        cascade = cv2.CascadeClassifier()
        try:
            loaded = path.is_file() and cascade.load(str(path))
        except cv2.error:
            loaded = False
        if not loaded or cascade.empty():
            raise BundleError(f"{path}: expected a Haar cascade in XML, found none; copy it again")
        self._cascade = cascade
        self._spec = spec
        self._scale = spec.still if search.still else spec.moving
        self._min_face = search.min_face

    def detect(self, picture: Picture) -> list[Detection]:
        """The faces in a picture, largest first; none for a picture too small."""
        gray = picture.gray
        height, width = gray.shape
        window = max(self._cascade.getOriginalWindowSize())
        least = self._least_share(min(height, width))
        scale = min(1.0, self._scale.max_side / max(height, width))
        if self._min_face is not None:
            scale = min(1.0, window / self._min_face)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = gray
        if scale < 1.0:
            small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        border = max(_LEAST_BORDER, round(min(size) * _BORDER))
        framed = cv2.copyMakeBorder(
            small, border, border, border, border, cv2.BORDER_CONSTANT, value=float(small.mean())
        )
        smallest = max(window, round(min(size) * least))
        if min(framed.shape) < smallest:
            return []
        found, neighbors = self._cascade.detectMultiScale2(
            framed,
            scaleFactor=self._spec.scale_factor,
            minNeighbors=self._spec.min_neighbors,
            minSize=(smallest, smallest),
        )
        horizontal, vertical = width / size[0], height / size[1]
        boxes = (
            BBox(
                max(0, round((x - border) * horizontal)),
                max(0, round((y - border) * vertical)),
                min(width, round((x - border + w) * horizontal)),
                min(height, round((y - border + h) * vertical)),
            )
            for x, y, w, h in np.asarray(found).reshape(-1, 4)
        )
        kept = without_nested(list(map(Detection, boxes, _scores(neighbors))))
        return largest_first([face for face in kept if face.bbox.area > 0])

    def _least_share(self, shorter: int) -> float:
        """Of the shorter side, in pixels, that the smallest face has."""
        return self._scale.min_face if self._min_face is None else self._min_face / shorter

    def detect_near(self, picture: Picture, bbox: BBox) -> Detection | None:
        """The face that was in the box a moment ago, where it is now in the picture, or None."""
        gray = picture.gray
        height, width = gray.shape
        side = max(bbox.width, bbox.height)
        margin = round(side * _NEAR_MARGIN)
        left, top = max(0, bbox.xmin - margin), max(0, bbox.ymin - margin)
        region = gray[top : min(height, bbox.ymax + margin), left : min(width, bbox.xmax + margin)]
        scale = min(1.0, _NEAR_FACE_PX / side)
        size = (round(region.shape[1] * scale), round(region.shape[0] * scale))
        smallest, largest = (max(1, round(side * scale * share)) for share in _NEAR_SIZES)
        if min(size) < max(smallest, *self._cascade.getOriginalWindowSize()):
            return None
        small = cv2.resize(region, size, interpolation=cv2.INTER_AREA)
        found, neighbors = self._cascade.detectMultiScale2(
            small,
            scaleFactor=_NEAR_SCALE_FACTOR,
            minNeighbors=_NEAR_NEIGHBORS,
            minSize=(smallest, smallest),
            maxSize=(largest, largest),
        )
        boxes = (
            BBox(
                left + round(x / scale),
                top + round(y / scale),
                min(width, left + round((x + w) / scale)),
                min(height, top + round((y + h) / scale)),
            )
            for x, y, w, h in np.asarray(found).reshape(-1, 4)
        )
        near = map(Detection, boxes, _scores(neighbors))
        return max(near, key=lambda one: bbox.iou(one.bbox), default=None)


def without_nested(found: Sequence[Detection]) -> list[Detection]:
    """One box a face: of two that share most of the smaller one, that of the better score."""
    kept: list[Detection] = []
    for one in sorted(found, key=lambda one: -one.score):
        if not any(_nested(one.bbox, other.bbox) for other in kept):
            kept.append(one)
    return kept


def _scores(neighbors: object) -> list[float]:
    return np.asarray(neighbors, np.float64).ravel().tolist()


def _nested(first: BBox, second: BBox) -> bool:
    return first.intersection(second) > _NESTED * min(first.area, second.area)
