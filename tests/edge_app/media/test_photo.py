import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from edge_app.core.errors import InputError, InputMissingError, OutputError
from edge_app.core.types import ColorImage
from edge_app.media.photo import is_photo, photos_in, read_photo, write_photo

_ORIENTATION = 0x0112


@pytest.fixture
def corner() -> ColorImage:
    """White with a red top left quarter, BGR."""
    image = np.full((40, 60, 3), 255, np.uint8)
    image[:20, :30] = (0, 0, 255)
    return image


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".PNG"])
def test_a_photo_comes_back_in_every_format(
    corner: ColorImage, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"photo{suffix}"

    write_photo(path, corner)
    back = read_photo(path)

    assert back.shape == corner.shape
    assert np.abs(back[5, 5].astype(int) - (0, 0, 255)).max() < 30
    assert np.abs(back[35, 55].astype(int) - 255).max() < 30


@pytest.mark.parametrize(
    ("orientation", "red_corner"),
    [
        (1, (0, 0)),
        (2, (0, -1)),
        (3, (-1, -1)),
        (4, (-1, 0)),
        (5, (0, 0)),
        (6, (0, -1)),
        (7, (-1, -1)),
        (8, (-1, 0)),
    ],
)
def test_a_photo_is_turned_as_its_exif_data_say(
    corner: ColorImage, tmp_path: Path, orientation: int, red_corner: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    Image.fromarray(corner[:, :, ::-1]).save(tmp_path / "a.png", exif=exif)

    upright = read_photo(tmp_path / "a.png")

    assert upright[red_corner].tolist() == [0, 0, 255]
    assert upright.shape[:2] == ((40, 60) if orientation < 5 else (60, 40))


@pytest.mark.parametrize("kind", [1, 2, 7])
def test_a_tag_of_the_wrong_type_does_not_matter(
    corner: ColorImage, tmp_path: Path, kind: int
) -> None:
    tags = struct.pack("<HHIHH", _ORIENTATION, 3, 1, 6, 0)
    tags += struct.pack("<HHI4s", ExifTags.Base.XResolution, kind, 1, b"H")
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + tags + bytes(4)
    Image.fromarray(corner[:, :, ::-1]).save(tmp_path / "a.jpg", exif=exif)

    assert read_photo(tmp_path / "a.jpg").shape == (60, 40, 3)


def test_transparent_parts_are_white(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "a.png")

    assert (read_photo(tmp_path / "a.png") == 255).all()


def test_grey_and_sixteen_bit_pictures_become_colour(tmp_path: Path) -> None:
    Image.new("L", (4, 4), 100).save(tmp_path / "grey.png")

    assert (read_photo(tmp_path / "grey.png") == 100).all()

    ramp = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")

    np.testing.assert_array_equal(read_photo(tmp_path / "ramp.png")[..., 0], np.round(ramp / 257))


def test_a_missing_photo(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="no such file; check the path"):
        read_photo(tmp_path / "a.jpg")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found an empty file"),
        (b"this is a letter, not a photo", "found data that is none"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "copy it again|found data that is none"),
    ],
)
def test_what_is_no_photo_is_said_to_be_none(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.jpg").write_bytes(content)

    with pytest.raises(InputError, match=message):
        read_photo(tmp_path / "a.jpg")


def test_a_truncated_photo(corner: ColorImage, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_photo(path, np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(InputError, match="expected a whole photo, found damaged data"):
        read_photo(path)


def test_a_huge_photo_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(tmp_path / "huge.png")

    with pytest.raises(InputError, match="at most 89 million pixels, found more"):
        read_photo(tmp_path / "huge.png")


def test_an_unknown_ending_cannot_be_written(corner: ColorImage, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"expected a name ending in .*found \.gif"):
        write_photo(tmp_path / "a.gif", corner)

    assert not list(tmp_path.iterdir())


def test_photos_of_a_folder_are_sorted_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", ".hidden.png", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "c.png").mkdir()

    assert [path.name for path in photos_in(tmp_path)] == ["a.png", "b.JPG"]
    assert not is_photo(Path("film.mp4"))
