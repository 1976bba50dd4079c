import logging
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import InputMissingError, PeopleError
from edge_app.enrolment.photographs import Enroller, photos_of
from edge_app.media.photo import write_photo
from edge_app.samples.faces import drawn_face, tinted
from tests.edge_app.conftest import scene


@pytest.fixture(scope="module")
def enroller(bundle: Bundle) -> Enroller:
    return Enroller(bundle)


def test_bad_photos_are_named_and_the_good_ones_kept(
    enroller: Enroller, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_photo(tmp_path / "good.png", scene(1, side=200))
    write_photo(tmp_path / "twin.png", scene(1, side=200))
    write_photo(tmp_path / "three.png", scene(1, 2, 3))
    write_photo(tmp_path / "tiny.png", scene(1, side=60))
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
    enroller: Enroller, bundle: Bundle, tmp_path: Path
) -> None:
    face = tinted(drawn_face(1, side=220)[40:190, 35:185])
    write_photo(tmp_path / "rostro_0.jpg", face)

    (sample,) = enroller.from_photos(photos_of(tmp_path), "import", crops_too=True)

    assert sample.crop.shape == (bundle.manifest.identifier.crop.size,) * 2


def test_no_photos_are_told_from_no_folder(tmp_path: Path) -> None:
    with pytest.raises(PeopleError, match="expected photos, found none"):
        photos_of(tmp_path)
    with pytest.raises(InputMissingError, match="no such folder"):
        photos_of(tmp_path / "missing")
