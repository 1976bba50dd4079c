"""A method that compares by cosines, with faces that have the embedding a test says."""

import zlib
from collections.abc import Sequence

import numpy as np

from edge_app.core.types import ColorImage, FloatArray
from edge_app.storage.gallery import NewSample, Origin
from edge_app.vision.align import SAMPLE_SIZE, TEMPLATE_SIZE, template_crops
from edge_app.vision.recognition.sface import SfaceSpace, SfaceSpec, unit
from tests.stored import quality

DIMENSIONS = 14
_STRIPE = TEMPLATE_SIZE // DIMENSIONS
_COMMON = 0.12
"""Of which 0.21 becomes where a face and its mirror image are averaged."""
_SPEC = SfaceSpec.model_validate(
    {
        "golden": "golden-embedding.npz",
        "models": [
            {"file": "a.onnx", "runtime": "onnx", "precision": "float32", "tolerance": 0.01}
        ],
        "false_accept_rate": 0.01,
        "dimensions": DIMENSIONS,
        "curve": [
            {"false_accept_rate": 0.01, "similarity": 0.45},
            {"false_accept_rate": 0.1, "similarity": 0.40},
        ],
    }
)


def vector(*cosines: float) -> FloatArray:
    """Of unit length, with these cosines to the first axes; the rest is on the last one."""
    made = np.zeros(DIMENSIONS, np.float32)
    made[: len(cosines)] = cosines
    made[-1] = np.sqrt(max(0.0, 1.0 - float(made @ made)))
    return made


def striped(embedding: FloatArray) -> ColorImage:
    """A sample, uint8 (160, 160, 3), that ``striped_space`` embeds so: a stripe for each number."""
    values = 128.0 + 110.0 * embedding
    face = np.repeat(values, _STRIPE)[:, np.newaxis, np.newaxis]
    sample = np.full((SAMPLE_SIZE, SAMPLE_SIZE, 3), 128, np.uint8)
    template_crops(sample[np.newaxis])[0][:] = face.round()
    return sample


def striped_sample(embedding: FloatArray, origin: Origin = "camera") -> NewSample:
    return NewSample(striped(embedding), quality(), origin)


def striped_samples(*cosines: float, count: int = 3) -> list[NewSample]:
    """So many, alike but for what is stored."""
    return [striped_sample(vector(*cosines))] * count


def striped_space() -> SfaceSpace:
    """Embeds samples of ``striped``."""
    return SfaceSpace(_read_stripes, _SPEC, "stripes")  # type: ignore[arg-type]


def strange_space() -> SfaceSpace:
    """For which no face looks much like another picture of any."""
    return SfaceSpace(_at_random, _SPEC, "strange")  # type: ignore[arg-type]


def _read_stripes(faces: FloatArray) -> FloatArray:
    rows = faces.mean(axis=(2, 3)).reshape(len(faces), DIMENSIONS, _STRIPE)
    return (rows.mean(axis=2) - 128.0).astype(np.float32)


def _at_random(faces: FloatArray) -> FloatArray:
    return np.stack([_random(face) for face in faces])


def _random(face: FloatArray) -> FloatArray:
    """As like to every other: nobody's in particular, and nobody's certainly not."""
    rng = np.random.default_rng(zlib.crc32(face.tobytes()))
    made = unit(rng.normal(size=(1, 4096)).astype(np.float32))[0] * np.sqrt(1.0 - _COMMON)
    made[0] = np.sqrt(_COMMON)
    return made.astype(np.float32)


def same(samples: Sequence[NewSample]) -> list[ColorImage]:
    """Their pictures."""
    return [sample.crop for sample in samples]
