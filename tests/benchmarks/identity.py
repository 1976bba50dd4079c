"""Who is named rightly, and who is named although a stranger, among faces of a data set.

Every picture goes through the product's own detection, alignment, embedding and comparison, once;
then people are drawn many times: some are enrolled by some of their pictures, their other pictures
are looked at, and all pictures of everybody else are strangers.

Wild faces (shared/data/unpack.py): 12 people x 60 photographs of the press. ORL: 40 people x 10, of
one room and one camera. Both are shown with a border in their mean colour and enlarged, as faces of
a photograph.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.bundle.literals import MethodChoice
from edge_app.core.progress import Progress
from edge_app.core.types import ColorImage, FloatArray, Picture
from edge_app.vision import align
from edge_app.vision.parts import RecognitionSettings, build_detector, load_bundle, load_space
from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier

SIZES = ((1, 1), (1, 10), (6, 1), (6, 3), (6, 10), (6, 20), (11, 10), (11, 20))
"""Galleries of the wild faces: enrolled people, samples of each."""
RATES = (0.05, 0.02, 0.01, 0.005, 0.003, 0.001)
"""Shares of strangers at which the curve of a method is measured."""
_FALSE_ACCEPTS = 0.01
_BORDER, _ENLARGED = 40, 2.5
_SEED = 1


@dataclass(frozen=True)
class Faces:
    """Every face of a data set once.

    people: (N,). projections: (N, K), before a camera. enrolled: (N, copies, K), as a sample.
    missed: pictures without a face that was found, which are in none of the others.
    """

    space: FaceSpace
    people: NDArray[np.str_]
    projections: FloatArray
    enrolled: FloatArray
    missed: int


@dataclass(frozen=True)
class Looks:
    """Answers in one draw. Distances of strangers and of the enrolled, and whether the nearest
    person is the right one."""

    strangers: FloatArray
    known: FloatArray
    right: NDArray[np.bool_]
    threshold: float


@dataclass(frozen=True)
class Row:
    """A size of gallery. right_at_1_percent: named rightly, each draw at its own threshold that
    lets in 1 % of its strangers. shipped: shares at the threshold that ships; at: at others.
    """

    people: int
    samples: int
    right_at_1_percent: float
    shipped: "Shares"
    at: tuple["Shares", ...]
    strictest: tuple[float, ...]
    """For each of RATES the similarity (1 - distance) that lets in such a share of strangers."""


@dataclass(frozen=True)
class Shares:
    right: float
    strangers: float


def read_faces(
    folder: Path, method: MethodChoice, bundle_folder: Path | None, progress: Progress
) -> Faces:
    """The pictures of a folder per person. Raises ValueError for none in which a face is found."""
    bundle = load_bundle(bundle_folder)
    recognition = RecognitionSettings(method=method)
    detector, space = (
        build_detector(bundle, recognition, still=True),
        load_space(bundle, recognition),
    )
    paths = sorted(path for path in folder.glob("*/*") if path.suffix in {".jpg", ".pgm"})
    people, projections, enrolled = [], [], []
    progress.start(len(paths))
    for path in paths:
        picture = Picture(_shown(path))
        found = detector.detect(picture)
        progress.advance()
        if not found:
            continue
        sample = align.sample(picture, found[0])
        people.append(path.parent.name)
        projections.append(space.project(sample[np.newaxis])[0])
        enrolled.append(space.enrolled(sample))
    if not people:
        raise ValueError(f"{folder}: expected PERSON/PICTURE.jpg or .pgm with faces, found none")
    missed = len(paths) - len(people)
    return Faces(space, np.array(people), np.stack(projections), np.stack(enrolled), missed)


def _shown(path: Path) -> ColorImage:
    """The cut-out face as it would stand in a photograph."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{path}: expected a picture")
    color = image.mean(axis=(0, 1)).tolist()
    edges = (_BORDER,) * 4
    framed = cv2.copyMakeBorder(image, *edges, borderType=cv2.BORDER_CONSTANT, value=color)
    return cv2.resize(framed, None, fx=_ENLARGED, fy=_ENLARGED).astype(np.uint8, copy=False)


def measure(
    faces: Faces, people: int, samples: int, draws: int, similarities: Sequence[float] = ()
) -> Row:
    """One size of gallery, with people and samples drawn at random, the same at every call.

    similarities: other thresholds to tell the shares at, as 1 - distance.
    """
    looks = list(_draws(faces, people, samples, draws))
    strangers = np.concatenate([look.strangers for look in looks])
    own = [
        (look.right & (look.known <= np.quantile(look.strangers, _FALSE_ACCEPTS))).mean()
        for look in looks
    ]
    shipped = [_shares(look, look.threshold) for look in looks]
    at = [[_shares(look, 1.0 - similarity) for look in looks] for similarity in similarities]
    return Row(
        people,
        samples,
        float(np.mean(own)),
        _mean(shipped),
        tuple(map(_mean, at)),
        tuple((1.0 - np.quantile(strangers, RATES)).tolist()),
    )


def _draws(faces: Faces, people: int, samples: int, draws: int) -> Iterator[Looks]:
    rng = np.random.default_rng(_SEED)
    everybody = np.unique(faces.people)
    for _ in range(draws):
        enrolled = rng.choice(everybody, people, replace=False)
        gallery = np.concatenate(
            [
                rng.choice(np.flatnonzero(faces.people == one), samples, replace=False)
                for one in enrolled
            ]
        )
        identifier = PeopleIdentifier(
            faces.space, faces.people[gallery].tolist(), faces.enrolled[gallery]
        )
        belongs = np.isin(faces.people, enrolled)
        known = np.setdiff1d(np.flatnonzero(belongs), gallery)
        found = [identifier.identify_projection(faces.projections[row]) for row in known]
        others = [identifier.identify_projection(face) for face in faces.projections[~belongs]]
        yield Looks(
            np.array([one.distance for one in others]),
            np.array([one.distance for one in found]),
            np.array([one.nearest for one in found]) == faces.people[known],
            identifier.threshold,
        )


def _shares(look: Looks, threshold: float) -> Shares:
    named = look.known <= threshold
    return Shares(float((look.right & named).mean()), float((look.strangers <= threshold).mean()))


def _mean(shares: Sequence[Shares]) -> Shares:
    right, strangers = np.mean([(one.right, one.strangers) for one in shares], axis=0).tolist()
    return Shares(right, strangers)
