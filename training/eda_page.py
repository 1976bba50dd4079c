"""The exploration as one HTML page with its pictures inside."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training import duplicates, pages
from training.datasets import ferplus
from training.datasets.fer2013 import LABELS, USAGES, Fer2013
from training.eda import SPLITS, Exploration
from training.pages import Picture, picture

_SAMPLES = 10
_PAIRS = 24
_MOST_BLANK = 40
_MOST_SETS = 24


@dataclass(frozen=True)
class Bar:
    """One class of a chart. height: 0 to 100 of the highest class of its chart."""

    label: str
    count: int
    height: float


@dataclass(frozen=True)
class Chart:
    """The classes of one split."""

    title: str
    total: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Cell:
    """A count in a table. share: 0.0 to 1.0 of its row, which shades it."""

    count: int
    share: float


def write(found: Exploration, path: Path, *, seed: int) -> None:
    """Write the page. seed: which faces the sample grid shows.

    Raises OutputError for a place that cannot be written.
    """
    pages.write(render(found, seed=seed), path)


def render(found: Exploration, *, seed: int) -> str:
    """The page as text."""
    data, rng = found.data, np.random.default_rng(seed)
    return pages.render(
        "eda.html",
        found=found,
        labels=LABELS,
        splits=SPLITS,
        usages=USAGES,
        choices=(*ferplus.CHOICES, "no majority"),
        charts=[_chart(found, column) for column in range(len(SPLITS))],
        samples=[_samples(data, label, rng) for label in range(len(LABELS))],
        split_sizes=[int((data.usage == split).sum()) for split in range(len(USAGES))],
        pairs=_across(found),
        sets=_largest_sets(found),
        blank=[_face(data, row) for row in found.blank[:_MOST_BLANK].tolist()],
        agreement=found.agreement and _shaded(found.agreement.counts),
        threshold=duplicates.NEAR_THRESHOLD,
        blank_deviation=duplicates.BLANK_DEVIATION,
    )


def _chart(found: Exploration, column: int) -> Chart:
    counts = found.pivot[:, column]
    highest = max(1, int(counts.max()))
    bars = (
        Bar(label, int(count), 100 * float(count) / highest)
        for label, count in zip(LABELS, counts, strict=True)
    )
    return Chart(SPLITS[column], int(counts.sum()), tuple(bars))


def _shaded(counts: NDArray[np.int64]) -> list[list[Cell]]:
    share = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    return [
        [Cell(int(count), float(part)) for count, part in zip(row, parts, strict=True)]
        for row, parts in zip(counts, share, strict=True)
    ]


def _samples(data: Fer2013, label: int, rng: np.random.Generator) -> Picture:
    """A row of faces of one label, blank ones left out."""
    rows = np.flatnonzero((data.labels == label) & ~duplicates.is_blank(data.images))
    chosen = rng.permutation(rows)[:_SAMPLES]
    numbers = ", ".join(map(str, chosen.tolist()))
    return picture(data.images[chosen], alt=f"{LABELS[label]}: rows {numbers}")


def _across(found: Exploration) -> list[Picture]:
    """Near pairs whose faces stand in different splits, evenly from the surest to the least."""
    data, pairs = found.data, found.duplicates.pairs
    across = np.flatnonzero(data.usage[pairs.first] != data.usage[pairs.second])
    if len(across) > _PAIRS:
        across = across[np.linspace(0, len(across) - 1, _PAIRS).round().astype(int)]
    return [
        picture(
            data.images[[pairs.first[pair], pairs.second[pair]]],
            alt=f"rows {pairs.first[pair]} and {pairs.second[pair]}",
            caption=f"{_where(data, pairs.first[pair])} / {_where(data, pairs.second[pair])}, "
            f"{pairs.correlation[pair]:.3f}{', mirrored' if pairs.mirrored[pair] else ''}",
        )
        for pair in across
    ]


def _largest_sets(found: Exploration) -> list[Picture]:
    """Of each of the largest sets of identical pictures, one."""
    numbers, first, sizes = np.unique(
        found.duplicates.identical, return_index=True, return_counts=True
    )
    order = np.argsort(-sizes, kind="stable")[:_MOST_SETS]
    pictures = []
    for number, row, size in zip(numbers[order], first[order], sizes[order], strict=True):
        if size > 1:
            labels = np.unique(found.data.labels[found.duplicates.identical == number])
            names = ", ".join(LABELS[label] for label in labels)
            pictures.append(
                picture(
                    found.data.images[[row]],
                    alt=f"row {row}, {size} times",
                    caption=f"{size} times: {names}",
                )
            )
    return pictures


def _face(data: Fer2013, row: int) -> Picture:
    return picture(data.images[[row]], alt=f"row {row}", caption=_where(data, row))


def _where(data: Fer2013, row: int) -> str:
    return f"{USAGES[data.usage[row]].removesuffix('Test')} {row} {LABELS[data.labels[row]]}"
