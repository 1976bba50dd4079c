"""The protocol of docs/decisions/0003: who of 40 people is who, and who is a stranger.

Ten random draws of 20 enrolled people with 5 images each, tested on their other 5 and on all images
of the other 20. Every image goes through detection and cropping as a camera's frame would.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app import bundle as bundles
from edge_app.bundle import Bundle
from edge_app.detect import HaarDetector
from edge_app.identify import face_sample, load_basis, threshold_for
from edge_app.types import BBox, GrayImage

_ENROLLED, _SHOTS, _FALSE_ACCEPTS = 20, 5, 0.01

Distances = NDArray[np.floating[Any]]
Method = Callable[[GrayImage, NDArray[np.int64], GrayImage], tuple[Distances, NDArray[np.int64]]]
"""(gallery crops, their people, probe crops) to each probe's nearest distance and person."""


@dataclass(frozen=True)
class Row:
    """Shares, 0.0 to 1.0, averaged over the draws; None where a method has no default."""

    method: str
    right_at_1_percent: float
    rank_1: float
    strangers_at_default: float | None = None
    right_at_default: float | None = None


def measure(folder: Path, draws: int) -> list[Row]:
    """Both methods on the same crops and draws."""
    bundle = bundles.load()
    spec = bundle.manifest.identifier
    basis = load_basis(bundle)

    def ours(gallery: GrayImage, people: NDArray[np.int64], probes: GrayImage) -> Any:
        distances = 1.0 - basis.project(probes) @ basis.project(gallery).T
        return distances.min(axis=1), people[distances.argmin(axis=1)]

    def default_threshold(gallery: GrayImage) -> float:
        return threshold_for(basis.project(gallery), basis, spec)

    crops, people = _load(folder, bundle)
    return [
        _run("OpenCV Eigenfaces", _opencv, None, crops, people, draws),
        _run("this project", ours, default_threshold, crops, people, draws),
    ]


def _opencv(gallery: GrayImage, people: NDArray[np.int64], probes: GrayImage) -> Any:
    recognizer = cv2.face.EigenFaceRecognizer.create()
    recognizer.train(list(gallery), people.astype(np.int32))
    found = [recognizer.predict(probe) for probe in probes]
    return np.array([distance for _, distance in found]), np.array([name for name, _ in found])


def _load(folder: Path, bundle: Bundle) -> tuple[GrayImage, NDArray[np.int64]]:
    spec = bundle.manifest
    detector = HaarDetector(bundle.path(spec.detector.file), spec.detector, spec.detector.still)
    crops, people = [], []
    for path in sorted(folder.glob("s*/*.pgm")):
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise ValueError(f"{path}: expected a picture")
        large = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(large, 40, 40, 40, 40, cv2.BORDER_REPLICATE).astype(np.uint8)
        boxes = detector.detect(framed)
        box = boxes[0] if boxes else BBox(50, 65, 214, 229)  # where the others' faces are
        crops.append(face_sample(framed, box, spec.identifier.crop))
        people.append(int(path.parent.name[1:]))
    if not crops:
        raise ValueError(f"{folder}: expected sNN/K.pgm, found none")
    return np.stack(crops), np.array(people)


def _run(
    name: str,
    method: Method,
    default_threshold: Callable[[GrayImage], float] | None,
    crops: GrayImage,
    people: NDArray[np.int64],
    draws: int,
) -> Row:
    rng = np.random.default_rng(1)
    figures = []
    for _ in range(draws):
        enrolled = rng.permutation(np.unique(people))[:_ENROLLED]
        shuffled = [rng.permutation(np.flatnonzero(people == one)) for one in enrolled]
        gallery = np.concatenate([rows[:_SHOTS] for rows in shuffled])
        known = np.concatenate([rows[_SHOTS:] for rows in shuffled])
        strangers = np.flatnonzero(~np.isin(people, enrolled))
        distance, guess = method(crops[gallery], people[gallery], crops[known])
        stranger_distance, _ = method(crops[gallery], people[gallery], crops[strangers])
        right = guess == people[known]
        limit = np.quantile(stranger_distance, _FALSE_ACCEPTS)
        row = [(right & (distance <= limit)).mean(), right.mean()]
        if default_threshold is not None:
            shipped = default_threshold(crops[gallery])
            row += [(stranger_distance <= shipped).mean(), (right & (distance <= shipped)).mean()]
        figures.append(row)
    return Row(name, *np.mean(figures, axis=0))
