from dataclasses import replace

import pytest

from edge_app.storage.quality import Quality

GOOD = Quality(size_px=80, sharpness=300.0, yaw=0.2, light=120.0)


def test_score_is_the_product_of_what_is_enough() -> None:
    assert GOOD.score == pytest.approx(0.5 * 0.5 * 0.8)
    assert Quality(size_px=400, sharpness=900.0, yaw=None, light=90.0).score == 1.0


@pytest.mark.parametrize(
    "worse",
    [{"size_px": 60}, {"sharpness": 200.0}, {"yaw": 0.4}, {"yaw": -0.4}, {"light": 40.0},
     {"light": 230.0}],
)  # fmt: skip
def test_score_falls_as_any_of_them_gets_worse(worse: dict[str, float]) -> None:
    assert 0.0 < replace(GOOD, **worse).score < GOOD.score  # type: ignore[arg-type]


def test_a_face_turned_away_or_black_is_worth_nothing() -> None:
    assert replace(GOOD, yaw=-1.3).score == replace(GOOD, light=0.0).score == 0.0
