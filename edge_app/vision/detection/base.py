"""What every detector of a bundle has."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import Part
from edge_app.core.types import BBox, Detection, Detector, Picture


@runtime_checkable
class FollowingDetector(Detector, Protocol):
    """A detector so slow that it finds known faces again near where they were, in between."""

    def detect_near(self, picture: Picture, bbox: BBox) -> Detection | None:
        """The face of the box where it is now in the picture, or None."""
        ...


@runtime_checkable
class QuickDetector(Detector, Protocol):
    """A detector that also searches the whole picture in less time, and misses small faces then."""

    def detect_quickly(self, picture: Picture) -> Sequence[Detection]:
        """The larger faces in a picture, largest first."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched. still: a photograph, more thoroughly than pictures that move.

    min_face: pixels of the picture of the smallest face's side; None: the bundle's own choice.
    """

    still: bool = False
    min_face: int | None = None


class DetectorSpec(Part, extra="forbid"):
    """The settings of one kind of detector, and how it is built of them.

    title: what a report calls it. finds_landmarks: whether its faces have any.
    """

    title: ClassVar[str]
    finds_landmarks: ClassVar[bool]

    @abstractmethod
    def build(self, bundle: Bundle, search: Search, runtime: Runtime | None = None) -> Detector:
        """runtime: of its network, where it has one; None: the fastest.

        Raises BundleError for a file that is not what it should be, RuntimeMissingError where
        nothing installed can run it.
        """


def largest_first(found: Sequence[Detection]) -> list[Detection]:
    """As every detector hands them on."""
    return sorted(found, key=lambda one: one.bbox.area, reverse=True)
