import pytest

from edge_app.kiosk.status import RateMeter


def test_rate_is_that_of_the_last_three_seconds() -> None:
    meter = RateMeter()
    for index in range(100):
        meter.add(index / 10)
    assert meter.rate(9.9) == pytest.approx(10, rel=0.05)
    for index in range(100):
        meter.add(20 + index / 20)
    assert meter.rate(24.95) == pytest.approx(20, rel=0.05)
    assert meter.rate(60.0) == 0.0
