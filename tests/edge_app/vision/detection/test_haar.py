from pathlib import Path

import numpy as np
import pytest

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import BundleError
from edge_app.core.types import BBox, Detection, Picture
from edge_app.vision.detection.base import FollowingDetector, Search
from edge_app.vision.detection.haar import HaarDetector, HaarSpec, without_nested
from tests.edge_app.conftest import scene, shifted

WALL = Picture(np.full((480, 640, 3), 120, np.uint8))


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1920, 1440)])
def test_boxes_are_in_pixels_of_the_full_picture(
    detector: HaarDetector, size: tuple[int, int]
) -> None:
    side = size[1] // 2
    (face,) = detector.detect(Picture(scene(1, side=side, size=size)))

    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    head = BBox(left + side // 8, top + side // 8, left + 7 * side // 8, top + 7 * side // 8)
    assert face.bbox.iou(head) > 0.5


def test_several_faces_come_largest_first(detector: HaarDetector) -> None:
    picture = scene(1, 2, side=140)
    picture[300:480, 250:390] = 120  # room for nobody
    first, second = detector.detect(Picture(picture))

    assert first.bbox.area >= second.bbox.area


def test_the_score_is_the_number_of_merged_windows(
    detector: HaarDetector, haar_spec: HaarSpec
) -> None:
    (face,) = detector.detect(Picture(scene(1)))

    assert face.score >= haar_spec.min_neighbors
    assert face.score.is_integer()
    assert face.landmarks is None


@pytest.mark.parametrize("size", [(640, 480), (10, 10), (1, 1), (3, 700)])
def test_a_wall_has_no_face(detector: HaarDetector, size: tuple[int, int]) -> None:
    assert detector.detect(Picture(np.full((*size[::-1], 3), 120, np.uint8))) == []


def test_moving_pictures_are_searched_for_larger_faces_only(
    bundle: Bundle, detector: HaarDetector, haar_spec: HaarSpec
) -> None:
    moving = haar_spec.build(bundle, Search())
    small = Picture(scene(1, side=50, size=(1280, 960)))

    assert len(detector.detect(small)) == 1
    assert moving.detect(small) == []


def test_the_least_face_may_be_said(bundle: Bundle, haar_spec: HaarSpec) -> None:
    picture = Picture(scene(1, side=60, size=(1280, 960)))

    def found(least: int | None) -> int:
        return len(haar_spec.build(bundle, Search(min_face=least)).detect(picture))

    assert (found(None), found(30), found(120)) == (0, 1, 0)


@pytest.mark.parametrize("side", [90, 200, 600])
def test_a_face_that_touches_the_edges_is_found(detector: HaarDetector, side: int) -> None:
    """The head alone, without the wall that is drawn around it."""
    head = scene(1, side=side, size=(side, side))
    room = side // 6

    (face,) = detector.detect(Picture(head[room:-room, room:-room]))

    height, width = head[room:-room, room:-room].shape[:2]
    assert 0 <= face.bbox.xmin < face.bbox.xmax <= width
    assert 0 <= face.bbox.ymin < face.bbox.ymax <= height


def test_it_follows_faces_between_searches(detector: HaarDetector) -> None:
    assert isinstance(detector, FollowingDetector)


@pytest.mark.parametrize("content", [None, b"", b"<opencv_storage></opencv_storage>", b"letters"])
def test_a_cascade_that_is_none(tmp_path: Path, haar_spec: HaarSpec, content: bytes | None) -> None:
    path = tmp_path / "haar.xml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(BundleError, match="expected a Haar cascade in XML, found none"):
        HaarDetector(path, haar_spec, Search())


@pytest.mark.parametrize("side", [60, 160, 300])
def test_a_known_face_is_found_near_where_it_was(detector: HaarDetector, side: int) -> None:
    before, now = Picture(scene(1, side=side)), Picture(shifted(scene(1, side=side), side // 10, 5))
    (known,) = detector.detect(before)
    (expected,) = detector.detect(now)

    found = detector.detect_near(now, known.bbox)

    assert found is not None
    assert found.bbox.iou(expected.bbox) > 0.75
    assert found.score > 0


def test_near_a_face_that_left_there_is_none(detector: HaarDetector) -> None:
    (known,) = detector.detect(Picture(scene(1)))

    assert detector.detect_near(WALL, known.bbox) is None


@pytest.mark.parametrize("box", [BBox(0, 0, 3, 3), BBox(630, 470, 640, 480), BBox(0, 0, 640, 480)])
def test_odd_boxes_find_nothing(detector: HaarDetector, box: BBox) -> None:
    assert detector.detect_near(WALL, box) is None


def test_of_nested_boxes_the_one_with_the_better_score_stays() -> None:
    face, inside, beside = BBox(0, 0, 100, 100), BBox(20, 20, 80, 80), BBox(90, 0, 190, 100)

    def kept(*scores: float) -> list[BBox]:
        found = map(Detection, (face, inside, beside), scores)
        return [one.bbox for one in without_nested(list(found))]

    assert kept(6, 40, 9) == [inside, beside]
    assert kept(40, 6, 9) == [face, beside]
    assert without_nested([]) == []
