"""Where the faces are: OpenCV's Haar cascade behind the Detector protocol."""

from pathlib import Path

import cv2
import numpy as np

from edge_app.errors import BundleError
from edge_app.manifest import DetectionScale, DetectorSpec
from edge_app.types import BBox, GrayImage


class HaarDetector:
    """Detection on a scaled-down picture; boxes come back in pixels of the full one.

    Source: Viola and Jones, 2001. Raises BundleError for a file that holds no cascade (OpenCV
    itself stays silent and then finds nothing).
    """

    def __init__(self, path: Path, spec: DetectorSpec, scale: DetectionScale) -> None:
        cascade = cv2.CascadeClassifier()
        try:
            loaded = path.is_file() and cascade.load(str(path))
        except cv2.error:
            loaded = False
        if not loaded or cascade.empty():
            raise BundleError(f"{path}: expected a Haar cascade in XML, found none; copy it again")
        self._cascade = cascade
        self._spec = spec
        self._scale = scale

    def detect(self, gray: GrayImage) -> list[BBox]:
        """Boxes of the faces in uint8 (H, W), largest first; none for a picture too small."""
        height, width = gray.shape
        scale = min(1.0, self._scale.max_side / max(height, width))
        small = gray
        if scale < 1.0:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        window_width, window_height = self._cascade.getOriginalWindowSize()
        smallest = max(window_width, window_height, round(min(small.shape) * self._scale.min_face))
        if min(small.shape) < smallest:
            return []
        found = self._cascade.detectMultiScale(
            small,
            scaleFactor=self._spec.scale_factor,
            minNeighbors=self._spec.min_neighbors,
            minSize=(smallest, smallest),
        )
        horizontal, vertical = width / small.shape[1], height / small.shape[0]
        boxes = [
            BBox(
                round(x * horizontal),
                round(y * vertical),
                min(width, round((x + w) * horizontal)),
                min(height, round((y + h) * vertical)),
            )
            for x, y, w, h in np.asarray(found).reshape(-1, 4)
        ]
        return sorted(boxes, key=lambda box: box.area, reverse=True)
