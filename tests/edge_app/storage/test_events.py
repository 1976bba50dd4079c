import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from edge_app.core.errors import OutputError
from edge_app.core.types import BBox, Detection, Emotion, Face, Identity
from edge_app.kiosk.event_writer import EventWriter
from edge_app.kiosk.visits import VisitRecorder
from edge_app.storage.events import EmotionSpan, EventLog, Visit, kept_since
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State

NOON = datetime(2026, 5, 4, 12, 0).timestamp()
ANA = 1


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path) as state:
        assert Gallery(state).add_person("Ana").id == ANA
        yield state


def visit(
    key: int,
    person_id: int | None = None,
    *,
    at: float = NOON,
    seconds: float = 60.0,
    over: bool = True,
) -> Visit:
    middle, end = at + seconds / 2, at + seconds
    spans = (EmotionSpan("happy", at, middle), EmotionSpan("sad", middle, end))
    return Visit(key, person_id, 1, at, end, spans, over)


def test_a_visit_is_a_row_with_a_row_for_each_emotion(state: State) -> None:
    log = EventLog(state)
    log.write([visit(1, ANA), visit(2, at=NOON + 100)])
    rows = list(log.visits())
    assert [(row.name, row.emotion) for row in rows] == [
        ("Ana", "happy"), ("Ana", "sad"), (None, "happy"), (None, "sad")
    ]  # fmt: skip
    assert rows[1].started_at == NOON + 30 and rows[1].ended_at == NOON + 60


def test_a_visit_that_goes_on_stays_one(state: State) -> None:
    log = EventLog(state)
    log.write([visit(1, over=False)])
    log.write([visit(1, ANA, seconds=600.0)])
    rows = list(log.visits())
    assert len(rows) == 2 and {row.visit for row in rows} == {1}
    assert rows[-1].ended_at == NOON + 600 and rows[-1].name == "Ana"


def test_a_clock_that_is_set_right_moves_a_visit_as_a_whole(state: State) -> None:
    log = EventLog(state)
    log.write([visit(1, ANA, at=0.0, over=False)])
    log.write([visit(1, ANA, seconds=90.0)])
    rows = list(log.visits())
    assert {row.visit_started_at for row in rows} == {NOON}
    assert (rows[0].started_at, rows[-1].ended_at) == (NOON, NOON + 90)
    assert sum(count.seconds for count in log.hours()) == 90.0


def test_a_visit_without_emotions_is_exported_too(state: State) -> None:
    log = EventLog(state)
    log.write([Visit(1, None, 1, NOON, NOON + 9, (), True)])
    (row,) = log.visits()
    assert row.emotion is None and row.ended_at == NOON + 9


def test_time_and_person_are_asked_for(state: State) -> None:
    log = EventLog(state)
    log.write([visit(1, ANA), visit(2), visit(3, ANA, at=NOON + 5000)])
    assert {row.visit for row in log.visits(person_id=ANA)} == {1, 3}
    assert {row.visit for row in log.visits(start=NOON + 100)} == {3}
    assert {row.visit for row in log.visits(end=NOON + 100)} == {1, 2}
    assert list(log.visits(person_id=99)) == []


def test_a_long_export_is_read_page_by_page_without_loss(state: State) -> None:
    log = EventLog(state)
    log.write([visit(key, at=NOON + key) for key in range(1, 1203)])
    assert len({row.visit for row in log.visits()}) == 1202


def test_what_somebody_deleted_did_is_not_written(state: State) -> None:
    log, gallery = EventLog(state), Gallery(state)
    log.write([visit(1, ANA, over=False)])
    gallery.delete(ANA)
    assert list(log.visits()) == []
    log.write([visit(1, ANA, seconds=90.0), visit(2, ANA)])
    assert list(log.visits()) == []


def test_nothing_stays_of_a_stranger_who_turned_out_to_be_somebody_deleted(state: State) -> None:
    log = EventLog(state)
    log.write([visit(1, over=False)])
    Gallery(state).delete(ANA)
    log.write([visit(1, ANA, seconds=90.0)], to_tell=["mqtt"])
    assert list(log.visits()) == [] and log.untold("mqtt") == []


def test_who_is_renamed_in_view_keeps_the_visit(state: State) -> None:
    log, gallery = EventLog(state), Gallery(state)
    log.write([visit(1, ANA, over=False)])
    gallery.rename(ANA, "Ana María")
    log.write([visit(1, ANA, seconds=90.0), visit(2, ANA)])
    rows = list(log.visits())
    assert {(row.visit, row.name) for row in rows} == {(1, "Ana María"), (2, "Ana María")}
    assert max(row.ended_at for row in rows) == NOON + 90


def test_who_is_merged_in_view_has_the_visits_of_both(state: State) -> None:
    log, gallery = EventLog(state), Gallery(state)
    double, third = gallery.add_person("Persona 4").id, gallery.add_person("Persona 5").id
    log.write([visit(1, double, over=False)])
    gallery.merge(third, double)
    gallery.merge(ANA, third)
    log.write([visit(1, double, seconds=90.0), visit(2, double), visit(3, third), visit(4, ANA)])
    rows = list(log.visits())
    assert {(row.visit, row.name) for row in rows} == {(key, "Ana") for key in (1, 2, 3, 4)}
    assert max(row.ended_at for row in rows) == NOON + 90
    gallery.delete(ANA)
    log.write([visit(5, double)])
    assert list(log.visits()) == []


