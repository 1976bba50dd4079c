"""Inputs that every device replays before it trusts a bundle, and the answers it must give.

Of the emotion network they are drawn faces and noise, of the published ones a public-domain
portrait: nobody's photograph leaves the workstation.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_app.bundle.literals import Normalization
from edge_app.bundle.manifest import CropSpec, NetworkSpec
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


def write_golden(
    path: Path, spec: NetworkSpec, inputs: NDArray[Any], predictors: Mapping[str, Predict]
) -> None:
    """Write an .npz of ``inputs`` and each file's answers under its name, the same every time.

    inputs: float32, or uint8 for what is a picture. Raises ValueError for answers that are no
    numbers: no device could give them.
    """
    values = inputs.astype(np.float32)
    answers = {}
    for name, predict in predictors.items():
        answers[name] = spec.answers(predict(values)).astype(np.float32)
        if not np.isfinite(answers[name]).all():
            raise ValueError(f"{name}: expected an answer for every golden sample, found none")
    np.savez_compressed(path, inputs=inputs, **answers)  # type: ignore[arg-type]  # allow_pickle
