import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from training.datasets import fer2013
from training.datasets.fer2013 import DataError, Fer2013

HEADER = "emotion,pixels,Usage\n"
PIXELS = " ".join(str(value % 256) for value in range(48 * 48))
ROW = f"3,{PIXELS},Training\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "fer2013.csv"
    path.write_text(text, encoding="ascii")
    return path


def test_a_row_becomes_a_face_row_by_row(tmp_path: Path) -> None:
    data = fer2013.load(written(tmp_path, HEADER + ROW + ROW.replace("Training", "PrivateTest")))

    assert data.images.shape == (2, 48, 48)
    assert data.images[0, 0, :3].tolist() == [0, 1, 2]
    assert data.images[0, 1, 0] == 48
    assert data.labels.tolist() == [3, 3]
    assert data.split("PrivateTest").rows.tolist() == [1]
    assert len(data.split("PublicTest")) == 0


def test_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    data = fer2013.load(written(tmp_path, f"Usage,emotion,pixels\nPublicTest,6,{PIXELS}\n"))

    assert data.labels.tolist() == [6]
    assert len(data.split("PublicTest")) == 1


@pytest.mark.parametrize(("suffix", "compress"), [("gz", gzip.compress), ("xz", lzma.compress)])
def test_compressed_files_are_found_and_read(
    tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    (tmp_path / f"fer2013.csv.{suffix}").write_bytes(compress((HEADER + ROW).encode()))

    assert fer2013.load(fer2013.find(tmp_path)).labels.tolist() == [3]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (ROW.replace(" 255 ", " ", 1), r"row 2: expected 2304 pixels, found 2303"),
        (ROW.replace(" 255 ", " 256 ", 1), r"row 2: expected pixels of 0 to 255, found 0 to 256"),
        (ROW.replace(" 255 ", " x ", 1), r"row 2: expected whole numbers as pixels"),
        (f"7{ROW[1:]}", r"row 2: expected an emotion of 0 to 6, found '7'"),
        (f"-1{ROW[1:]}", r"row 2: expected an emotion of 0 to 6, found '-1'"),
        (ROW.replace("Training", "Test"), r"row 2: expected a Usage of .*, found 'Test'"),
        ("3,0 0 0", r"row 2: expected 2304 pixels, found 3"),
        (f"3,{PIXELS}\n", r"row 2: expected a Usage of .*, found None"),
    ],
)
def test_bad_rows_are_named_by_their_number(tmp_path: Path, bad: str, message: str) -> None:
    path = written(tmp_path, HEADER + ROW + bad)

    with pytest.raises(DataError, match=message):
        fer2013.load(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"missing: Usage"):
        fer2013.load(written(tmp_path, f"emotion,pixels\n3,{PIXELS}\n"))


def test_a_file_without_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected rows after the header, found none"):
        fer2013.load(written(tmp_path, HEADER))


@pytest.mark.parametrize(("suffix", "compress"), [("gz", gzip.compress), ("xz", lzma.compress)])
def test_an_archive_that_ends_early_says_after_which_row(
    tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    rng = np.random.default_rng(0)
    noise = "".join(
        f"3,{' '.join(map(str, rng.integers(0, 256, 48 * 48)))},Training\n" for _ in range(40)
    )
    whole = compress((HEADER + noise).encode())
    path = tmp_path / f"fer2013.csv.{suffix}"
    path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(DataError, match=r"row \d+: expected a whole csv file, found damaged data"):
        fer2013.load(path)


def test_what_is_no_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "fer2013.csv"
    path.write_bytes(HEADER.encode() + b"\xff\xfe\x00")

    with pytest.raises(DataError, match=r"row 1: expected a whole csv file"):
        fer2013.load(path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"expected fer2013\.csv"):
        fer2013.find(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such file"):
        fer2013.load(tmp_path / "fer2013.csv")


def test_an_archive_is_not_written_as_plain_text(tmp_path: Path) -> None:
    data = fer2013.Fer2013(np.empty((0, 48, 48), np.uint8), *(np.empty(0, np.int64),) * 2)

    with pytest.raises(ValueError, match=r"expected a name that ends in \.csv"):
        fer2013.save(tmp_path / "faces.csv.gz", data)


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, 48, 48), dtype=np.uint8)
    data = Fer2013(images, np.array([0, 6, 3]), np.array([2, 0, 1]))

    fer2013.save(tmp_path / "copy.csv", data)
    copy = fer2013.load(tmp_path / "copy.csv")

    np.testing.assert_array_equal(copy.images, images)
    assert (copy.labels.tolist(), copy.usage.tolist()) == ([0, 6, 3], [2, 0, 1])
