"""How long recognition takes as a gallery grows: loading, enrolling one more, naming one face."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from edge_app.bundle import loader
from edge_app.core.types import BBox, FloatArray
from edge_app.samples.faces import drawn_face
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from edge_app.vision.recognition.identifier import PeopleIdentifier, face_sample
from edge_app.vision.recognition.jitter import jittered
from edge_app.vision.recognition.methods import load_space

_LOOKS = 200
_OWN_SAMPLES = 30


@dataclass(frozen=True)
class Growth:
    """Milliseconds of processor time. naming: the median of a face, cut and projected included.

    enrolling: projecting 30 samples of one more person and building the comparison anew.
    """

    people: int
    samples: int
    naming_ms: float
    enrolling_ms: float


def loading_ms(bundle_folder: Path | None) -> float:
    """Milliseconds of processor time to read the basis."""
    bundle = loader.load(bundle_folder)
    return _spent(lambda: load_space(bundle))


def measure(bundle_folder: Path | None, sizes: list[tuple[int, int]]) -> Iterator[Growth]:
    """Galleries of (people, samples each), of random faces around those of drawn people."""
    cv2.setNumThreads(1)
    basis = load_space(loader.load(bundle_folder))
    if not isinstance(basis, EigenfaceBasis):
        raise ValueError("expected a bundle that recognises people by eigenfaces, found another")
    picture, box = drawn_face(1), BBox(20, 20, 180, 180)
    crop = face_sample(picture, box, basis.spec.crop)
    crops = jittered(crop, _OWN_SAMPLES)
    for people, samples in sizes:
        names, projections = _gallery(basis, people, samples)
        made: list[PeopleIdentifier] = []

        def enrol(
            names: list[str] = names,
            projections: FloatArray = projections,
            made: list[PeopleIdentifier] = made,
        ) -> None:
            own = np.stack([basis.enrolled(crop) for crop in crops])
            everybody = np.concatenate([projections, own])
            made.append(PeopleIdentifier(basis, [*names, *["new"] * len(own)], everybody))

        enrolling = _spent(enrol)
        (identifier,) = made
        looks = [_spent(partial(identifier.identify, picture, box)) for _ in range(_LOOKS)]
        yield Growth(people, samples, float(np.median(looks)), enrolling)


def _gallery(basis: EigenfaceBasis, people: int, samples: int) -> tuple[list[str], FloatArray]:
    rng = np.random.default_rng(1)
    deviation = basis.cohort.std(axis=0)
    shape = (people, samples, basis.spec.copies, basis.spec.components)
    centres = rng.normal(size=(people, 1, 1, shape[3])).astype(np.float32)
    noise = rng.standard_normal(shape, dtype=np.float32)
    projections = (centres + 0.3 * noise) * deviation
    names = [f"person {number}" for number in range(people) for _ in range(samples)]
    return names, projections.reshape(-1, *shape[2:])


def _spent(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1e3
