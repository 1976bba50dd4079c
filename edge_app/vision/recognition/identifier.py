"""Who a face is: the nearest of the enrolled people, or nobody when that is too far.

Enrolling somebody projects their samples into the space of the bundle's method
(``methods.py``) and draws the comparison and its threshold anew. See docs/decisions/0006.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Protocol

import numpy as np
from pydantic import Field, PositiveFloat

from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import IdentifierPart
from edge_app.core.types import Detection, FloatArray, GrayImage, Identity, Picture
from edge_app.vision.preprocess import crop, resize
from edge_app.vision.recognition.matching import Matcher


@dataclass(frozen=True)
class FaceSample:
    """A face of an enrolled person: uint8 (S, S), cut by ``preprocess.crop``."""

    name: str
    crop: GrayImage


class IdentifierSpec(IdentifierPart, extra="forbid"):
    """The settings of one kind of identifier, and how its space is loaded.

    title: what a report calls it.
    """

    title: ClassVar[str]

    camera_gap: Annotated[float, Field(ge=0.0)] = 0.0
    """How much nearer a stranger before the gallery's own camera comes than one of the file."""
    max_threshold: PositiveFloat
    """Never name a face further away than this, however few people are enrolled."""

    @abstractmethod
    def load(self, bundle: Bundle) -> "FaceSpace":
        """Raises BundleError for a file that is not what it should be."""


class FaceSpace(Protocol):
    """What a method of recognition makes of faces. Crops: uint8 (S, S) of ``preprocess.crop``."""

    @property
    def spec(self) -> IdentifierSpec: ...

    digest: str
    """What is projected by spaces of the same digest may be compared."""

    def project(self, crops: GrayImage) -> FloatArray:
        """Faces before the camera: uint8 (N, S, S) to float32 (N, K)."""
        ...

    def enrolled(self, crop: GrayImage) -> FloatArray:
        """A sample and its copies, float32 (copies, K); the first is the sample's own."""
        ...

    def matcher(self, owner_ids: Sequence[int], projections: FloatArray) -> Matcher:
        """Compares with people: the number of each sample's, and what ``enrolled`` made of it.

        Raises PeopleError for fewer people than the method needs.
        """
        ...


class PeopleIdentifier:
    """Names the nearest enrolled person, or nobody when they are further than the threshold.

    names: the person's name of each sample. projections: float32 (samples, copies, K), of
    ``FaceSpace.enrolled``. rejected: for a name, projections (N, K) of faces that were wrongly
    given it; a face more like one of those than like the person stays unknown. false_accept_rate:
    share of strangers that may be named; default: the manifest's. numbers: of the names in the
    device's database, where they are from there. Raises PeopleError for fewer people than the
    space's method needs.
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
        """The distance that lets in such a share of strangers, by the manifest's measure."""
        spec = self.space.spec
        limit = self._matcher.threshold(false_accept_rate) - spec.camera_gap
        return max(0.0, min(limit, spec.max_threshold))

    def identify(self, picture: Picture, detection: Detection) -> Identity:
        return self.identify_crop(crop(picture, detection, self.space.spec.crop))

    def identify_crop(self, face: GrayImage) -> Identity:
        """Who a face is that was cut out before, uint8 (S, S)."""
        spec = self.space.spec.crop
        sized = resize(face, spec.size, spec.interpolation)
        return self.identify_projection(self.space.project(sized[np.newaxis])[0])

    def identify_projection(self, face: FloatArray) -> Identity:
        """Who a projected face, float32 (K,), is."""
        match = self._matcher.match(face)
        name = self._names[match.person]
        if match.distance > self.threshold or self._is_rejected(name, face):
            return Identity(None, match.distance, self.threshold)
        return Identity(name, match.distance, self.threshold, self._numbers.get(name))

    def nearest(self, face: FloatArray) -> tuple[str, float]:
        """The nearest person and the distance, whatever the threshold."""
        match = self._matcher.match(face)
        return self._names[match.person], match.distance

    def _is_rejected(self, name: str, face: FloatArray) -> bool:
        rejected = self._rejected.get(name)
        if rejected is None or len(rejected) == 0:
            return False
        refused = float(self._matcher.distances(face, rejected).min())
        return refused < float(self._matcher.distances(face, self._own[name]).min())


def identifier_of(space: FaceSpace, samples: Sequence[FaceSample]) -> PeopleIdentifier:
    """An identifier of samples that are at hand, at least one. Raises PeopleError as that does."""
    projections = np.stack([space.enrolled(sample.crop) for sample in samples])
    return PeopleIdentifier(space, [sample.name for sample in samples], projections)
