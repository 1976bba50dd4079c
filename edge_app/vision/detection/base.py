"""What every detector of a bundle has."""

from abc import abstractmethod
from typing import ClassVar

from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import Part
from edge_app.vision.live import FollowingDetector


class DetectorSpec(Part, extra="forbid"):
    """The settings of one kind of detector, and how it is built of them.

    title: what a report calls it.
    """

    title: ClassVar[str]

    @abstractmethod
    def build(self, bundle: Bundle, *, still: bool) -> FollowingDetector:
        """still: for photographs. Raises BundleError for a file that is not what it should be."""
