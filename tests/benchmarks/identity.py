"""The protocol of docs/decisions/0006: who of 40 people is who, and who is a stranger.

Ten random draws of 20 enrolled people with 5 images each, tested on their other 5 and on all images
of the other 20. Every image goes through detection and cropping as a camera's frame would.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.bundle import loader
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import Method as IdentifierMethod
from edge_app.core.types import BBox, Detection, FloatArray, GrayImage, Picture
from edge_app.vision.detection.haar import HaarDetector
from edge_app.vision.preprocess import crop
from edge_app.vision.recognition.identifier import PeopleIdentifier
from edge_app.vision.recognition.methods import load_space
from training.recipe import IDENTIFIERS

_SHOTS, _FALSE_ACCEPTS = 5, 0.01

Rows = NDArray[np.int64]
Found = tuple[NDArray[np.floating[Any]], Rows, float | None]
"""Each probe's distance and person, and the threshold where a method has one."""
Method = Callable[[Rows, Rows], Found]
"""(rows of the gallery, rows of the probes) to what was found."""


@dataclass(frozen=True)
class Row:
    """Shares, 0.0 to 1.0, averaged over the draws; None where a method has no default."""

    method: str
    right_at_1_percent: float
    rank_1: float
    strangers_at_default: float | None = None
    right_at_default: float | None = None


@dataclass(frozen=True)
class Draws:
    """How people are drawn: ``count`` times ``enrolled`` of ``people``."""

    people: Sequence[int]
    enrolled: int
    count: int
    seed: int = 1


def measure(folder: Path, bundle_folder: Path | None, draws: int, *, half: bool) -> list[Row]:
    """All methods on the same crops and draws.

    half: 10 of the 20 people of odd number, the half that settings were chosen on.
    """
    bundle = loader.load(bundle_folder)
    crops, people = _load(folder, bundle)
    plan = Draws(range(1, 41, 2), 10, draws) if half else Draws(range(1, 41), 20, draws)
    methods: dict[str, Method] = {
        "OpenCV Eigenfaces": _opencv(cv2.face.EigenFaceRecognizer.create, crops, people),
        "OpenCV Fisherfaces": _opencv(cv2.face.FisherFaceRecognizer.create, crops, people),
        "OpenCV LBPH": _opencv(cv2.face.LBPHFaceRecognizer.create, crops, people),
        **{
            f"this project, {method}": _ours(_with(bundle, method), crops, people)
            for method in IDENTIFIERS
        },
    }
    return [_run(name, method, people, plan) for name, method in methods.items()]


def _with(bundle: Bundle, method: IdentifierMethod) -> Bundle:
    """The bundle as if it had chosen a method, with that method's settings of the recipe."""
    spec = IDENTIFIERS[method]
    return replace(bundle, manifest=bundle.manifest.model_copy(update={"identifier": spec}))


def _ours(bundle: Bundle, crops: GrayImage, people: Rows) -> Method:
    space = load_space(bundle)
    enrolled: list[FloatArray] = [space.enrolled(crop) for crop in crops]

    def found(gallery: Rows, probes: Rows) -> Found:
        identifier = PeopleIdentifier(
            space,
            [str(people[row]) for row in gallery],
            np.stack([enrolled[row] for row in gallery]),
        )
        nearest = [identifier.nearest(enrolled[row][0]) for row in probes]
        distances = np.array([distance for _, distance in nearest])
        return distances, np.array([int(name) for name, _ in nearest]), identifier.threshold

    return found


def _opencv(create: Callable[[], Any], crops: GrayImage, people: Rows) -> Method:
    """One of OpenCV's recognisers on the detector's box, retrained per draw."""
    room = round(crops.shape[1] * 0.4 / 1.4 / 2)
    boxes = np.ascontiguousarray(crops[:, room:-room, room:-room])

    def found(gallery: Rows, probes: Rows) -> Found:
        recognizer = create()
        recognizer.train(list(boxes[gallery]), people[gallery].astype(np.int32))
        answers = [recognizer.predict(boxes[row]) for row in probes]
        distances = np.array([distance for _, distance in answers])
        return distances, np.array([person for person, _ in answers]), None

    return found


_USUAL = Detection(BBox(50, 65, 214, 229), 0.0)
"""Where the others' faces are, for a picture in which none is found."""


def _load(folder: Path, bundle: Bundle) -> tuple[GrayImage, Rows]:
    spec = bundle.manifest
    detector = HaarDetector(bundle.path(spec.detector.file), spec.detector, spec.detector.still)
    crops, people = [], []
    for path in sorted(folder.glob("s*/*.pgm")):
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise ValueError(f"{path}: expected a picture")
        large = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(large, 40, 40, 40, 40, cv2.BORDER_REPLICATE).astype(np.uint8)
        picture = Picture.of_gray(framed)
        found = detector.detect(picture)
        crops.append(crop(picture, found[0] if found else _USUAL, spec.identifier.crop))
        people.append(int(path.parent.name[1:]))
    if not crops:
        raise ValueError(f"{folder}: expected sNN/K.pgm, found none")
    return np.stack(crops), np.array(people)


def _run(name: str, method: Method, people: Rows, plan: Draws) -> Row:
    rng = np.random.default_rng(plan.seed)
    figures = []
    for _ in range(plan.count):
        enrolled = rng.permutation(np.asarray(plan.people))[: plan.enrolled]
        shuffled = [rng.permutation(np.flatnonzero(people == one)) for one in enrolled]
        gallery = np.concatenate([rows[:_SHOTS] for rows in shuffled])
        known = np.concatenate([rows[_SHOTS:] for rows in shuffled])
        rest = np.setdiff1d(np.asarray(plan.people), enrolled)
        strangers = np.flatnonzero(np.isin(people, rest))
        distances, guesses, shipped = method(gallery, np.concatenate([known, strangers]))
        right = guesses[: len(known)] == people[known]
        distance, stranger_distance = distances[: len(known)], distances[len(known) :]
        limit = np.quantile(stranger_distance, _FALSE_ACCEPTS)
        row = [(right & (distance <= limit)).mean(), right.mean()]
        if shipped is not None:
            row += [(stranger_distance <= shipped).mean(), (right & (distance <= shipped)).mean()]
        figures.append(row)
    return Row(name, *np.mean(figures, axis=0))
