"""What a rate of false accepts means for the people of a gallery, as figures and a curve."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_app.core.errors import PeopleError
from edge_app.core.types import FloatArray
from edge_app.enrolment.gallery_identifier import gallery_embeddings
from edge_app.storage.gallery import Gallery
from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier
from edge_app.vision.recognition.sface import SfaceSpec

_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""For a method whose bundle has no curve of measured ones."""
_FOLDS = 2
ENOUGH_SAMPLES = 4
"""Of a person: half of them is enrolled while the other half is tried."""


@dataclass(frozen=True)
class Point:
    """A rate of false accepts, and what the gallery's own samples do at it; shares, 0.0 to 1.0.

    threshold: a distance. recognised: of the samples that were held out, named right. mistaken: of
    all samples, given somebody else's name where their person is not enrolled.
    """

    false_accepts: float
    threshold: float
    recognised: float
    mistaken: float


@dataclass(frozen=True)
class Calibration:
    """points: by rate. in_use: at the rate that faces are named by.

    few: who has too few samples to be judged by. samples: how many were tried as strangers'; 0
    where that cannot be done.
    """

    points: Sequence[Point]
    in_use: Point
    people: int
    few: Sequence[str]
    samples: int

    @property
    def verdict(self) -> list[str]:
        """What it means for this gallery, in English, a sentence each."""
        now = self.in_use
        said = [
            f"In use: {now.false_accepts:.2%} of strangers, by the bundle's measurement; of the "
            f"samples that were held out {now.recognised:.1%} are named right."
        ]
        if self.people < 2:
            said.append("Too few to judge: one person alone, for whom nobody here can be taken.")
        elif self.samples:
            wrong = round(now.mistaken * self.samples)
            said.append(
                f"Where their person is not enrolled, {wrong} of {self.samples} samples are given "
                f"another's name{'' if wrong else f', so most likely less than {self._most:.1%}'}."
            )
        if self.few:
            said.append(
                f"Too few to judge: less than {ENOUGH_SAMPLES} samples of {', '.join(self.few)}."
            )
        return said

    @property
    def _most(self) -> float:
        """The share that none of so many rules out with 95 %, if each were by itself."""
        return min(1.0, 3.0 / self.samples)


def calibration_of(
    gallery: Gallery, space: FaceSpace, false_accept_rate: float | None = None
) -> Calibration:
    """Hold every second sample of each person out, then the others, then each person.

    false_accept_rate: the one in use; default: the bundle's. Raises PeopleError where nobody has
    two samples.
    """
    owners, embeddings = gallery_embeddings(gallery, space)
    names = [owner.name for owner in owners]
    counts = Counter(names)
    if not counts or max(counts.values()) < 2:
        raise PeopleError("expected somebody with two samples or more, found nobody; enrol people")
    used = false_accept_rate or space.spec.false_accept_rate
    rates = sorted({*_rates(space), used})
    right = list(_halves(space, names, embeddings, rates))
    wrong = list(_without_them(space, names, embeddings, rates))
    points = [
        Point(
            rate,
            float(np.mean([look.limits[rate] for look in right])),
            _share(right, rate),
            _share(wrong, rate) if wrong else 0.0,
        )
        for rate in rates
    ]
    return Calibration(
        points,
        points[rates.index(used)],
        len(counts),
        sorted(name for name, count in counts.items() if count < ENOUGH_SAMPLES),
        len(wrong),
    )


@dataclass(frozen=True)
class _Look:
    """At a sample. limits: the distance that still names, by rate. counts: whether naming does."""

    limits: Mapping[float, float]
    distance: float
    counts: bool


def _halves(
    space: FaceSpace, names: Sequence[str], embeddings: FloatArray, rates: Sequence[float]
) -> Iterator[_Look]:
    """Samples against the other half of everybody's; who is named right counts."""
    fold = _folds(names)
    for held in range(_FOLDS):
        kept, tried = np.flatnonzero(fold != held).tolist(), np.flatnonzero(fold == held).tolist()
        if not kept:
            continue
        known = [names[row] for row in kept]
        identifier = PeopleIdentifier(space, known, embeddings[kept])
        limits = {rate: identifier.threshold_at(rate) for rate in rates}
        for row in tried:
            if names[row] in known:
                look = identifier.identify_projection(embeddings[row, 0])
                yield _Look(limits, look.distance, look.nearest == names[row])


def _without_them(
    space: FaceSpace, names: Sequence[str], embeddings: FloatArray, rates: Sequence[float]
) -> Iterator[_Look]:
    """Samples against everybody else's; whoever they are named after, it is wrong."""
    everybody = np.array(names)
    for name in sorted(set(names)):
        others = np.flatnonzero(everybody != name).tolist()
        if not others:
            continue
        try:
            identifier = PeopleIdentifier(space, [names[row] for row in others], embeddings[others])
        except PeopleError:  # too few for the method to tell apart
            continue
        limits = {rate: identifier.threshold_at(rate) for rate in rates}
        for row in np.flatnonzero(everybody == name).tolist():
            look = identifier.identify_projection(embeddings[row, 0])
            yield _Look(limits, look.distance, True)


def _share(looks: Sequence[_Look], rate: float) -> float:
    """Of looks, those that count and are near enough."""
    return float(np.mean([look.counts and look.distance <= look.limits[rate] for look in looks]))


def _rates(space: FaceSpace) -> Sequence[float]:
    spec = space.spec
    if isinstance(spec, SfaceSpec):
        return [point.false_accept_rate for point in spec.curve]
    return _RATES


def _folds(names: Sequence[str]) -> NDArray[np.int64]:
    """Which half each sample falls into, by turns within a person."""
    seen: dict[str, int] = defaultdict(int)
    folds = []
    for name in names:
        folds.append(seen[name] % _FOLDS)
        seen[name] += 1
    return np.array(folds, dtype=np.int64)
