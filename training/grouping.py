"""Splitting a set by groups, so that no scene or person stands on both sides."""

from collections.abc import Iterator
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from training.datasets.fer2013 import USAGES, Usage

_TRAINING = USAGES.index("Training")

TEST_SHARE = 0.1
"""Of the faces, for PublicTest and PrivateTest each; the rest is Training."""

_LARGEST_PART = 1 / 2
"""Of a test split, that one group may fill: a test on one person tells little of others."""


def assign(groups: NDArray[np.int64], *, seed: int) -> NDArray[np.int64]:
    """Give every group to one split: int64 (N,), indices into USAGES.

    From the largest group that a test may hold to the smallest, the splits take turns until the
    tests are full: each gets some long series and some single photographs, and so does Training.
    groups: (N,), a number per face. seed: which of equally large groups go where. Raises ValueError
    for fewer than three groups.
    """
    numbers, sizes = np.unique(groups, return_counts=True)
    if len(numbers) < len(USAGES):
        raise ValueError(
            f"expected at least {len(USAGES)} groups of photographs that share no scene, "
            f"found {len(numbers)}; add photographs of other people in other places"
        )
    target = max(1, round(TEST_SHARE * len(groups)))
    usage = np.full(len(numbers), _TRAINING)
    filled = dict.fromkeys(USAGES, 0)
    turns: Iterator[Usage] = cycle(("PublicTest", "PrivateTest", "Training"))
    for group, turn in zip(_by_size(sizes, target * _LARGEST_PART, seed), turns, strict=False):
        if filled[turn] == 0 or filled[turn] + sizes[group] <= target:
            usage[group] = USAGES.index(turn)
            filled[turn] += int(sizes[group])
    return usage[np.searchsorted(numbers, groups)]


def keep(groups: NDArray[np.int64], earlier: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give every group the split that members of it had: int64 (N,), indices into USAGES.

    A group without such members goes to Training, so that the tests stay what they were. groups:
    (N,). earlier: (N,), -1 for a new member. Raises ValueError for a group that had several splits.
    """
    known = earlier >= 0
    check_disjoint(groups[known], earlier[known])
    usage = np.full(len(groups), _TRAINING)
    for group in np.unique(groups[known]):
        members = groups == group
        usage[members] = earlier[members & known][0]
    return usage


def _by_size(sizes: NDArray[np.int64], largest: float, seed: int) -> NDArray[np.int64]:
    """Groups fit for a test split, largest first; the two smallest where too few are."""
    shuffled = np.random.default_rng(seed).permutation(len(sizes))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    fit = order[sizes[order] <= max(1.0, largest)]
    return fit if len(fit) > 1 else order[-2:]


def check_disjoint(groups: NDArray[np.int64], usage: NDArray[np.int64]) -> None:
    """Raise ValueError if a group stands in more than one split. Both: (N,)."""
    for group in np.unique(groups):
        splits = np.unique(usage[groups == group])
        if len(splits) > 1:
            names = " and ".join(USAGES[split] for split in splits)
            raise ValueError(f"expected group {group} in one split, found it in {names}")


def nearest_across(similarity: NDArray[np.generic], usage: NDArray[np.int64]) -> tuple[int, int]:
    """The two members of different splits that are most alike.

    similarity: (N, N), larger is more alike. Raises ValueError where all are in one split.
    """
    across = usage[:, np.newaxis] != usage[np.newaxis]
    if not across.any():
        raise ValueError("expected members in more than one split, found one split")
    masked = np.where(across, similarity, -np.inf)
    first, second = np.unravel_index(masked.argmax(), masked.shape)
    return int(first), int(second)
