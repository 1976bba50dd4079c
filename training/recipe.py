"""What the workstation decides and the manifest carries to the device, and why.

docs/decisions/ has the measurements.
"""

from pathlib import Path
from typing import Literal

import cv2

from edge_app.bundle.manifest import CropSpec
from edge_app.vision.detection.haar import DetectionScale, HaarSpec
from edge_app.vision.recognition.eigenfaces import EigenfaceSpec
from edge_app.vision.recognition.fisherfaces import FisherfaceSpec
from edge_app.vision.recognition.identifier import IdentifierSpec
from edge_app.vision.recognition.lbp import LbpSpec
from edge_app.vision.recognition.lbph import LbphSpec

Method = Literal["eigenfaces", "fisherfaces", "lbph"]
"""What the workstation can have a bundle recognise people by."""

DETECTOR = HaarSpec(
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

IDENTIFIER = EigenfaceSpec(
    file="eigenfaces.xml",
    crop=CropSpec(size=84, margin=0.4, interpolation="area"),
    features=LbpSpec(radii=(2, 3, 5), rows=6, columns=5, width=60, height=72, lower=2),
    components=200,
    copies=32,
    false_accept_rate=0.01,
    camera_gap=0.12,
    max_threshold=1.0,
)
"""docs/decisions/0006 has the steps that led here. 60 pixels of the 84 are the detector's box."""

IDENTIFIERS: dict[Method, IdentifierSpec] = {
    "eigenfaces": IDENTIFIER,
    "fisherfaces": FisherfaceSpec(
        **IDENTIFIER.model_dump(exclude={"kind", "camera_gap"}), camera_gap=0.1
    ),
    "lbph": LbphSpec(
        crop=IDENTIFIER.crop,
        false_accept_rate=IDENTIFIER.false_accept_rate,
        max_threshold=110.0,
    ),
}
"""By method, in its own units of distance; docs/decisions/0026 has what was measured."""


def opencv_cascade() -> Path:
    """The cascade inside of OpenCV's package (4.x has it, 5.0 does not)."""
    return Path(cv2.__file__).parent / "data" / DETECTOR.file
