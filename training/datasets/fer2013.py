"""FER2013 as published: one csv of ``emotion,pixels,Usage`` with 48x48 grey faces.

Source: Goodfellow et al., "Challenges in Representation Learning", 2013 (arXiv:1307.0414).
"""

import csv
import gzip
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Literal, TextIO, cast, get_args

import numpy as np
from numpy.typing import NDArray

from edge_app.types import GrayImage

SIDE = 48
"""Pixels of a face's side in the published file."""

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""Name of each value of the ``emotion`` column."""

Usage = Literal["Training", "PublicTest", "PrivateTest"]
USAGES: tuple[Usage, ...] = get_args(Usage)


class DataError(ValueError):
    """A data file does not hold what its format promises."""


@dataclass(frozen=True)
class FaceSet:
    """Faces with a label each.

    images: uint8 (N, 48, 48). labels: int64 (N,), index into LABELS. rows: int64 (N,), the row of
    the csv that each face came from, 0 for the first after the header.
    """

    images: GrayImage
    labels: NDArray[np.int64]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Fer2013:
    """The whole file. ``usage`` is int64 (N,), an index into USAGES."""

    images: GrayImage
    labels: NDArray[np.int64]
    usage: NDArray[np.int64]

    def split(self, usage: Usage) -> FaceSet:
        rows = np.flatnonzero(self.usage == USAGES.index(usage))
        return FaceSet(self.images[rows], self.labels[rows], rows)


@contextmanager
def _open_text(path: Path) -> Iterator[TextIO]:
    """Text of a plain, .gz or .xz file; a damaged archive is a DataError."""
    try:
        with _open_any(path) as raw, TextIOWrapper(raw, encoding="ascii", newline="") as text:
            yield text
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise DataError(
            f"{path}: expected a whole csv file, found damaged data ({error})"
        ) from error


def _open_any(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.open(path))
    return lzma.open(path) if path.suffix == ".xz" else path.open("rb")


def load(path: Path) -> Fer2013:
    """Read ``fer2013.csv`` (also .gz or .xz).

    Raises FileNotFoundError, or DataError with the row (1 is the first after the header) for a
    missing column, a wrong number of pixels, a value outside 0 to 255, an unknown emotion or Usage.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file; expected FER2013's csv")
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    usage: list[int] = []
    with _open_text(path) as text:
        reader = csv.DictReader(text)
        missing = {"emotion", "pixels", "Usage"} - set(reader.fieldnames or ())
        if missing:
            raise DataError(
                f"{path}: expected the columns emotion, pixels and Usage, "
                f"missing: {', '.join(sorted(missing))}"
            )
        for number, row in enumerate(reader, start=1):
            try:
                images.append(_parse_pixels(row["pixels"]))
                labels.append(_parse_label(row["emotion"]))
                usage.append(_parse_usage(row["Usage"]))
            except DataError as error:
                raise DataError(f"{path}, row {number}: {error}") from error
    if not images:
        raise DataError(f"{path}: expected rows after the header, found none")
    return Fer2013(np.stack(images), np.array(labels), np.array(usage))


def _parse_pixels(text: str | None) -> NDArray[np.uint8]:
    try:
        values = np.array((text or "").split(), dtype=np.int64)
    except ValueError as error:
        raise DataError(f"expected whole numbers as pixels, found {text!r:.40}") from error
    if values.size != SIDE * SIDE:
        raise DataError(f"expected {SIDE * SIDE} pixels, found {values.size}")
    if values.min() < 0 or values.max() > 255:
        raise DataError(f"expected pixels of 0 to 255, found {values.min()} to {values.max()}")
    return values.astype(np.uint8).reshape(SIDE, SIDE)


def _parse_label(text: str | None) -> int:
    if text is None or not text.isdecimal() or int(text) >= len(LABELS):
        raise DataError(f"expected an emotion of 0 to {len(LABELS) - 1}, found {text!r}")
    return int(text)


def _parse_usage(text: str | None) -> int:
    for index, name in enumerate(USAGES):
        if text == name:
            return index
    raise DataError(f"expected a Usage of {', '.join(USAGES)}, found {text!r}")
