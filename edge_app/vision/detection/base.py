"""What every detector of a bundle has."""

from abc import abstractmethod
from typing import ClassVar, Protocol, runtime_checkable

from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import Part
from edge_app.core.types import BBox, Detection, Detector, Picture


@runtime_checkable
class FollowingDetector(Detector, Protocol):
    """A detector that is too slow for every frame, and finds a face again near where it was."""

    def detect_near(self, picture: Picture, bbox: BBox) -> Detection | None:
        """The face of the box where it is now in the picture, or None."""
        ...


class DetectorSpec(Part, extra="forbid"):
    """The settings of one kind of detector, and how it is built of them.

    title: what a report calls it.
    """

    title: ClassVar[str]

    @abstractmethod
    def build(self, bundle: Bundle, *, still: bool) -> FollowingDetector:
        """still: for photographs. Raises BundleError for a file that is not what it should be."""
