import pytest

from edge_app.vision.track import SearchSchedule


def searches(
    schedule: SearchSchedule, took_s: float, *, frame_s: float = 0.01, until_s: float = 10
) -> int:
    """How often a loop searches until then; a search delays the next frame."""
    now, count = 0.0, 0
    while now < until_s:
        if schedule.due(now):
            schedule.searched(now, took_s)
            count += 1
            now += took_s
        now += frame_s
    return count


def test_a_quick_search_is_made_at_the_wanted_interval() -> None:
    assert searches(SearchSchedule(0.5, 0.25), took_s=0.001) == pytest.approx(20, abs=2)


@pytest.mark.parametrize("took_s", [0.2, 0.5, 1.0])
def test_a_slow_search_takes_no_more_than_its_share(took_s: float) -> None:
    count = searches(SearchSchedule(0.1, 0.25), took_s, until_s=60)
    assert 0.2 < count * took_s / 60 <= 0.25 + took_s / 60


def test_a_lost_face_hurries_the_next_search_but_not_beyond_the_share() -> None:
    schedule = SearchSchedule(10.0, 0.25)
    schedule.searched(0.0, 0.1)
    assert not schedule.due(0.5)
    schedule.hurry()
    assert not schedule.due(0.39)
    assert schedule.due(0.41)


def test_the_first_frame_is_searched() -> None:
    assert SearchSchedule(10.0, 0.1).due(0.0)
