from typing import Any

import cv2
import numpy as np
import pytest

from edge_app.bundle.manifest import ClearSpec
from edge_app.core.labels import UNCLEAR
from edge_app.core.types import BBox, Detection, Emotion, Frame, Identity, Picture


def test_grey_weighs_green_most() -> None:
    blue, green, red = np.eye(3, dtype=np.uint8)[:, np.newaxis, np.newaxis] * 255

    greys = [int(Picture(np.ascontiguousarray(color)).gray[0, 0]) for color in (blue, green, red)]

    assert greys == [29, 150, 76]


def test_a_frame_is_made_grey_once_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    conversions = []
    convert = cv2.cvtColor

    def counting(image: Any, code: int) -> Any:
        conversions.append(code)
        return convert(image, code)

    monkeypatch.setattr(cv2, "cvtColor", counting)
    frame = Frame(np.zeros((4, 6, 3), np.uint8), 0, 0.0)
    assert not conversions
    assert frame.gray is frame.gray and frame.gray.shape == (4, 6)
    assert len(conversions) == 1


def test_a_grey_picture_stays_as_it_is() -> None:
    gray = np.arange(256, dtype=np.uint8).reshape(16, 16)

    np.testing.assert_array_equal(Picture.of_gray(gray).gray, gray)


def test_detections_of_a_detector_with_landmarks_can_be_compared() -> None:
    points = np.zeros((5, 2), np.float32)

    found = Detection(BBox(0, 0, 9, 9), 0.9, points)

    assert found == Detection(BBox(0, 0, 9, 9), 0.9, points.copy())
    assert found != Detection(BBox(0, 0, 9, 9), 0.8, points)


def test_overlap_of_a_box_with_itself_is_whole() -> None:
    box = BBox(10, 20, 30, 60)

    assert box.iou(box) == 1.0
    assert (box.width, box.height, box.area) == (20, 40, 800)


def test_overlap_of_half_a_box() -> None:
    assert BBox(0, 0, 10, 10).iou(BBox(5, 0, 15, 10)) == pytest.approx(1 / 3)


@pytest.mark.parametrize("other", [BBox(20, 0, 30, 10), BBox(10, 0, 20, 10), BBox(0, 0, 0, 0)])
def test_boxes_that_do_not_touch_share_nothing(other: BBox) -> None:
    assert BBox(0, 0, 10, 10).iou(other) == 0.0


def test_margin_is_positive_inside_of_the_threshold() -> None:
    assert Identity("Ana", distance=0.2, threshold=0.5).margin == pytest.approx(0.3)
    assert Identity(None, distance=0.7, threshold=0.5).margin == pytest.approx(-0.2)


def test_score_is_that_of_the_label() -> None:
    assert Emotion("happy", {"happy": 0.7, "sad": 0.3}).score == 0.7


def test_an_emotion_below_the_bound_is_unclear_and_keeps_its_scores() -> None:
    scores = {"happy": 0.3, "sad": 0.7}
    assert Emotion.of(scores).label == Emotion.of(scores, ClearSpec(share=0.7)).label == "sad"
    unclear = Emotion.of(scores, ClearSpec(share=0.71))
    assert unclear.label == UNCLEAR and not unclear.is_clear
    assert unclear.scores == scores and unclear.score == 0.7
