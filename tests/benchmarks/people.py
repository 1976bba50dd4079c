"""How long it takes as a gallery grows: loading, enrolling one more, naming a face, listing."""

import tempfile
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
from edge_app.updates.store import BundleStore
from edge_app.vision.preprocess import crop
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from edge_app.vision.recognition.identifier import PeopleIdentifier
from edge_app.vision.recognition.jitter import jittered
from edge_app.vision.recognition.methods import load_space
from edge_app.web.services import open_services
from tests.edge_app.web.conftest import StillControls, client_of
from tests.stored import new_sample

_LOOKS = 200
_OWN_SAMPLES = 30
_ANSWERS = 20


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


@dataclass(frozen=True)
class Listing:
    """Milliseconds of processor time: of the API's list and of the page, medians, and of decoding.

    decoding_ms: every picture of the gallery, which neither answer needs.
    """

    api_ms: float
    page_ms: float
    decoding_ms: float


def listing(bundle_folder: Path | None, people: int, samples: int) -> Listing:
    """The list of people of a gallery, asked for within this process."""
    with tempfile.TemporaryDirectory() as folder:
        controls = StillControls(loader.load(bundle_folder), Path(folder))
        with open_services(controls, BundleStore(Path(folder) / "store")) as services:
            gallery = services.gallery
            for person in range(people):
                moods = np.linspace(-1.0, 1.0, samples)
                gallery.enrol(f"person {person}", [new_sample(person, mood=mood) for mood in moods])
            decoding = _spent(lambda: [sample.crop for sample in gallery.samples()])
            with client_of(services) as client:
                api, page = (
                    float(np.median([_spent(partial(client.get, path)) for _ in range(_ANSWERS)]))
                    for path in ("/api/people", "/people")
                )
    return Listing(api, page, decoding)


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
