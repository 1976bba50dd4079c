from pathlib import Path

import numpy as np
import pytest

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import BundleError
from edge_app.core.types import BBox, Detection, Picture
from edge_app.vision.detection.haar import HaarDetector, without_nested
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


def test_the_score_is_the_number_of_merged_windows(bundle: Bundle, detector: HaarDetector) -> None:
    (face,) = detector.detect(Picture(scene(1)))

    assert face.score >= bundle.manifest.detector.min_neighbors
    assert face.score.is_integer()
    assert face.landmarks is None


@pytest.mark.parametrize("size", [(640, 480), (10, 10), (1, 1), (3, 700)])
def test_a_wall_has_no_face(detector: HaarDetector, size: tuple[int, int]) -> None:
    assert detector.detect(Picture(np.full((*size[::-1], 3), 120, np.uint8))) == []


def test_moving_pictures_are_searched_for_larger_faces_only(
    bundle: Bundle, detector: HaarDetector
) -> None:
    spec = bundle.manifest.detector
    moving = HaarDetector(bundle.path(spec.file), spec, spec.moving)
    small = Picture(scene(1, side=50, size=(1280, 960)))

    assert len(detector.detect(small)) == 1
    assert moving.detect(small) == []


@pytest.mark.parametrize("content", [None, b"", b"<opencv_storage></opencv_storage>", b"letters"])
def test_a_cascade_that_is_none(bundle: Bundle, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "haar.xml"
    if content is not None:
        path.write_bytes(content)
    spec = bundle.manifest.detector

    with pytest.raises(BundleError, match="expected a Haar cascade in XML, found none"):
        HaarDetector(path, spec, spec.still)


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
