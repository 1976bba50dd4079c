import logging
from pathlib import Path
from unittest.mock import Mock

import cv2
import numpy as np
import pytest

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import InputMissingError, PeopleError
from edge_app.core.types import BBox, Detection, Picture
from edge_app.enrolment.photographs import Enroller, photograph, photographs, photos_of, the_face
from edge_app.media.photo import write_photo
from edge_app.samples.faces import drawn_face, tinted
from edge_app.vision import align
from edge_app.vision.parts import RecognitionSettings
from tests.edge_app.conftest import scene, write_person
from tests.stored import drawn_sample


class _Finds:
    """So many faces, of these sides, in every picture that is not black."""

    def __init__(self, *sides: int) -> None:
        self._found = [Detection(BBox(0, 0, side, side), 1.0) for side in sides]

    def detect(self, picture: Picture) -> list[Detection]:
        return self._found if picture.gray.any() else []


@pytest.mark.parametrize(
    ("sides", "message"), [((), "a face, found none"), ((40, 30, 20), "one face, found 3")]
)
def test_no_face_and_several_of_like_size_are_refused(sides: tuple[int, ...], message: str) -> None:
    with pytest.raises(PeopleError, match=message):
        the_face([Detection(BBox(0, 0, side, side), 1.0) for side in sides])


def test_the_face_of_a_photograph_is_the_one_that_is_clearly_largest(tmp_path: Path) -> None:
    write_photo(tmp_path / "a.png", tinted(drawn_face(1, side=100)))

    shown = photograph(tmp_path / "a.png", _Finds(60, 40))

    assert shown.face.bbox == BBox(0, 0, 60, 60)
    assert shown.picture.gray.shape == (100, 100)
    assert shown.sample().shape == (160, 160, 3)


class _Steps:
    def __init__(self) -> None:
        self.total = self.done = 0

    def start(self, total: int) -> None:
        self.total = total

    def advance(self) -> None:
        self.done += 1


def test_what_shows_no_clear_face_is_named_and_counts_as_progress(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_photo(tmp_path / "a.png", np.full((60, 60, 3), 90, np.uint8))
    write_photo(tmp_path / "b.png", np.zeros((60, 60, 3), np.uint8))
    (tmp_path / "c.png").write_bytes(b"no picture")
    paths = [tmp_path / f"{name}.png" for name in "abcd"]
    steps = _Steps()

    found = list(photographs(paths, _Finds(40), steps))

    assert [shown.path.name for shown in found] == ["a.png"]
    assert (steps.total, steps.done) == (4, 4)
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == f"left out: {paths[1]}: expected a face, found none"
    assert said[1].startswith(f"left out: {paths[2]}: expected a photo")
    assert said[2] == f"left out: {paths[3]}: no such file; check the path"
    assert len(said) == 3


@pytest.fixture(scope="module")
def enroller(bundle: Bundle) -> Enroller:
    """With the detector that finds drawn people."""
    return Enroller(bundle, RecognitionSettings(detector="haar"))


def test_bad_photos_are_named_and_the_good_ones_kept(
    enroller: Enroller, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_photo(tmp_path / "good.png", scene(1, side=200))
    write_photo(tmp_path / "twin.png", scene(1, side=200))
    write_photo(tmp_path / "three.png", scene(1, 2, 3))
    write_photo(tmp_path / "tiny.png", scene(1, side=50))
    write_photo(tmp_path / "wall.png", np.full((480, 640, 3), 120, np.uint8))
    write_photo(tmp_path / "point.png", scene(1, side=10))
    blurred = cv2.GaussianBlur(scene(1, side=200), (0, 0), 9).astype(np.uint8)
    write_photo(tmp_path / "blurred.png", blurred)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")

    with caplog.at_level(logging.WARNING):
        samples = enroller.from_photos(photos_of(tmp_path), "upload")

    assert [sample.origin for sample in samples] == ["upload"]
    refused = caplog.text
    for name in ("three", "tiny", "wall", "point", "blurred", "broken", "twin"):
        assert f"{name}." in refused
    assert "good.png" not in refused


def test_nothing_good_is_an_error_that_says_what_to_add(enroller: Enroller, tmp_path: Path) -> None:
    write_photo(tmp_path / "wall.png", np.full((480, 640, 3), 120, np.uint8))

    with pytest.raises(PeopleError, match="found 1 photos and none such"):
        enroller.from_photos(photos_of(tmp_path), "upload")


def test_a_face_that_was_cut_out_before_is_taken_as_a_whole(
    enroller: Enroller, tmp_path: Path
) -> None:
    face = tinted(drawn_face(1, side=220)[40:190, 35:185])
    write_photo(tmp_path / "rostro_0.jpg", face)

    (sample,) = enroller.from_photos(photos_of(tmp_path), "import", crops_too=True)

    assert sample.crop.shape == (160, 160, 3)


def test_a_sample_that_was_exported_is_taken_as_it_is(enroller: Enroller, tmp_path: Path) -> None:
    write_photo(tmp_path / "001.png", drawn_sample())

    (sample,) = enroller.from_photos(photos_of(tmp_path), "import", crops_too=True)

    np.testing.assert_array_equal(sample.crop, drawn_sample())
    (tmp_path / "002.png").write_bytes(b"no picture")
    assert enroller.are_samples(photos_of(tmp_path))
    write_photo(tmp_path / "003.png", np.full((480, 640, 3), 120, np.uint8))
    assert not enroller.are_samples(photos_of(tmp_path))


@pytest.mark.parametrize(("off", "is_sample"), [(3.0, True), (30.0, False)])
def test_a_picture_of_that_size_with_a_face_elsewhere_is_a_photograph(
    enroller: Enroller, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, off: float, is_sample: bool
) -> None:
    found = Detection(BBox(24, 16, 136, 128), 1.0, align.SAMPLE_POINTS + np.float32(off))
    for detector in ("_quick", "_thorough"):
        monkeypatch.setattr(enroller, detector, Mock(detect=lambda picture: [found]))
    write_photo(tmp_path / "001.png", drawn_sample())

    (sample,) = enroller.from_photos(photos_of(tmp_path), "import", crops_too=True)

    assert np.array_equal(sample.crop, drawn_sample()) is is_sample


def test_of_many_photographs_the_most_different_are_kept(
    enroller: Enroller, tmp_path: Path
) -> None:
    write_person(tmp_path, "Ana", 1, photos=3)

    samples = enroller.from_photos(photos_of(tmp_path / "Ana"), "upload", most=2)

    assert len(samples) == 2


def test_no_photos_are_told_from_no_folder(tmp_path: Path) -> None:
    with pytest.raises(PeopleError, match="expected photos, found none"):
        photos_of(tmp_path)
    with pytest.raises(InputMissingError, match="no such folder"):
        photos_of(tmp_path / "missing")
