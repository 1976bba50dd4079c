"""Who and how somebody is, over the frames in which they were seen."""

import math
from collections import Counter, deque

from edge_app.types import Emotion, Identity

_VOTES = 9
_ENOUGH = 3
_MAJORITY = 0.6


class IdentityVotes:
    """The name that most of a track's last nine looks agree on.

    A name needs three votes and six of ten of all; until then, and where no name has that, it is
    a stranger. So one wrong frame neither names nor un-names anybody.
    """

    def __init__(self) -> None:
        self._votes: deque[Identity] = deque(maxlen=_VOTES)

    def add(self, identity: Identity) -> None:
        self._votes.append(identity)

    @property
    def settled(self) -> bool:
        """Whether all votes are in and agree: another look would hardly change anything."""
        return len(self._votes) == _VOTES and len({vote.name for vote in self._votes}) == 1

    def winner(self) -> Identity | None:
        """The nearest look of the winning name; None before the first vote."""
        if not self._votes:
            return None
        name, votes = Counter(vote.name for vote in self._votes).most_common(1)[0]
        if votes < _ENOUGH or votes < _MAJORITY * len(self._votes):
            name = None
        nearest = min(self._votes, key=lambda vote: (vote.name != name, vote.distance))
        return Identity(name, nearest.distance, nearest.threshold)


class SmoothedEmotion:
    """The scores of a track's looks, each weighing less the longer ago it was.

    time_constant_s: seconds after which a look weighs 1/e; 0 shows the last look alone.
    """

    def __init__(self, time_constant_s: float) -> None:
        self._time_constant_s = time_constant_s
        self._emotion: Emotion | None = None
        self._looked_at = 0.0

    def add(self, emotion: Emotion, now: float) -> None:
        """A look at ``now`` seconds."""
        if self._emotion is None or self._time_constant_s == 0.0:
            self._emotion = emotion
        else:
            kept = math.exp(-(now - self._looked_at) / self._time_constant_s)
            before = self._emotion.scores
            scores = {
                label: kept * before[label] + (1.0 - kept) * score
                for label, score in emotion.scores.items()
            }
            self._emotion = Emotion(max(scores, key=scores.__getitem__), scores)
        self._looked_at = now

    @property
    def emotion(self) -> Emotion | None:
        """None before the first look."""
        return self._emotion