def test_a_visit_that_was_joined_to_another_goes(state: State) -> None:
    log = EventLog(state)
    log.write([visit(1, ANA, over=False), visit(2, at=NOON + 61, over=False)])
    joined = replace(visit(2, at=NOON + 61), is_joined=True)
    log.write([visit(1, ANA, seconds=300.0), joined], to_tell=["mqtt"])
    assert {(row.visit, row.name) for row in log.visits()} == {(1, "Ana")}
    assert [untold.started_at for untold in log.untold("mqtt")] == [NOON]
    log.write([visit(2, at=NOON + 61)])  # what is over is forgotten: this is another one
    assert len({row.visit for row in log.visits()}) == 2


def test_visits_that_are_over_are_to_be_told_until_they_were(state: State) -> None:
    log = EventLog(state)
    log.write([visit(1, ANA), visit(2, over=False), visit(3)], to_tell=["mqtt"])
    first, second = log.untold("mqtt")
    assert (first.name, second.name) == ("Ana", None)
    assert (first.person_id, second.person_id) == (ANA, None)
    assert first.emotions == visit(1).emotions and first.ended_at == NOON + 60
    log.told("mqtt", [first])
    assert log.untold("mqtt") == [second]
    assert len({row.visit for row in log.visits()}) == 3


def test_who_is_deleted_is_not_told_of_and_neither_is_what_was_forgotten(state: State) -> None:
    log, gallery = EventLog(state), Gallery(state)
    log.write([visit(1, ANA), visit(2), visit(3, at=NOON + 500)], to_tell=["mqtt"])
    gallery.delete(ANA)
    log.forget(before=NOON + 400)
    assert [untold.started_at for untold in log.untold("mqtt")] == [NOON + 500]
    log.write([visit(4, ANA)], to_tell=["mqtt"])
    assert len(log.untold("mqtt")) == 1


def test_of_too_many_untold_visits_the_oldest_are_given_up(state: State) -> None:
    log = EventLog(state)
    for start in (1, 701):
        log.write(
            [visit(key, at=NOON + key) for key in range(start, start + 700)], to_tell=["mqtt"]
        )
    starts = [untold.started_at - NOON for untold in log.untold("mqtt")]
    assert starts == list(range(401, 1401))


def test_each_outlet_is_told_until_it_confirms_and_one_that_comes_later_from_then_on(
    state: State,
) -> None:
    log = EventLog(state)
    log.write([visit(1)], to_tell=["mqtt"])
    log.write([visit(2)], to_tell=["mqtt", "other"])
    log.told("mqtt", log.untold("mqtt"))
    assert log.untold("mqtt") == []
    assert [untold.key for untold in log.untold("other")] == [2]
    log.write([visit(3)])
    assert [untold.key for untold in log.untold("other")] == [2]


def test_what_one_outlet_is_told_late_takes_no_place_of_another(state: State) -> None:
    log = EventLog(state)
    log.write([visit(1)], to_tell=["quick"])
    log.write([visit(key) for key in range(2, 1202)], to_tell=["away"])
    assert len(log.untold("away")) == 1000
    assert len(log.untold("quick")) == 1


def test_hours_count_visits_and_seconds(state: State) -> None:
    log = EventLog(state)
    log.write([visit(1, ANA), visit(2), visit(3, at=NOON + 3600)])
    counts = [
        (count.hour.hour, count.emotion, count.visits, count.seconds) for count in log.hours()
    ]
    assert counts == [
        (12, "happy", 2, 60.0), (12, "sad", 2, 60.0), (13, "happy", 1, 30.0), (13, "sad", 1, 30.0)
    ]  # fmt: skip
    assert {count.hour.hour for count in log.hours(start=NOON + 3000)} == {13}


def test_the_old_are_forgotten_with_their_emotions(state: State) -> None:
    log = EventLog(state)
    log.write([visit(key, at=NOON + 1000 * key) for key in range(1, 11)])
    assert log.forget(before=NOON + 7500) == 7
    assert {row.visit for row in log.visits()} == {8, 9, 10}
    assert log.forget(before=NOON + 7500) == 0
    with state.reading() as connection:
        (orphans,) = connection.execute(
            "SELECT count(*) FROM visit_emotions WHERE visit_id NOT IN (SELECT id FROM visits)"
        ).fetchone()
    assert orphans == 0


def test_the_oldest_go_where_all_take_too_many_bytes(state: State) -> None:
    log = EventLog(state)
    empty = log.size()
    log.write([visit(key, at=NOON + key) for key in range(1, 2001)])
    full = log.size()
    limit = empty + (full - empty) // 3

    assert log.forget(before=0.0, max_bytes=full) == 0
    deleted = log.forget(before=0.0, max_bytes=limit)

    kept = {row.visit for row in log.visits()}
    assert kept == set(range(deleted + 1, 2001))
    assert 0.9 * limit < log.size() <= limit
    log.forget(before=0.0, max_bytes=1)
    assert list(log.visits()) == [] and log.size() <= empty


