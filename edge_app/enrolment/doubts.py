"""What speaks against storing samples under a name: said before anything is saved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from edge_app.core.types import ColorImage, FloatArray
from edge_app.enrolment.gallery_identifier import embeddings_of
from edge_app.enrolment.groups import are_apart, halves, mean
from edge_app.enrolment.resemblance import embedded, has_cosines, whose, whose_embeddings
from edge_app.storage.gallery import Gallery
from edge_app.storage.people import Person
from edge_app.vision.recognition.identifier import FaceSpace

DoubtKind = Literal["looks_like", "unlike", "two_people"]
_EXPECTED: dict[DoubtKind, str] = {
    "looks_like": "a face that is nobody else's, found one that",
    "unlike": "a face like the samples that are stored, found one that",
    "two_people": "pictures of one person, found what",
}
_FOUND: dict[DoubtKind, str] = {
    "looks_like": "looks like",
    "unlike": "does not look like",
    "two_people": "looks like two people",
}


@dataclass(frozen=True)
class Doubt:
    """What is found of samples that are to be stored. similarity: cosine; None without any.

    looks_like: they look like ``person``, who is somebody else. unlike: they do not look like
    ``person``, whose they are to become. two_people: they do not look like one another.
    """

    kind: DoubtKind
    person: Person | None = None
    similarity: float | None = None

    def __str__(self) -> str:
        """What was found, as "looks like Ana (0.61)"."""
        name = f" {self.person.name}" if self.person else ""
        measure = "" if self.similarity is None else f" ({self.similarity:.2f})"
        return f"{_FOUND[self.kind]}{name}{measure}"

    @property
    def sentence(self) -> str:
        """What was expected and found, in English."""
        return f"expected {_EXPECTED[self.kind]} {self}"


def doubt_about(
    gallery: Gallery,
    space: Callable[[], FaceSpace],
    crops: Sequence[ColorImage],
    person: Person | None = None,
    false_accept_rate: float | None = None,
) -> Doubt | None:
    """The first that speaks against giving samples, uint8 (160, 160, 3), to a person.

    space: called where there is something to compare. person: None for somebody new.
    false_accept_rate: by which faces are named; default: the bundle's. Without cosines it is only
    seen whom the faces are named after.
    """
    if not crops or (len(crops) == 1 and not gallery.people()):
        return None
    made = space()
    if not has_cosines(made):
        found = whose(gallery, made, crops, false_accept_rate)
        faces = np.empty((0, 0), np.float32)
    else:
        faces = embedded(made, crops)
        found = whose_embeddings(gallery, made, faces, false_accept_rate)
        faces = faces[np.isfinite(faces).all(axis=1)]
    if found is not None and (person is None or found.person.id != person.id):
        return Doubt("looks_like", found.person, found.similarity)
    if not len(faces):
        return None
    return _unlike(gallery, made, faces, person) or _two_people(faces)


def _unlike(
    gallery: Gallery, space: FaceSpace, faces: FloatArray, person: Person | None
) -> Doubt | None:
    if person is None:
        return None
    samples = [one for one in gallery.samples(person.id) if one.layout == "aligned"]
    if not samples:
        return None
    embeddings = embeddings_of(gallery, space, samples)
    own = np.stack([embeddings[sample.id][0] for sample in samples])
    similarity = float(mean(own) @ mean(faces))
    if not are_apart(similarity, len(own), len(faces)):
        return None
    return Doubt("unlike", person, similarity)


def _two_people(faces: FloatArray) -> Doubt | None:
    if len(faces) < 2 or not (found := halves(faces)).apart:
        return None
    return Doubt("two_people", similarity=found.similarity)
