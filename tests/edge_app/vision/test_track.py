import pytest

from edge_app.core.types import BBox
from edge_app.vision.track import IouTracker, SearchSchedule, match_boxes


def box(left: int, top: int = 0, side: int = 100) -> BBox:
    return BBox(left, top, left + side, top + side)


def test_faces_keep_their_numbers_while_they_move() -> None:
    tracker = IouTracker()

    assert tracker.update([box(0), box(300)]) == [1, 2]
    assert tracker.update([box(320), box(20)]) == [2, 1]
    assert tracker.update([box(40), box(340)]) == [1, 2]


def test_a_new_face_gets_a_new_number() -> None:
    tracker = IouTracker()
    tracker.update([box(0)])

    assert tracker.update([box(0), box(500)]) == [1, 2]


def test_a_face_that_is_missed_for_a_moment_gets_its_number_back() -> None:
    tracker = IouTracker()
    tracker.update([box(0)])
    for _ in range(10):
        assert tracker.update([]) == []

    assert tracker.update([box(5)]) == [1]


def test_a_face_that_stays_away_is_somebody_else_when_it_comes_back() -> None:
    tracker = IouTracker()
    tracker.update([box(0)])
    for _ in range(30):
        tracker.update([])

    assert tracker.update([box(0)]) == [2]


def test_the_best_overlap_wins() -> None:
    tracker = IouTracker()
    tracker.update([box(0), box(60)])

    assert tracker.update([box(55), box(5)]) == [2, 1]


def test_two_faces_never_share_a_number() -> None:
    tracker = IouTracker()
    tracker.update([box(0)])

    assert sorted(tracker.update([box(0), box(4)])) == [1, 2]


def test_a_face_that_is_another_person_s_gets_a_number_of_its_own() -> None:
    tracker = IouTracker()
    tracker.update([box(0), box(300)])

    assert tracker.renumber(1) == 3
    assert tracker.update([box(0), box(300)]) == [3, 2]
    assert tracker.numbers == {2, 3}


def test_numbers_of_faces_that_do_not_come_back_are_given_up() -> None:
    tracker = IouTracker()
    tracker.update([box(0)])
    for _ in range(15):
        tracker.update([])
        assert tracker.numbers == {1}
    tracker.update([])
    assert tracker.numbers == set()


def test_boxes_are_matched_by_the_best_overlap_first() -> None:
    known = [BBox(0, 0, 10, 10), BBox(4, 0, 14, 10)]
    found = [BBox(4, 0, 14, 10), BBox(1, 0, 11, 10), BBox(50, 50, 60, 60)]

    assert match_boxes(known, found) == {0: 1, 1: 0}


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
