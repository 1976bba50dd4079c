"""One name and one emotion for a track, out of many looks: votes, and a moving average."""

import math
from collections import Counter, deque

import numpy as np

from edge_app.core.types import Clearness, Emotion, FloatArray, Identity

_VOTES = 5
_ENOUGH = 3

_STAYS = 0.05
"""How far a label that is shown may fall below what would show it anew, as a share of people."""


class IdentityVotes:
    """The name that three of a face's last five looks agree on.

    Until three do, it is a stranger. So one wrong look neither names nor un-names anybody, and
    where no look is wrong the third one names.
    """

    def __init__(self) -> None:
        self._votes: deque[Identity] = deque(maxlen=_VOTES)

    def add(self, identity: Identity) -> None:
        self._votes.append(identity)

    @property
    def settled(self) -> bool:
        """Whether three agree, on a name or on a stranger."""
        return self._leader()[1] >= _ENOUGH

    def winner(self) -> Identity | None:
        """The nearest look of the winning name, with the newest embedding; None without a vote."""
        if not self._votes:
            return None
        name, votes = self._leader()
        if votes < _ENOUGH:
            name = None
        best = min(self._votes, key=lambda vote: (vote.name != name, vote.distance))
        person_id = None if name is None else best.person_id
        newest = self._votes[-1].embedding
        return Identity(name, best.distance, best.threshold, person_id, best.nearest, newest)

    def likeness(self, embedding: FloatArray) -> float | None:
        """The cosine between an embedding, (K,), and the mean of the votes'; None without those."""
        known = [vote.embedding for vote in self._votes if vote.embedding is not None]
        if not known:
            return None
        mean = np.sum(known, axis=0)
        lengths = float(np.linalg.norm(mean) * np.linalg.norm(embedding))
        return float(mean @ embedding) / max(lengths, 1e-12)

    def _leader(self) -> tuple[str | None, int]:
        """The name with the most votes, and how many."""
        counted = Counter(vote.name for vote in self._votes).most_common(1)
        return counted[0] if counted else (None, 0)


class SmoothedEmotion:
    """The scores of a track's looks, each weighing less the longer ago it was.

    time_constant_s: seconds after which a look weighs 1/e; 0 shows the last look alone.
    """

    def __init__(self, time_constant_s: float) -> None:
        self._time_constant_s = time_constant_s
        self._emotion: Emotion | None = None
        self._looked_at = 0.0

    def add(self, emotion: Emotion, now: float, clear: Clearness | None = None) -> None:
        """A look at ``now`` seconds.

        clear: when smoothed scores show a clear emotion. A label that is shown stays a little
        longer, so that it does not flicker where it is nearly clear.
        """
        if self._emotion is None or self._time_constant_s == 0.0:
            self._emotion = emotion
        else:
            kept = math.exp(-(now - self._looked_at) / self._time_constant_s)
            before = self._emotion.scores
            scores = {
                label: kept * before[label] + (1.0 - kept) * score
                for label, score in emotion.scores.items()
            }
            likeliest = Emotion.of(scores)
            stays = likeliest.label == self._emotion.label
            self._emotion = Emotion.of(scores, clear, _STAYS * stays)
        self._looked_at = now

    @property
    def emotion(self) -> Emotion | None:
        """None before the first look."""
        return self._emotion
