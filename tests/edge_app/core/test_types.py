import pytest

from edge_app.core.types import BBox, Emotion, Identity


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
