"""One name and one emotion for a track, out of many looks: votes, and a moving average."""

import math
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from edge_app.core.types import Emotion, Identity

_VOTES = 9
_ENOUGH = 3
_MAJORITY = 0.6
_LOOK_EVERY_S = 0.09
"""Between two looks at a track: neighbouring frames err alike. Ten a second vote."""
_GONE_S = 10.0


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
        person_id = None if name is None else nearest.person_id
        return Identity(name, nearest.distance, nearest.threshold, person_id)


@dataclass
class _Ballot:
    votes: IdentityVotes = field(default_factory=IdentityVotes)
    due: float = float("-inf")
    seen: float = float("-inf")


class TrackVotes:
    """The votes of every track of a video: a look now and then, and the winner in every frame."""

    def __init__(self) -> None:
        self._ballots: dict[int, _Ballot] = {}

    def winner(self, track_id: int, now: float, look: Callable[[], Identity]) -> Identity | None:
        """Who a track is at ``now`` seconds, after another look where one is due."""
        ballot = self._ballots.setdefault(track_id, _Ballot())
        ballot.seen = now
        if now >= ballot.due:
            ballot.votes.add(look())
            ballot.due = now + _LOOK_EVERY_S
        return ballot.votes.winner()

    def forget(self, now: float) -> None:
        """Of tracks that were not seen for so long that they do not come back."""
        self._ballots = {
            number: ballot
            for number, ballot in self._ballots.items()
            if now - ballot.seen <= _GONE_S
        }


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
