"""How long recognition takes as a gallery grows: loading, enrolling one more, naming one face."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from edge_app.bundle import loader
from edge_app.core.types import BBox, Detection, FloatArray, Picture
from edge_app.samples.faces import drawn_face
from edge_app.vision.preprocess import crop
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis, load_basis
from edge_app.vision.recognition.identifier import PeopleIdentifier
from edge_app.vision.recognition.jitter import jittered

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
    return _spent(lambda: load_basis(bundle))


def measure(bundle_folder: Path | None, sizes: list[tuple[int, int]]) -> Iterator[Growth]:
    """Galleries of (people, samples each), of random faces around those of drawn people."""
    cv2.setNumThreads(1)
    basis = load_basis(loader.load(bundle_folder))
    picture, face = Picture.of_gray(drawn_face(1)), Detection(BBox(20, 20, 180, 180), 9.0)
    crops = jittered(crop(picture, face, basis.spec.crop), _OWN_SAMPLES)
    for people, samples in sizes:
        names, projections = _gallery(basis, people, samples)
        made: list[PeopleIdentifier] = []

        def enrol(
            names: list[str] = names,
            projections: FloatArray = projections,
            made: list[PeopleIdentifier] = made,
        ) -> None:
            own = np.stack([basis.enrolled(own) for own in crops])
            everybody = np.concatenate([projections, own])
            made.append(PeopleIdentifier(basis, [*names, *["new"] * len(own)], everybody))

        enrolling = _spent(enrol)
        (identifier,) = made
        looks = [_spent(partial(identifier.identify, picture, face)) for _ in range(_LOOKS)]
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
