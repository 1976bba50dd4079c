"""Who a face is: the nearest of the enrolled people, or nobody when that is too far.

Enrolling somebody takes their samples into the space of a method (``methods.py``) and draws the
comparison anew.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import IdentifierPart
from edge_app.core.types import ColorImage, Detection, FloatArray, Identity, Picture
from edge_app.vision.align import sample

_FURTHEST = 2.0
"""The distance of a face that a network gave no numbers for: as unlike everybody as can be."""


@dataclass(frozen=True)
class FaceSample:
    """A face of an enrolled person: uint8 (160, 160, 3), of ``align.sample``."""

    name: str
    crop: ColorImage


@dataclass(frozen=True)
class Match:
    """person: the number given to the matcher. distance: 0 for the same picture, and growing."""

    person: int
    distance: float


class Matcher(Protocol):
    """Enrolled people in a method's own space, to be compared with.

    Faces are what the method's ``FaceSpace.project`` makes of them, float32 (K,).
    """

    def match(self, face: FloatArray) -> Match:
        """The nearest person."""
        ...

    def threshold(self, false_accept_rate: float) -> float:
        """The distance within which such a share of strangers comes to a person."""
        ...

    def distances(self, face: FloatArray, others: FloatArray) -> FloatArray:
        """To other faces, (N, K), each alone: less is more alike."""
        ...


class FaceSpace(Protocol):
    """What a method of recognition makes of faces. Samples: uint8 (N, 160, 160, 3)."""

    @property
    def spec(self) -> "IdentifierSpec": ...

    digest: str
    """What is projected by spaces of the same digest may be compared."""
    by_cosine: bool
    """Whether two faces are as alike as the cosine of their projections, people aside."""

    def project(self, samples: ColorImage) -> FloatArray:
        """Faces before the camera: float32 (N, K)."""
        ...

    def enrolled(self, sample: ColorImage) -> FloatArray:
        """A sample that stays, uint8 (160, 160, 3), and its copies: float32 (copies, K).

        The first is the sample's own.
        """
        ...

    def matcher(self, owner_ids: Sequence[int], projections: FloatArray) -> Matcher:
        """Compares with people: the number of each sample's, and what ``enrolled`` made of it."""
        ...


class IdentifierSpec(IdentifierPart, extra="forbid"):
    """The settings of one kind of identifier, and how its space is loaded.

    title: what a report calls it. needs_landmarks: whether faces that have none are mistaken for
    others'.
    """

    title: ClassVar[str]
    needs_landmarks: ClassVar[bool]

    @abstractmethod
    def load(self, bundle: Bundle, runtime: Runtime | None = None) -> FaceSpace:
        """runtime: of its network, where it has one; None: the fastest.

        Raises BundleError for a file that is not what it should be, RuntimeMissingError where
        nothing installed can run it.
        """


class PeopleIdentifier:
    """Names the nearest enrolled person, or nobody when they are further than the threshold.

    names: the person's name of each sample. projections: float32 (samples, copies, K), of
    ``FaceSpace.enrolled``. rejected: for a name, projections (N, K) of faces that were wrongly
    given it; a face more like one of those than like the person stays unknown. false_accept_rate:
    share of strangers that may be named; default: the manifest's. numbers: of the names in the
    device's database, where they are from there.
    """

    def __init__(
        self,
        space: FaceSpace,
        names: Sequence[str],
        projections: FloatArray,
        *,
        rejected: Mapping[str, FloatArray] | None = None,
        false_accept_rate: float | None = None,
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        if not names:
            raise ValueError("expected at least one enrolled sample")
        self.space = space
        self._names = sorted(set(names))
        places = {name: place for place, name in enumerate(self._names)}
        self._matcher = space.matcher([places[name] for name in names], projections)
        self._rejected = rejected or {}
        self._numbers = numbers or {}
        self._own = {
            name: projections[[place for place, other in enumerate(names) if other == name], 0]
            for name in self._rejected
        }
        self.threshold = self.threshold_at(false_accept_rate or space.spec.false_accept_rate)

    @property
    def names(self) -> list[str]:
        """Everybody enrolled, in alphabetical order."""
        return list(self._names)

    def threshold_at(self, false_accept_rate: float) -> float:
        """The distance that lets in such a share of strangers, by the method's measure."""
        return self._matcher.threshold(false_accept_rate)

    def identify(self, picture: Picture, detection: Detection) -> Identity:
        return self.identify_sample(sample(picture, detection))

    def identify_sample(self, face: ColorImage) -> Identity:
        """Who a face is that was cut out before, uint8 (160, 160, 3)."""
        return self.identify_projection(self.space.project(face[np.newaxis])[0])

    def identify_projection(self, face: FloatArray) -> Identity:
        """Who a projected face, float32 (K,), is."""
        if not np.isfinite(face).all():
            return Identity(None, _FURTHEST, self.threshold)
        match = self._matcher.match(face)
        name = self._names[match.person]
        known = match.distance <= self.threshold and not self._is_rejected(name, face)
        return Identity(
            name if known else None,
            match.distance,
            self.threshold,
            self._numbers.get(name) if known else None,
            nearest=name,
            embedding=face if self.space.by_cosine else None,
        )

    def _is_rejected(self, name: str, face: FloatArray) -> bool:
        rejected = self._rejected.get(name)
        if rejected is None or len(rejected) == 0:
            return False
        refused = float(self._matcher.distances(face, rejected).min())
        return refused < float(self._matcher.distances(face, self._own[name]).min())


def identifier_of(space: FaceSpace, samples: Sequence[FaceSample]) -> PeopleIdentifier:
    """An identifier of samples that are at hand, at least one."""
    projections = np.stack([space.enrolled(sample.crop) for sample in samples])
    return PeopleIdentifier(space, [sample.name for sample in samples], projections)
