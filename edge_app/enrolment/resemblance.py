"""Whose faces look like whose: people as the means of their samples' embeddings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np

from edge_app.core.errors import PeopleError
from edge_app.core.types import ColorImage, FloatArray, Identity
from edge_app.enrolment.gallery_identifier import embeddings_of, gallery_embeddings, identifier_for
from edge_app.enrolment.groups import mean
from edge_app.storage.gallery import Gallery
from edge_app.storage.people import Person
from edge_app.storage.unknown import UnknownPeople
from edge_app.vision.recognition.identifier import FaceSample, FaceSpace
from edge_app.vision.recognition.sface import SfaceSpec
from edge_app.vision.votes import IdentityVotes

SAME_PERSON = 0.50
"""Cosine between the mean of three samples or more and a person's mean from which they are of one
person. Of wild faces (12 people, 400 draws for each of 15 sizes): of means of three samples or more
none of the same person is below, 0.1 % of different ones' are above."""
_ENOUGH = 3
"""Samples whose mean says so much; of fewer, the threshold of naming is taken."""
LOOKS_LIKE = 0.42
"""Cosine from which a stranger looks like somebody without being named: a 50th of wild strangers
comes so near to one of six people."""


@dataclass(frozen=True)
class Resemblance:
    """Whose the faces are, most likely. similarity: cosine; None where the method has none."""

    person: Person
    similarity: float | None

    def __str__(self) -> str:
        measure = "" if self.similarity is None else f" ({self.similarity:.2f})"
        return f"{self.person.name}{measure}"


@dataclass(frozen=True)
class Means:
    """One vector a person: float32 (P, K), each of unit length."""

    people: Sequence[Person]
    vectors: FloatArray

    def nearest(self, face: FloatArray) -> tuple[Person, float]:
        """Who is most like an embedding, (K,) of unit length, and their cosine."""
        similarities = self.vectors @ face
        best = int(similarities.argmax())
        return self.people[best], float(similarities[best])


def has_cosines(space: FaceSpace) -> bool:
    """Whether the embeddings of a space are compared by their cosine."""
    return isinstance(space.spec, SfaceSpec)


def means_of(gallery: Gallery, space: FaceSpace) -> Means | None:
    """Everybody who has an aligned sample; None for nobody, or a space without cosines."""
    if not has_cosines(space):
        return None
    owners, embeddings = gallery_embeddings(gallery, space)
    if not owners:
        return None
    people = {owner.id: owner for owner in owners}
    rows = np.array([owner.id for owner in owners])
    return Means(
        list(people.values()),
        np.stack([mean(embeddings[rows == number, 0]) for number in people]),
    )


def whose(
    gallery: Gallery,
    space: FaceSpace,
    crops: Sequence[ColorImage],
    false_accept_rate: float | None = None,
) -> Resemblance | None:
    """To whom of a gallery samples of one person belong, uint8 (160, 160, 3); None for nobody.

    All of them by their mean, or else the one that is most like somebody: pictures of two people
    may have got mixed. false_accept_rate: by which faces are named; default: the bundle's.
    """
    if not has_cosines(space):
        return _voted(gallery, space, crops, false_accept_rate)
    return whose_embeddings(gallery, space, embedded(space, crops), false_accept_rate)


def embedded(space: FaceSpace, crops: Sequence[ColorImage]) -> FloatArray:
    """Samples, uint8 (160, 160, 3), as they are when they are stored: float32 (N, K)."""
    return np.stack([space.enrolled(one)[0] for one in crops])


def whose_embeddings(
    gallery: Gallery, space: FaceSpace, faces: FloatArray, false_accept_rate: float | None = None
) -> Resemblance | None:
    """The same of what ``embedded`` gives, in a space that has cosines."""
    means = means_of(gallery, space)
    if means is None:
        return None
    person, similarity = means.nearest(mean(faces))
    bound = SAME_PERSON if len(faces) >= _ENOUGH else naming_cosine(space, false_accept_rate)
    if similarity < bound:
        person, similarity = max(map(means.nearest, faces), key=lambda found: found[1])
        bound = SAME_PERSON
    return Resemblance(person, similarity) if similarity >= bound else None


def look_alikes(
    samples: Sequence[FaceSample], space: FaceSpace
) -> Iterator[tuple[str, str, float]]:
    """Two names whose samples are of one person, most likely, and their cosine.

    In a space without cosines there are none.
    """
    names = sorted({sample.name for sample in samples})
    if len(names) < 2 or not has_cosines(space):
        return
    faces = space.project(np.stack([sample.crop for sample in samples]))
    owners = np.array([sample.name for sample in samples])
    means = {name: mean(faces[owners == name]) for name in names}
    enough = {name for name in names if (owners == name).sum() >= _ENOUGH}
    for one, other in combinations(names, 2):
        similarity = float(means[one] @ means[other])
        bound = SAME_PERSON if enough >= {one, other} else naming_cosine(space)
        if similarity >= bound:
            yield one, other, similarity


def likenesses(gallery: Gallery, unknown: UnknownPeople, space: FaceSpace) -> dict[int, str]:
    """The name of whom a stranger looks like, by the numbers of the strangers who do.

    Nobody looks like anybody in a space without cosines.
    """
    means = means_of(gallery, space)
    if means is None:
        return {}
    alike = {}
    for stranger, face in stranger_means(unknown, space).items():
        person, similarity = means.nearest(face)
        if similarity >= LOOKS_LIKE:
            alike[stranger] = person.name
    return alike


def stranger_means(unknown: UnknownPeople, space: FaceSpace) -> dict[int, FloatArray]:
    """The mean of each stranger's aligned faces, (K,) of unit length, by their numbers."""
    faces = [face for face in unknown.faces() if face.layout == "aligned"]
    embeddings = embeddings_of(unknown, space, faces)
    own: dict[int, list[FloatArray]] = {}
    for face in faces:
        own.setdefault(face.unknown_id, []).append(embeddings[face.id][0])
    return {number: mean(np.stack(rows)) for number, rows in own.items()}


def naming_cosine(space: FaceSpace, false_accept_rate: float | None = None) -> float:
    """From which a face is named in a space that has cosines. Raises ValueError for another."""
    spec = space.spec
    if not isinstance(spec, SfaceSpec):
        raise ValueError(f"expected embeddings with a cosine, found {spec.kind}")
    return spec.similarity_at(false_accept_rate or spec.false_accept_rate)


def _voted(
    gallery: Gallery,
    space: FaceSpace,
    crops: Sequence[ColorImage],
    false_accept_rate: float | None,
) -> Resemblance | None:
    """Whom the faces are named after, as those of a track before the camera would be."""
    try:
        identifier = identifier_for(gallery, space, false_accept_rate)
    except PeopleError:  # too few for the method to tell apart
        return None
    name = None if identifier is None else named(crops, identifier)
    return None if name is None else Resemblance(gallery.find(name), None)


class SampleIdentifier(Protocol):
    """Names faces that were cut out before."""

    def identify_sample(self, face: ColorImage) -> Identity: ...


def named(crops: Sequence[ColorImage], identifier: SampleIdentifier) -> str | None:
    """The name that faces are voted to have; of fewer than three votes, that of all."""
    looks = [identifier.identify_sample(crop) for crop in crops]
    if len(looks) < _ENOUGH:
        names = {look.name for look in looks}
        return names.pop() if len(names) == 1 else None
    votes = IdentityVotes()
    for look in looks:
        votes.add(look)
    winner = votes.winner()
    return winner.name if winner else None
