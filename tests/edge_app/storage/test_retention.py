import time

import pytest

from edge_app.storage.events import kept_since


def test_a_day_has_86400_seconds() -> None:
    assert kept_since(2.0) == pytest.approx(time.time() - 172_800.0, abs=5.0)


@pytest.mark.parametrize("days", [1e6, 1e300, 1e308, float("inf")])
def test_nothing_is_older_than_more_days_than_there_ever_were(days: float) -> None:
    assert kept_since(days) < -1e9
