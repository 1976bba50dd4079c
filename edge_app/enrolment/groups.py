"""Whether samples are of one person: groups of them that do not resemble each other.

Measured on 697 pictures of 12 people of the press, compared by SFace, in thousands of draws. Of ten
pictures of one person, 1 draw of 1,000 falls into groups that are apart (of two to five, at most
3); of those of two people, each with two or more, 99 of 100 do, and where one of them has a single
picture, every second.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_app.core.types import FloatArray
from edge_app.vision.recognition.sface import unit

APART = 0.40
"""Cosine between the means of two groups below which they are not of one person."""
APART_ALONE = 0.15
"""The same where one of the groups is a single picture: it may be a bad one, and of the ten of a
person who are added one by one, 3 of 1,000 have one that is below."""


@dataclass(frozen=True)
class Halves:
    """Two groups of faces, by their places. fewer: of the two the smaller, or the later one.

    similarity: the cosine of their means.
    """

    more: Sequence[int]
    fewer: Sequence[int]
    similarity: float

    @property
    def apart(self) -> bool:
        return are_apart(self.similarity, len(self.more), len(self.fewer))


def are_apart(similarity: float, one: int, other: int) -> bool:
    """Whether groups of so many samples are of two people, by the cosine of their means."""
    return similarity < (APART_ALONE if min(one, other) == 1 else APART)


def mean(embeddings: FloatArray) -> FloatArray:
    """Of (N, K), at unit length: (K,). Rows that are no numbers do not count."""
    usable = embeddings[np.isfinite(embeddings).all(axis=1)]
    return unit(usable.sum(axis=0, keepdims=True))[0]


def halves(faces: FloatArray) -> Halves:
    """The two groups that resemble each other least, of finite embeddings (N, K), two or more.

    By average linkage: the two groups that are most alike become one, until two are left.
    """
    alike = (faces @ faces.T).astype(np.float64)
    np.fill_diagonal(alike, -np.inf)
    members = [[place] for place in range(len(faces))]
    for _ in range(len(faces) - 2):
        one, other = sorted(divmod(int(alike.argmax()), len(faces)))
        sizes = len(members[one]), len(members[other])
        joined = np.average(alike[[one, other]], axis=0, weights=sizes)
        alike[one], alike[:, one] = joined, joined
        alike[other], alike[:, other], alike[one, one] = -np.inf, -np.inf, -np.inf
        members[one] += members[other]
        members[other] = []
    more, fewer = sorted(filter(None, members), key=lambda group: (-len(group), min(group)))
    similarity = float(mean(faces[more]) @ mean(faces[fewer]))
    return Halves(sorted(more), sorted(fewer), similarity)
