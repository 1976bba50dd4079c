"""What the workstation decides and the manifest carries to the device, and why.

docs/decisions/ has the measurements.
"""

from pathlib import Path

import cv2

from edge_app.manifest import CropSpec, DetectionScale, DetectorSpec, IdentifierSpec

DETECTOR = DetectorSpec(
    file="haarcascade_frontalface_default.xml",
    scale_factor=1.1,
    min_neighbors=5,
    moving=DetectionScale(max_side=400, min_face=0.12),
    still=DetectionScale(max_side=1280, min_face=0.03),
)
"""moving: finds a face in as many photographs (95.2 % of 252) as 640 pixels and 0.08 do, in 0.72 of
the time."""

EMOTION_CROP = CropSpec(size=48, margin=0.02, interpolation="area")
"""margin: Haar's box has 0.98 times the side of FER2013's own crops (median of 5,255 faces)."""

IDENTIFIER = IdentifierSpec(
    file="eigenfaces.xml",
    crop=CropSpec(size=32, margin=0.0, interpolation="area"),
    components=96,
    false_accept_rate=0.001,
    max_threshold=1.0,
)
"""See docs/decisions/0003: larger crops and more components identified no better."""


def opencv_cascade() -> Path:
    """The cascade inside of OpenCV's package (4.x has it, 5.0 does not)."""
    return Path(cv2.__file__).parent / "data" / DETECTOR.file
