"""How long it takes as a gallery grows: loading, enrolling one more, naming a face, listing."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from edge_app.bundle.literals import MethodChoice
from edge_app.core.types import ColorImage, FloatArray
from edge_app.updates.store import BundleStore
from edge_app.vision.parts import RecognitionSettings, load_bundle, load_space
from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier
from edge_app.web.services import open_services
from tests.benchmarks.portraits import her_samples
from tests.edge_app.web.conftest import StillControls, client_of
from tests.stored import new_sample

_LOOKS = 200
_OWN_SAMPLES = 30
_ANSWERS = 20


@dataclass(frozen=True)
class Growth:
    """Milliseconds of processor time. comparing: the median of a face that is embedded already.

    embedding: the median of a face. enrolling: embedding 30 samples of one more person and building
    the comparison anew.
    """

    people: int
    samples: int
    comparing_ms: float
    embedding_ms: float
    enrolling_ms: float


def loading_ms(bundle_folder: Path | None, method: MethodChoice) -> float:
    """Milliseconds of processor time to read the network or the basis."""
    bundle = load_bundle(bundle_folder)
    return _spent(lambda: load_space(bundle, RecognitionSettings(method=method)))


def measure(
    bundle_folder: Path | None, method: MethodChoice, sizes: list[tuple[int, int]]
) -> Iterator[Growth]:
    """Galleries of (people, samples each), of random embeddings beside those of a photograph."""
    cv2.setNumThreads(1)
    space = load_space(load_bundle(bundle_folder), RecognitionSettings(method=method))
    crops = [sample.crop for sample in her_samples(_OWN_SAMPLES)]
    own = np.stack([space.enrolled(crop) for crop in crops])
    face = own[0, 0]
    embedding = [_spent(partial(space.project, crop[np.newaxis])) for crop in crops]
    for people, samples in sizes:
        names, others = _gallery(own, people, samples)
        made: list[PeopleIdentifier] = []
        enrolling = _spent(partial(_enrol, space, names, others, crops, made))
        (identifier,) = made
        looks = [_spent(partial(identifier.identify_projection, face)) for _ in range(_LOOKS)]
        yield Growth(
            people, samples, float(np.median(looks)), float(np.median(embedding)), enrolling
        )


def _enrol(
    space: FaceSpace,
    names: list[str],
    projections: FloatArray,
    crops: list[ColorImage],
    made: list[PeopleIdentifier],
) -> None:
    own = np.stack([space.enrolled(crop) for crop in crops])
    everybody = np.concatenate([projections, own])
    made.append(PeopleIdentifier(space, [*names, *["new"] * len(own)], everybody))


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
        controls = StillControls(load_bundle(bundle_folder), Path(folder))
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


def _gallery(own: FloatArray, people: int, samples: int) -> tuple[list[str], FloatArray]:
    """Names and embeddings of random people, as large as those of (N, copies, K)."""
    rng = np.random.default_rng(1)
    shape = (people, samples, *own.shape[1:])
    centres = rng.normal(size=(people, 1, 1, shape[3])).astype(np.float32)
    noise = rng.standard_normal(shape, dtype=np.float32)
    embeddings = (centres + 0.3 * noise) * np.float32(own.std())
    names = [f"person {number}" for number in range(people) for _ in range(samples)]
    return names, embeddings.reshape(-1, *shape[2:])


def _spent(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1e3
