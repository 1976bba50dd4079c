"""What the workstation decides and the manifest carries to the device, and why.

docs/decisions/ has the measurements.
"""

from pathlib import Path

import cv2

from edge_app.bundle.manifest import CropSpec, ModelFile
from edge_app.vision.detection.haar import DetectionScale, HaarSpec
from edge_app.vision.detection.yunet import YunetSpec
from edge_app.vision.recognition.eigenfaces import EigenfaceSpec
from edge_app.vision.recognition.lbp import LbpSpec
from edge_app.vision.recognition.sface import OperatingPoint, SfaceSpec

DETECTOR_MODELS = (
    ModelFile(file="yunet.tflite", runtime="tflite", precision="float32", tolerance=2.0),
    ModelFile(file="yunet.onnx", runtime="onnx", precision="float32", tolerance=2.0),
)
"""The first needs no second runtime, which is 20 MiB; the second is a fifth faster."""
EMBEDDING_MODELS = (
    ModelFile(file="sface-dynamic.tflite", runtime="tflite", precision="dynamic", tolerance=0.02),
)

HAAR = HaarSpec(
    file="haarcascade_frontalface_default.xml",
    scale_factor=1.1,
    min_neighbors=5,
    moving=DetectionScale(max_side=400, min_face=0.12),
    still=DetectionScale(max_side=1280, min_face=0.03),
)
"""moving: finds a face in as many photographs (95.2 % of 252) as 640 pixels and 0.08 do, in 0.72 of
the time."""

YUNET = YunetSpec(
    golden="golden-detector.npz",
    models=DETECTOR_MODELS,
    score=0.65,
    overlap=0.3,
    moving_face=24,
    quick_face=40,
    most_side=2000,
)

EMOTION_CROP = CropSpec(size=48, span=2.59, interpolation="area")
"""span: FER2013 frames its faces so on average."""

SFACE = SfaceSpec(
    golden="golden-embedding.npz",
    models=EMBEDDING_MODELS,
    dimensions=128,
    false_accept_rate=0.003,
    curve=tuple(
        OperatingPoint(false_accept_rate=rate, similarity=similarity)
        for rate, similarity in (
            (0.05, 0.392),
            (0.02, 0.423),
            (0.01, 0.441),
            (0.005, 0.455),
            (0.003, 0.465),
            (0.001, 0.480),
        )
    ),
)
"""curve: on twelve people in the wild, the strictest over galleries of 1 person with 1 sample to 11
with 20, and some 0.005 to 0.01 more, as others have look-alikes among them, too; 0.3 % also holds
on ORL, whose one camera makes strangers alike."""

EIGENFACES = EigenfaceSpec(
    file="eigenfaces.xml",
    crop=CropSpec(size=84, span=3.56, interpolation="area"),
    features=LbpSpec(radii=(2, 3, 5), rows=6, columns=5, width=60, height=72, lower=2),
    components=200,
    copies=32,
    false_accept_rate=0.01,
    camera_gap=0.12,
    max_threshold=1.0,
)
"""60 pixels of the 84 are Haar's box."""


def opencv_cascade() -> Path:
    """The cascade inside of OpenCV's package (4.x has it, 5.0 does not)."""
    return Path(cv2.__file__).parent / "data" / HAAR.file
