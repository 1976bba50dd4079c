"""Pictures that stand more than once in a data set: identical, or almost.

A copy of a test face among the training faces makes a network look better than it is.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from edge_app.core.progress import Progress
from edge_app.core.types import FloatArray, GrayImage

NEAR_THRESHOLD = 0.95
"""Correlation from which two faces count as the same photograph.

Chosen by looking at FER2013's pairs: of 156 with 0.948 to 0.958, about 150 show one photograph cut
or scaled otherwise, or the next one of a series; of 13 with 0.93 to 0.94 five show two people,
of 13 with 0.90 to 0.91 nine.
"""

BLANK_DEVIATION = 8.0
"""Grey levels. FER2013's pictures below it show nothing; the darkest face it holds has 9."""

_SIGNATURE_SIDE = 16
"""Pixels. Small enough to forgive a crop shifted by a pixel, and to compare all pairs at once."""

_BLOCK = 1024
"""Rows of the matrix of all pairs that stand in memory at a time (0.15 GB for FER2013, thrice)."""


@dataclass(frozen=True)
class Pairs:
    """Pictures that are alike, two by two.

    first, second: int64 (P,), indices with first < second. correlation: float32 (P,), up to 1.0.
    mirrored: bool (P,), whether the second is the first seen in a mirror.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    correlation: FloatArray
    mirrored: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class Duplicates:
    """Which pictures belong together.

    identical, alike: int64 (N,), a number per picture, equal for the members of a set; alike also
    joins what a near pair connects. Blank pictures are each alone. pairs: near, but not identical,
    and of every set of identical pictures the first only.
    """

    identical: NDArray[np.int64]
    alike: NDArray[np.int64]
    pairs: Pairs


def is_blank(images: GrayImage) -> NDArray[np.bool_]:
    """Which of uint8 (N, S, S) show nothing."""
    return images.reshape(len(images), -1).std(axis=1) < BLANK_DEVIATION


def find(images: GrayImage, progress: Progress) -> Duplicates:
    """Compare every picture of uint8 (N, S, S) with every other, also mirrored."""
    identical = _identical(images)
    blank = is_blank(images)
    _, first = np.unique(identical, return_index=True)
    chosen = np.sort(first[~blank[first]])
    near = near_pairs(images[chosen], NEAR_THRESHOLD, progress)
    pairs = Pairs(chosen[near.first], chosen[near.second], near.correlation, near.mirrored)
    return Duplicates(identical, _join(identical, pairs), pairs)


def _identical(images: GrayImage) -> NDArray[np.int64]:
    """A number per picture, the same for the same pixels; blank ones get one each."""
    _, numbers = np.unique(images.reshape(len(images), -1), axis=0, return_inverse=True)
    blank = np.flatnonzero(is_blank(images))
    numbers[blank] = len(images) + np.arange(len(blank))
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _join(identical: NDArray[np.int64], pairs: Pairs) -> NDArray[np.int64]:
    count = int(identical.max()) + 1
    ends = identical[pairs.first], identical[pairs.second]
    graph = coo_array((np.ones(len(pairs), dtype=np.int8), ends), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)[identical]


def near_pairs(images: GrayImage, threshold: float, progress: Progress) -> Pairs:
    """All pairs of uint8 (N, S, S) whose correlation reaches the threshold, best first."""
    plain, mirrored = signatures(images), signatures(images[:, :, ::-1])
    starts = range(0, len(images), _BLOCK)
    progress.start(len(starts))
    found: list[Pairs] = []
    for start in starts:
        block = plain[start : start + _BLOCK]
        same, turned = block @ plain[start:].T, block @ mirrored[start:].T
        best = np.maximum(same, turned)
        first, second = np.nonzero(best >= threshold)
        first, second = first[first < second], second[first < second]
        found.append(
            Pairs(
                first + start,
                second + start,
                best[first, second],
                turned[first, second] > same[first, second],
            )
        )
        progress.advance()
    first, second, correlation, is_mirrored = (
        np.concatenate([getattr(pairs, name) for pairs in found])
        for name in ("first", "second", "correlation", "mirrored")
    )
    order = np.argsort(-correlation, kind="stable")
    return Pairs(first[order], second[order], correlation[order], is_mirrored[order])


def signatures(images: GrayImage) -> FloatArray:
    """Small copies of uint8 (N, S, S) whose dot product is their correlation: float32 (N, 256).

    A blank picture gets zeros: it correlates with nothing.
    """
    side = _SIGNATURE_SIDE
    small = np.stack(
        [
            cv2.resize(np.ascontiguousarray(image), (side, side), interpolation=cv2.INTER_AREA)
            for image in images
        ]
    )
    values = small.reshape(len(images), -1).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    length = np.linalg.norm(values, axis=1, keepdims=True)
    # the length of a picture whose deviation is one grey level is just the side
    return np.divide(values, length, out=np.zeros_like(values), where=length > side)


def copies(sets: NDArray[np.int64], usage: NDArray[np.int64], *, usages: int) -> NDArray[np.int64]:
    """How many pictures of each split have another of their set in each split.

    sets, usage: (N,). Returns int64 (usages, usages): [a, b] counts the pictures of split a that
    have a copy in split b.
    """
    members = np.zeros((int(sets.max()) + 1, usages), dtype=np.int64)
    np.add.at(members, (sets, usage), 1)
    others = members[sets]
    others[np.arange(len(sets)), usage] -= 1
    return np.stack([(others[usage == split] > 0).sum(axis=0) for split in range(usages)])
