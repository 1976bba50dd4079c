"""What is wrong with a gallery: samples and people that make recognition worse.

Measured on 12 people of the press with up to 60 pictures each, compared by SFace; the constants say
what of them.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge_app.core.types import FloatArray
from edge_app.enrolment.gallery_identifier import sample_embeddings
from edge_app.enrolment.groups import halves
from edge_app.enrolment.resemblance import has_cosines
from edge_app.storage.gallery import Gallery, Sample
from edge_app.storage.people import Person
from edge_app.vision.recognition.identifier import FaceSpace
from edge_app.vision.recognition.sface import unit

Kind = Literal[
    "two_people", "like_other", "hard_to_tell", "few_samples", "not_aligned", "nearly_same"
]

HARD_TO_TELL = 0.40
"""Cosine between the means of two people: 98 of 100 pairs are below, and 0.46 is the nearest."""
NEARLY_SAME = 0.95
"""Cosine between two samples of a person: 6 of 10,000 pairs are above."""
FEW_SAMPLES = 3
"""With one sample 82 of 100 pictures are named, with three 97, with ten 99."""


@dataclass(frozen=True)
class Finding:
    """Something about a person. similarity: cosine, where the finding has one.

    two_people: samples that do not resemble the person's others (``groups``). like_other: samples
    that look more like ``other`` than like the person's other samples; of 10,000 right samples 97
    do where everybody has three, and 20 with ten or more. Such a sample is always found where the
    other is enrolled, and in four of five cases where not. hard_to_tell: the person and ``other``.
    few_samples, not_aligned: of the person alone. nearly_same: samples of which one would do; it
    harms nobody.
    """

    kind: Kind
    person: Person
    samples: tuple[int, ...] = ()
    """Their numbers."""
    other: Person | None = None
    similarity: float | None = None

    @property
    def people(self) -> tuple[Person, ...]:
        """Whose page it belongs on: of a pair, both's."""
        if self.kind == "hard_to_tell" and self.other is not None:
            return (self.person, self.other)
        return (self.person,)

    @property
    def text(self) -> str:
        """The key of the text that says it, to be filled with ``values``."""
        return f"check.{self.kind}"

    def values(self) -> dict[str, object]:
        """By the names in the text."""
        return {
            "name": self.person.name,
            "count": len(self.samples),
            "other": self.other.name if self.other else "",
            "similarity": f"{self.similarity or 0.0:.2f}",
        }

    def record(self) -> dict[str, object]:
        """As JSON tells it."""
        return {
            "kind": self.kind,
            "person": self.person.name,
            "samples": list(self.samples),
            "other": self.other.name if self.other else None,
            "similarity": None if self.similarity is None else round(self.similarity, 3),
        }


def check(gallery: Gallery, space: FaceSpace) -> list[Finding]:
    """Everything that is found, the worst kinds first; only the last two without cosines."""
    people = gallery.people()
    found: list[Finding] = []
    remarks: list[Finding] = []
    samples, embeddings = sample_embeddings(gallery, space)
    if samples and has_cosines(space):
        faces = _Faces(people, samples, embeddings[:, 0])
        found += [*faces.two_people(), *faces.hard_to_tell(), *faces.like_others()]
        remarks += faces.nearly_same()
    return [*found, *_few(people, samples), *_unaligned(gallery, people), *remarks]


class _Faces:
    """The samples that can be compared. embeddings: float32 (N, K), of unit length."""

    def __init__(self, people: list[Person], samples: list[Sample], embeddings: FloatArray) -> None:
        usable = np.isfinite(embeddings).all(axis=1)
        self._ids = [samples[row].id for row in np.flatnonzero(usable)]
        self._faces = embeddings[usable]
        numbers = np.array([sample.person_id for sample in samples])[usable]
        present = set(numbers.tolist())
        self._people = [person for person in people if person.id in present]
        places = {person.id: place for place, person in enumerate(self._people)}
        self._owners = np.array([places[number] for number in numbers.tolist()], np.int64)
        self._sums = np.zeros((len(self._people), embeddings.shape[1]), np.float32)
        np.add.at(self._sums, self._owners, self._faces)

    def two_people(self) -> Iterator[Finding]:
        for place, person in enumerate(self._people):
            rows = np.flatnonzero(self._owners == place)
            if len(rows) > 1 and (found := halves(self._faces[rows])).apart:
                strays = self._numbers(rows[list(found.fewer)].tolist())
                yield Finding("two_people", person, strays, similarity=found.similarity)

    def like_others(self) -> Iterator[Finding]:
        if len(self._people) < 2:
            return
        owners, rows = self._owners, np.arange(len(self._faces))
        rest = unit(self._sums[owners] - self._faces)
        own = (rest * self._faces).sum(axis=1)
        others = self._faces @ unit(self._sums).T
        others[rows, owners] = -np.inf
        nearest = others.argmax(axis=1)
        alone = np.bincount(owners)[owners] < 2
        wrong: dict[tuple[int, int], list[int]] = defaultdict(list)
        for row in np.flatnonzero((others[rows, nearest] > own) & ~alone):
            wrong[int(owners[row]), int(nearest[row])].append(int(row))
        for (owner, other), places in sorted(wrong.items()):
            yield Finding(
                "like_other",
                self._people[owner],
                self._numbers(places),
                self._people[other],
                float(others[places, other].max()),
            )

    def hard_to_tell(self) -> Iterator[Finding]:
        means = unit(self._sums)
        for one, other, similarity in _pairs_above(means, HARD_TO_TELL):
            yield Finding(
                "hard_to_tell",
                self._people[one],
                other=self._people[other],
                similarity=similarity,
            )

    def nearly_same(self) -> Iterator[Finding]:
        for place, person in enumerate(self._people):
            rows = np.flatnonzero(self._owners == place)
            pairs = list(_pairs_above(self._faces[rows], NEARLY_SAME))
            if pairs:
                alike = sorted({int(rows[row]) for pair in pairs for row in pair[:2]})
                highest = max(similarity for *_, similarity in pairs)
                yield Finding("nearly_same", person, self._numbers(alike), similarity=highest)

    def _numbers(self, places: list[int]) -> tuple[int, ...]:
        return tuple(self._ids[place] for place in places)


def _pairs_above(vectors: FloatArray, bound: float) -> Iterator[tuple[int, int, float]]:
    """Of (N, K): which are as alike as that, and how much, the most alike first."""
    alike: NDArray[np.float32] = vectors @ vectors.T
    ones, others = np.nonzero(np.triu(alike >= bound, 1))
    for place in np.argsort(-alike[ones, others]):
        one, other = int(ones[place]), int(others[place])
        yield one, other, float(alike[one, other])


def _few(people: list[Person], aligned: list[Sample]) -> Iterator[Finding]:
    numbers: dict[int, list[int]] = defaultdict(list)
    for sample in aligned:
        numbers[sample.person_id].append(sample.id)
    for person in people:
        if len(own := numbers[person.id]) < FEW_SAMPLES:
            yield Finding("few_samples", person, tuple(own))


def _unaligned(gallery: Gallery, people: list[Person]) -> Iterator[Finding]:
    left = [sample for sample in gallery.samples() if sample.layout != "aligned"]
    for person in people:
        numbers = tuple(sample.id for sample in left if sample.person_id == person.id)
        if numbers:
            yield Finding("not_aligned", person, numbers)
