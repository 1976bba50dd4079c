from pathlib import Path

import numpy as np
import pytest

from edge_app.core.progress import SILENT
from edge_app.core.types import BBox, Detection, Picture
from edge_app.media.photo import write_photo
from edge_app.samples.faces import drawn_face, tinted
from training.framing import EyeFinder, Eyes, boxed_faces, framing, margin, pair


def test_two_level_finds_are_eyes() -> None:
    assert pair([(140, 80), (60, 80)], 200) == Eyes(distance=0.4, height=0.4)


@pytest.mark.parametrize(
    "middles",
    [
        [(60, 80)],
        [(60, 80), (140, 80), (100, 120)],
        [(60, 80), (90, 80)],  # both left of the middle
        [(85, 80), (115, 80)],  # too near each other
        [(60, 80), (140, 120)],  # slanted
    ],
)
def test_other_finds_are_not(middles: list[tuple[float, float]]) -> None:
    assert pair(middles, 200) is None


def test_quartiles_leave_out_faces_without_eyes() -> None:
    found = framing([Eyes(0.3, 0.4), None, Eyes(0.4, 0.5), Eyes(0.5, 0.6)])

    assert found.count == 3
    assert found.distances == pytest.approx((0.35, 0.4, 0.45))
    assert found.heights == pytest.approx((0.45, 0.5, 0.55))


def test_no_eyes_at_all_are_an_error() -> None:
    with pytest.raises(ValueError, match="two visible eyes"):
        framing([None])


def test_boxes_with_eyes_further_apart_need_room() -> None:
    theirs, boxes = framing([Eyes(0.4, 0.4)]), framing([Eyes(0.5, 0.4)])

    assert margin(theirs, boxes) == pytest.approx(0.25)


def test_eyes_of_a_drawn_face_are_found_at_any_size() -> None:
    eyes = EyeFinder()

    small, large = eyes(drawn_face(0, side=100)), eyes(drawn_face(0, side=400))

    assert small is not None
    assert large is not None
    assert small.distance == pytest.approx(large.distance, abs=0.05)


def test_a_blank_face_has_no_eyes() -> None:
    assert EyeFinder()(np.zeros((48, 48), np.uint8)) is None


class Middle:
    """Finds a face in the middle of pictures that are not black."""

    def detect(self, picture: Picture) -> list[Detection]:
        return [Detection(BBox(10, 10, 50, 50), 9.0)] if picture.image.any() else []


def test_photographs_without_a_face_are_passed_over(tmp_path: Path) -> None:
    write_photo(tmp_path / "a.png", tinted(drawn_face(1, side=60)))
    write_photo(tmp_path / "b.png", np.zeros((60, 60, 3), np.uint8))
    (tmp_path / "c.png").write_bytes(b"no picture")

    paths = sorted(tmp_path.iterdir())
    assert [face.shape for face in boxed_faces(paths, Middle(), SILENT)] == [(40, 40)]
