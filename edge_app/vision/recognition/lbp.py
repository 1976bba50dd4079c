"""What is read off a face: histograms of uniform local binary patterns, cell by cell.

A pattern says which of eight points on a ring are at least as bright as the point in its middle, so
it does not change with the light. Square roots of the histograms are compared (Hellinger's kernel).

Source: Ojala et al. 2002; Ahonen et al. 2006; square roots: Arandjelović and Zisserman 2012.
"""

from functools import lru_cache
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from edge_app.bundle.manifest import Strict
from edge_app.core.types import FloatArray, GrayImage

_PATTERNS = 59
"""58 uniform patterns (at most two changes between dark and bright), and all the others as one."""


class LbpSpec(Strict):
    """What is read off a face."""

    radii: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    """Pixels between a point and the eight that it is compared with, one pattern for each."""
    rows: PositiveInt
    columns: PositiveInt
    """Cells over the height and the width of the window, a histogram in each."""
    width: PositiveInt
    height: PositiveInt
    """Pixels of the window in the crop that is looked at."""
    lower: int
    """Pixels that the window's middle lies below the crop's."""


def _uniform_table() -> NDArray[np.uint8]:
    """From the eight bits of a ring to the number of its pattern, 0 for what is not uniform."""
    bits = (np.arange(256)[:, np.newaxis] >> np.arange(8)) & 1
    uniform = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
    return np.where(uniform, np.cumsum(uniform), 0).astype(np.uint8)


_UNIFORM = _uniform_table()


def feature_count(spec: LbpSpec) -> int:
    """Numbers that ``lbp_features`` gives for a face."""
    return len(spec.radii) * spec.rows * spec.columns * _PATTERNS


def lbp_features(crops: GrayImage, spec: LbpSpec) -> FloatArray:
    """uint8 (N, S, S) to float32 (N, ``feature_count``), each cell's squares summing to 1."""
    size = crops.shape[1]
    left = (size - spec.width) // 2
    top = (size - spec.height) // 2 + spec.lower
    windows = crops[:, top : top + spec.height, left : left + spec.width]
    return np.hstack([_histograms(windows, radius, spec) for radius in spec.radii])


def _histograms(windows: GrayImage, radius: int, spec: LbpSpec) -> FloatArray:
    patterns = _patterns(windows, radius)
    count, height, width = patterns.shape
    cells = spec.rows * spec.columns
    places = patterns + _first_bins(height, width, spec.rows, spec.columns)
    if count > 1:
        places += (np.arange(count) * (cells * _PATTERNS))[:, np.newaxis, np.newaxis]
    bins = np.bincount(places.ravel(), minlength=count * cells * _PATTERNS)
    return np.sqrt(bins.reshape(count, -1) * (cells / (height * width))).astype(np.float32)


def _patterns(windows: GrayImage, radius: int) -> GrayImage:
    """The pattern around every point that has the whole ring inside of the window."""
    height, width = windows.shape[1:]
    diagonal = round(radius * np.sqrt(0.5))
    ring = [
        (-radius, 0), (-diagonal, diagonal), (0, radius), (diagonal, diagonal),
        (radius, 0), (diagonal, -diagonal), (0, -radius), (-diagonal, -diagonal),
    ]  # fmt: skip
    middle = windows[:, radius : height - radius, radius : width - radius]
    bits = np.zeros(middle.shape, np.uint8)
    for bit, (down, right) in enumerate(ring):
        point = windows[
            :,
            radius + down : height - radius + down,
            radius + right : width - radius + right,
        ]
        bits |= (point >= middle).view(np.uint8) << np.uint8(bit)
    return _UNIFORM[bits]


@lru_cache(maxsize=16)
def _first_bins(height: int, width: int, rows: int, columns: int) -> NDArray[np.int64]:
    """Where the histogram of the cell of each point begins, (height, width)."""
    row = np.arange(height) * rows // height
    column = np.arange(width) * columns // width
    return (row[:, np.newaxis] * columns + column) * _PATTERNS
