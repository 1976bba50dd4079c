"""FER2013 as published: one csv of ``emotion,pixels,Usage`` with 48x48 grey faces.

Source: Goodfellow et al., "Challenges in Representation Learning", 2013 (arXiv:1307.0414).
"""

import csv
import gzip
import lzma
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Literal, TextIO, cast, get_args

import numpy as np
from numpy.typing import NDArray

from edge_app.core.types import GrayImage
from training.tables import write_csv

SIDE = 48
"""Pixels of a face's side in the published file."""

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""Name of each value of the ``emotion`` column."""

Usage = Literal["Training", "PublicTest", "PrivateTest"]
USAGES: tuple[Usage, ...] = get_args(Usage)
TEST_SPLITS = USAGES[1:]


class DataError(ValueError):
    """A data file does not hold what its format promises."""


@dataclass(frozen=True)
class FaceSet:
    """Faces with a label each.

    images: uint8 (N, 48, 48). labels: int64 (N,), index into the label names that the file was read
    with. rows: int64 (N,), the row of the csv that each face came from, 0 for the first after the
    header.
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

    def usages(self) -> list[Usage]:
        """The split of every row by its name."""
        return [USAGES[index] for index in self.usage]

    def split(self, usage: Usage) -> FaceSet:
        rows = np.flatnonzero(self.usage == USAGES.index(usage))
        return FaceSet(self.images[rows], self.labels[rows], rows)


def find(folder: Path, stem: str = "fer2013") -> Path:
    """The csv of a data folder: STEM.csv, else its .gz, else its .xz.

    Raises FileNotFoundError for none.
    """
    for suffix in (".csv", ".csv.gz", ".csv.xz"):
        if (folder / f"{stem}{suffix}").is_file():
            return folder / f"{stem}{suffix}"
    raise FileNotFoundError(
        f"{folder}: expected {stem}.csv (or .csv.gz, .csv.xz) in it, found none; check --data"
    )


@contextmanager
def _open_text(path: Path) -> Iterator[TextIO]:
    """Text of a plain, .gz or .xz file."""
    with _open_any(path) as raw, TextIOWrapper(raw, encoding="ascii", newline="") as text:
        yield text


def _open_any(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.open(path))
    return lzma.open(path) if path.suffix == ".xz" else path.open("rb")


_DAMAGE = (
    EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, UnicodeDecodeError, csv.Error,
)  # fmt: skip
"""What reading raises where an archive is cut short or the file is no text."""


def load(path: Path, labels: Sequence[str] = LABELS) -> Fer2013:
    """Read ``fer2013.csv`` (also .gz or .xz).

    labels: name of each value of the emotion column that the file may hold; a file merged with
    other data has more than the published one. Raises FileNotFoundError, or DataError with the row
    (1 is the first after the header) for a missing column, a wrong number of pixels, a value
    outside 0 to 255, an unknown emotion or Usage, or an archive that ends early.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file; expected FER2013's csv")
    images: list[NDArray[np.uint8]] = []
    emotions: list[int] = []
    usage: list[int] = []
    with _open_text(path) as text:
        try:
            for row in _rows(text):
                images.append(_parse_pixels(row["pixels"]))
                emotions.append(_parse_label(row["emotion"], len(labels)))
                usage.append(_parse_usage(row["Usage"]))
        except DataError as error:
            raise DataError(f"{path}, row {len(usage) + 1}: {error}") from error
        except _DAMAGE as error:
            raise DataError(
                f"{path}, row {len(usage) + 1}: expected a whole csv file, found damaged data "
                f"({error}); copy it again"
            ) from error
    if not images:
        raise DataError(f"{path}: expected rows after the header, found none")
    return Fer2013(np.stack(images), np.array(emotions), np.array(usage))


def _rows(text: TextIO) -> Iterator[dict[str, str | None]]:
    reader = csv.DictReader(text)
    missing = {"emotion", "pixels", "Usage"} - set(reader.fieldnames or ())
    if missing:
        raise DataError(
            f"expected the columns emotion, pixels and Usage, missing: {', '.join(sorted(missing))}"
        )
    yield from reader


def save(path: Path, data: Fer2013) -> None:
    """Write the csv in the published format, under its name only when whole.

    Raises OutputError for a place that cannot be written, ValueError for the name of an archive.
    """
    if path.suffix != ".csv":
        raise ValueError(f"{path}: expected a name that ends in .csv; compress the file afterwards")
    rows = (
        (label, " ".join(map(str, image.ravel().tolist())), USAGES[usage])
        for image, label, usage in zip(data.images, data.labels, data.usage, strict=True)
    )
    write_csv(path, ("emotion", "pixels", "Usage"), rows)


def _parse_pixels(text: str | None) -> NDArray[np.uint8]:
    try:
        values = np.array((text or "").split(), dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise DataError(f"expected whole numbers as pixels, found {text!r:.40}") from error
    if values.size != SIDE * SIDE:
        raise DataError(f"expected {SIDE * SIDE} pixels, found {values.size}")
    if values.min() < 0 or values.max() > 255:
        raise DataError(f"expected pixels of 0 to 255, found {values.min()} to {values.max()}")
    return values.astype(np.uint8).reshape(SIDE, SIDE)


def _parse_label(text: str | None, count: int) -> int:
    if text is None or not text.isdecimal() or int(text) >= count:
        raise DataError(f"expected an emotion of 0 to {count - 1}, found {text!r}")
    return int(text)


def _parse_usage(text: str | None) -> int:
    for index, name in enumerate(USAGES):
        if text == name:
            return index
    raise DataError(f"expected a Usage of {', '.join(USAGES)}, found {text!r}")
