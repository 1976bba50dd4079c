"""When a face that is followed is looked at to see who it is, and who it is by these looks.

An embedding costs more than everything else in a frame, so a track is looked at when that may tell
something new. Live and recorded pictures go by the same rules. See docs/decisions/0014.
"""

from dataclasses import dataclass

from edge_app.core.types import BBox, Detection, Identity
from edge_app.vision import align
from edge_app.vision.pose import eyes_to_mouth, yaw
from edge_app.vision.votes import IdentityVotes

_EVERY_S = 0.09
"""Between two looks until they have settled: neighbouring frames err alike. Ten a second count."""
_CHECK_EVERY_S = 1.0
"""Between two looks once they have settled."""
_ANOTHER = 0.25
"""Less like the mean of the looks before (cosine) and it is another person's face. Compared with
five pictures of other days, 0.1 % of somebody's pictures are, and nine in ten of anybody else's."""
_ANOTHER_BY_NAME = 0.4
"""The same where the answer differs as well: 1 %, and nearly all."""
_TURNED = 0.9
"""A profile: fewer of them are named, and they are less like the same face from the front."""
_LARGER = 1.5
_MORE_FRONTAL = 0.3
_JUMP_IOU = 0.5
"""A box that overlaps the last one less may be somebody else's."""
_OUT_OF_SIGHT_S = 0.3
"""And so may a face that was not found for so long."""


@dataclass(frozen=True, slots=True)
class _View:
    """How well a face is seen. size: pixels from the eyes to the mouth. turn: 0.0 to 1.0."""

    size: float
    turn: float

    @classmethod
    def of(cls, detection: Detection) -> "_View":
        points = align.points(detection)
        return cls(eyes_to_mouth(points), abs(yaw(points)))

    def is_better(self, other: "_View") -> bool:
        return self.size > _LARGER * other.size or self.turn < other.turn - _MORE_FRONTAL

    def best(self, other: "_View") -> "_View":
        return _View(max(self.size, other.size), min(self.turn, other.turn))


class Looks:
    """The looks at one track. Tell it where the face is, and look where ``due`` has come.

    Looks are ``_EVERY_S`` apart until three of the last five agree, and ``_CHECK_EVERY_S`` after
    that; a face that is seen clearly better than at any look, that jumped, or that was out of sight
    is looked at at once. A profile is looked at only where nothing better was seen.

    A look at what is still the same face is one more vote. One that tells of another (see
    ``_differs``) is no vote: the next look follows at once, and where that tells so too, both take
    the place of all votes.
    """

    def __init__(self) -> None:
        self._votes = IdentityVotes()
        self._doubt: Identity | None = None
        self._box: BBox | None = None
        self._seen_at = float("-inf")
        self._view: _View | None = None
        self._best: _View | None = None
        """At any look since the face could last have become another's."""
        self._looked_at = float("-inf")
        self._next = float("-inf")

    def see(self, detection: Detection, now: float) -> None:
        """Where the face was found at ``now`` seconds."""
        self._view = _View.of(detection)
        if self._box is not None and (
            detection.bbox.iou(self._box) < _JUMP_IOU or now - self._seen_at > _OUT_OF_SIGHT_S
        ):
            self._best = None
        if self._best is None or self._view.is_better(self._best):
            self._next = min(self._next, self._looked_at + _EVERY_S)
        self._box, self._seen_at = detection.bbox, now

    @property
    def due(self) -> float:
        """When to look next, in seconds; infinite for a face that is not seen well enough."""
        if self._view is None:
            return float("inf")
        if self._view.turn >= _TURNED and self._best is not None and self._best.turn < _TURNED:
            return float("inf")
        return self._next

    @property
    def identity(self) -> Identity | None:
        """Who it is; None before the first look."""
        return self._votes.winner()

    def add(self, identity: Identity, now: float) -> bool:
        """A look at the face that was seen last. True: it is another person's from here on."""
        if self._view is None:
            raise ValueError("expected a face that was seen; call see first")
        self._looked_at = now
        another = False
        if self._votes.settled and self._differs(identity, self._view):
            if self._doubt is None:
                self._doubt, self._next = identity, now + _EVERY_S
                return False
            another = self._is_another(identity)
            self._votes, self._best = IdentityVotes(), None
            self._votes.add(self._doubt)
        self._votes.add(identity)
        self._doubt = None
        self._best = self._view if self._best is None else self._view.best(self._best)
        self._next = now + (_CHECK_EVERY_S if self._votes.settled else _EVERY_S)
        return another

    def _differs(self, identity: Identity, view: _View) -> bool:
        """Whether a look tells of another face, or is the first good one and names another."""
        if self._is_another(identity):
            return True
        known = self._votes.winner()
        if known is None or known.name == identity.name:
            return False
        clearer = self._best is None or view.is_better(self._best)
        return clearer or self._likeness(identity) is None

    def _is_another(self, identity: Identity) -> bool:
        known = self._votes.winner()
        if known is None:
            return False
        if known.name is not None and identity.name is not None:
            return known.name != identity.name
        likeness = self._likeness(identity)
        limit = _ANOTHER if known.name == identity.name else _ANOTHER_BY_NAME
        return likeness is not None and likeness < limit

    def _likeness(self, identity: Identity) -> float | None:
        return None if identity.embedding is None else self._votes.likeness(identity.embedding)
