"""Inputs that every device replays before it trusts a bundle, and the outputs it must give.

The inputs are drawn faces and noise: nobody's photograph leaves the workstation.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from edge_app.bundle.literals import Normalization
from edge_app.bundle.manifest import CropSpec
from edge_app.core.types import FloatArray
from edge_app.samples.faces import drawn_face
from edge_app.vision.preprocess import normalize, resize
from training.network import Predict

_PEOPLE = 6
_MOODS = (-0.8, 0.0, 0.8)
_NOISE = 2


def golden_inputs(crop: CropSpec, normalization: Normalization) -> FloatArray:
    """float32 (20, S, S, 1): six drawn people in three moods, and two pictures of noise."""
    rng = np.random.default_rng(0)
    faces = [drawn_face(seed, mood=mood) for seed in range(_PEOPLE) for mood in _MOODS]
    crops = [resize(face, crop.size, crop.interpolation) for face in faces]
    noise = [rng.integers(0, 256, (crop.size, crop.size), dtype=np.uint8) for _ in range(_NOISE)]
    return normalize(np.stack([*crops, *noise]), normalization)


def write_golden(path: Path, inputs: FloatArray, predictors: Mapping[str, Predict]) -> None:
    """Write an .npz of ``inputs`` and each file's outputs under its name, the same every time."""
    outputs = {name: predict(inputs).astype(np.float32) for name, predict in predictors.items()}
    np.savez(path, inputs=inputs, **outputs)  # type: ignore[arg-type]  # stubs see allow_pickle