def test_the_file_does_not_grow_beyond_the_quota(state: State) -> None:
    log = EventLog(state)
    log.write([visit(key, at=NOON + key) for key in range(1, 2001)])
    limit = log.size()
    pages = page_count(state)
    for start in range(2001, 8001, 500):
        log.write([visit(key, at=NOON + key) for key in range(start, start + 500)])
        log.forget(before=0.0, max_bytes=limit)
    assert page_count(state) < 1.4 * pages  # what 500 visits take until they are forgotten


def page_count(state: State) -> int:
    with state.reading() as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


def shown(person_id: int | None) -> Face:
    identity = Identity("Ana" if person_id else None, 0.1, 0.5, person_id)
    return Face(Detection(BBox(0, 0, 9, 9), 9.0), 1, identity, Emotion("happy", {"happy": 1.0}))


def writer(open_log: object, **changes: object) -> EventWriter:
    values = {"every_s": 0.02, "keep_days": 30.0, "max_bytes": 1 << 20, **changes}
    return EventWriter(open_log, recorder=VisitRecorder(shortest_s=0.0), **values)  # type: ignore[arg-type]


def test_the_writer_stores_in_its_own_thread_and_the_rest_at_the_end(state: State) -> None:
    threads = []

    def open_log(stack: ExitStack) -> EventLog:
        threads.append(threading.current_thread().name)
        return EventLog(state)

    with writer(open_log, every_s=60.0) as events:
        for _ in range(3):
            events.observe([shown(ANA)], time.monotonic())
        assert list(EventLog(state).visits()) == []  # batched
    (row,) = EventLog(state).visits()
    assert row.name == "Ana" and abs(row.started_at - time.time()) < 60
    assert threads == ["events"]


def test_a_full_disk_is_logged_and_nothing_lost_when_there_is_room_again(
    state: State, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, full = EventLog(state), threading.Event()
    write = log.write
    full.set()

    def write_if_room(visits: list[Visit], *, to_tell: Collection[str]) -> None:
        if full.is_set():
            raise OutputError("no space left")
        write(visits, to_tell=to_tell)

    monkeypatch.setattr(log, "write", write_if_room)
    with writer(lambda stack: log) as events:
        events.observe([shown(ANA)], time.monotonic())
        deadline = time.monotonic() + 5
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.01)
        full.clear()
    assert "events not written" in caplog.text and "Ana" not in caplog.text
    assert [row.name for row in log.visits()] == ["Ana"]


def test_a_mistake_of_the_program_costs_its_batch_and_not_the_thread(
    state: State, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, mistakes = EventLog(state), [True]
    write = log.write

    def write_or_fail(visits: list[Visit], *, to_tell: Collection[str]) -> None:
        if visits and mistakes:
            mistakes.pop()
            raise KeyError("a mistake")
        write(visits, to_tell=to_tell)

    monkeypatch.setattr(log, "write", write_or_fail)
    with writer(lambda stack: log) as events:
        events.observe([shown(ANA)], time.monotonic())
        deadline = time.monotonic() + 10
        while mistakes and time.monotonic() < deadline:
            time.sleep(0.01)
        events.observe([shown(ANA)], time.monotonic())
    assert "events lost" in caplog.text
    assert [row.name for row in log.visits()] == ["Ana"]


class Post:
    """An outlet that confirms all it is told, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.told: list[int] = []

    def tell(self, visits: Sequence[Visit]) -> Sequence[Visit]:
        if self.error is not None:
            raise self.error
        self.told += [visit.key for visit in visits]
        return visits


def test_an_outlet_that_fails_keeps_no_other_waiting_and_is_told_again(
    state: State, caplog: pytest.LogCaptureFixture
) -> None:
    broken, working = Post(KeyError("a mistake")), Post()
    with writer(
        lambda stack: EventLog(state), outlets={"broken": broken, "working": working}
    ) as events:
        events.observe([shown(ANA)], time.monotonic())
    assert working.told == [1] and EventLog(state).untold("working") == []
    assert [untold.key for untold in EventLog(state).untold("broken")] == [1]
    assert "a mistake" in caplog.text
    broken.error = None
    with writer(lambda stack: EventLog(state), outlets={"broken": broken, "working": working}):
        pass
    assert (broken.told, working.told) == ([1], [1])


def test_a_disk_that_is_full_for_sqlite_is_an_output_error(state: State) -> None:
    log = EventLog(state)
    with state.reading() as connection:
        connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(OutputError, match="full"):
        log.write([visit(key) for key in range(1, 2000)])
    assert list(log.visits()) == []


def test_a_day_has_86400_seconds() -> None:
    assert kept_since(2.0) == pytest.approx(time.time() - 172_800.0, abs=5.0)


@pytest.mark.parametrize("days", [1e6, 1e300, 1e308, float("inf")])
def test_nothing_is_older_than_more_days_than_there_ever_were(days: float) -> None:
    assert kept_since(days) < -1e9
