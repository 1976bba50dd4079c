"""The visits in the device's database: writing, asking, and forgetting them in time."""

import sqlite3
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge_app.storage.state import State

_PAGE = 500
_MAX_UNTOLD = 1000
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class EmotionSpan:
    """An emotion that lasted. Times: seconds since 1970, UTC."""

    emotion: str
    started_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay of one person before the kiosk, so far or as a whole.

    key: unique since the recorder was made; the same visit comes again under it when it has gone
    on. person_id: None for a stranger. is_over: it will not come again. is_joined: it turned out
    to be a part of another visit, and is none any more. name: who it was, as the database says;
    the recorder knows people by their numbers alone, because a name can change meanwhile.
    """

    key: int
    person_id: int | None
    track_id: int
    started_at: float
    ended_at: float
    emotions: tuple[EmotionSpan, ...]
    is_over: bool
    is_joined: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class StoredVisit:
    """A row of the export: one emotion of one visit, or the visit where none was read.

    visit_started_at, started_at, ended_at: seconds since 1970, UTC. name: None for a stranger.
    """

    visit: int
    name: str | None
    visit_started_at: float
    emotion: str | None
    started_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class HourCount:
    """hour: its start in local time. visits: that began in it. seconds: that the emotion lasted."""

    hour: datetime
    emotion: str | None
    visits: int
    seconds: float


class EventLog:
    """Visits in a State. Methods raise OutputError where the disk cannot be written."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rows: dict[int, int] = {}
        """Row of each visit that may come again, by its key."""

    def write(self, visits: Sequence[Visit], *, to_tell: Collection[str] = ()) -> None:
        """Store visits in one transaction; those stored before are brought up to date.

        A visit of somebody who was deleted meanwhile is left out, and so is one that was joined to
        another; what was stored of them goes. One of somebody who was merged into somebody else is
        the other's. to_tell: the outlets to be told of those that are over, see ``untold``.
        """
        if not visits:
            return
        rows = dict(self._rows)
        with self._state.writing() as connection:
            for visit in visits:
                self._write(connection, visit, rows)
            over = {visit.key for visit in visits if visit.is_over}
            for outlet in to_tell:
                _queue(connection, outlet, [row for key, row in rows.items() if key in over])
        self._rows = {key: row for key, row in rows.items() if key not in over}

    def _write(self, connection: sqlite3.Connection, visit: Visit, rows: dict[int, int]) -> None:
        person_id = _present_id(connection, visit.person_id)
        is_gone = visit.person_id is not None and person_id is None
        if is_gone or visit.is_joined:
            connection.execute("DELETE FROM visits WHERE id = ?", (rows.pop(visit.key, None),))
            return
        if visit.key in rows:
            row = rows[visit.key]
            updated = connection.execute(
                "UPDATE visits SET person_id = ?, started_at = ?, ended_at = ? WHERE id = ?",
                (person_id, visit.started_at, visit.ended_at, row),
            )
            if not updated.rowcount:  # forgotten meanwhile, and it stays so
                return
            connection.execute("DELETE FROM visit_emotions WHERE visit_id = ?", (row,))
        else:
            cursor = connection.execute(
                "INSERT INTO visits (person_id, track_id, started_at, ended_at) "
                "VALUES (?, ?, ?, ?)",
                (person_id, visit.track_id, visit.started_at, visit.ended_at),
            )
            assert cursor.lastrowid is not None
            row = rows[visit.key] = cursor.lastrowid
        connection.executemany(
            "INSERT INTO visit_emotions VALUES (?, ?, ?, ?)",
            [(row, span.emotion, span.started_at, span.ended_at) for span in visit.emotions],
        )

    def untold(self, outlet: str) -> list[Visit]:
        """The visits an outlet is still to be told of, the oldest first; at most the last 1,000.

        Their ``key`` is the row, which no other visit ever has.
        """
        with self._state.reading() as connection:
            rows = connection.execute(
                "SELECT visits.id, person_id, track_id, started_at, ended_at, people.name "
                "FROM visits_to_tell JOIN visits ON visits.id = visit_id "
                "LEFT JOIN people ON people.id = person_id WHERE outlet = ? ORDER BY visits.id",
                (outlet,),
            ).fetchall()
            return [
                Visit(
                    row,
                    person_id,
                    track,
                    started_at,
                    ended_at,
                    _spans(connection, row),
                    is_over=True,
                    name=name,
                )
                for row, person_id, track, started_at, ended_at, name in rows
            ]

    def told(self, outlet: str, visits: Sequence[Visit]) -> None:
        """Some of ``untold`` are to be told to the outlet no more."""
        if not visits:
            return
        with self._state.writing() as connection:
            connection.executemany(
                "DELETE FROM visits_to_tell WHERE visit_id = ? AND outlet = ?",
                [(visit.key, outlet) for visit in visits],
            )

    def forget(self, *, before: float, max_bytes: int | None = None) -> int:
        """Delete visits that ended before a time, and the oldest while all take too many bytes.

        before: seconds since 1970. max_bytes: as ``size`` counts them; None for no limit.
        Returns how many were deleted.
        """
        count = self._delete("SELECT id FROM visits WHERE ended_at < ?", before)
        while max_bytes is not None and (size := self.size()) > max_bytes:
            share = 1.0 - max_bytes / size
            deleted = self._delete(
                "SELECT id FROM visits ORDER BY id "
                "LIMIT (SELECT 1 + cast(? * count(*) AS INTEGER) FROM visits)",
                share,
            )
            if not deleted:  # so little room that empty tables take more
                break
            count += deleted
        return count

    def size(self) -> int:
        """Bytes that visits take on the disk: the pages of their tables and indexes.

        Pages that a deletion freed do not count: the file stays as long, but what comes next, of
        whatever kind, is written there.
        """
        with self._state.reading() as connection:
            (size,) = connection.execute(
                "SELECT sum(pgsize) FROM dbstat('main', 1) WHERE name IN "
                "(SELECT name FROM sqlite_master WHERE tbl_name IN ('visits', 'visit_emotions'))"
            ).fetchone()
        return int(size)

    def _delete(self, outdated: str, value: float) -> int:
        """Delete the visits whose ids a query with one value gives; returns how many."""
        with self._state.reading() as connection:
            (count,) = connection.execute(f"SELECT count(*) FROM ({outdated})", (value,)).fetchone()
        if count:
            with self._state.writing(erases=True) as connection:
                connection.execute(f"DELETE FROM visits WHERE id IN ({outdated})", (value,))
        return int(count)

    def visits(
        self, *, start: float = 0.0, end: float = float("inf"), person_id: int | None = None
    ) -> Iterator[StoredVisit]:
        """What was seen from ``start`` until before ``end``, oldest first; of one person, if given.

        Reads page by page, so that a long export neither fills the memory nor stops the kiosk.
        """
        last = 0
        while True:
            with self._state.reading() as connection:
                rows = connection.execute(
                    "SELECT visits.id, people.name, visits.started_at, visits.ended_at FROM visits "
                    "LEFT JOIN people ON people.id = visits.person_id "
                    "WHERE visits.id > ? AND visits.started_at < ? AND visits.ended_at >= ? "
                    "AND (? IS NULL OR person_id = ?) ORDER BY visits.id LIMIT ?",
                    (last, end, start, person_id, person_id, _PAGE),
                ).fetchall()
                page = [stored for row in rows for stored in _with_emotions(connection, row)]
            if not rows:
                return
            yield from page
            last = rows[-1][0]

    def hours(self, *, start: float = 0.0, end: float = float("inf")) -> list[HourCount]:
        """Visits and emotions by the hour of local time in which they began, oldest first."""
        with self._state.reading() as connection:
            rows = connection.execute(
                "SELECT strftime('%Y-%m-%dT%H:00', "
                "coalesce(visit_emotions.started_at, visits.started_at), 'unixepoch', 'localtime') "
                "AS hour, emotion, count(DISTINCT visits.id), "
                "sum(coalesce(visit_emotions.ended_at - visit_emotions.started_at, "
                "visits.ended_at - visits.started_at)) "
                "FROM visits LEFT JOIN visit_emotions ON visit_id = visits.id "
                "WHERE visits.started_at < ? AND visits.ended_at >= ? "
                "GROUP BY hour, emotion ORDER BY hour, emotion",
                (end, start),
            ).fetchall()
        return [
            HourCount(datetime.fromisoformat(hour), emotion, visits, round(seconds, 3))
            for hour, emotion, visits, seconds in rows
        ]

    def names(self) -> list[str]:
        """Of everybody who has a visit, in the order of the gallery."""
        with self._state.reading() as connection:
            rows = connection.execute(
                "SELECT name FROM people WHERE id IN (SELECT person_id FROM visits) ORDER BY key"
            ).fetchall()
        return [name for (name,) in rows]


def _present_id(connection: sqlite3.Connection, person_id: int | None) -> int | None:
    """Who somebody is now: who they were merged into, or themselves; None for nobody any more."""
    row = connection.execute(
        "SELECT id FROM people "
        "WHERE id = coalesce((SELECT into_id FROM merged_people WHERE from_id = ?1), ?1)",
        (person_id,),
    ).fetchone()
    return row[0] if row else None


def _queue(connection: sqlite3.Connection, outlet: str, rows: Sequence[int]) -> None:
    """Have visits told that are still there; of an outlet's more than 1,000 the oldest go."""
    connection.executemany(
        "INSERT INTO visits_to_tell SELECT id, ? FROM visits WHERE id = ?",
        [(outlet, row) for row in rows],
    )
    connection.execute(
        "DELETE FROM visits_to_tell WHERE outlet = ?1 AND visit_id IN (SELECT visit_id "
        "FROM visits_to_tell WHERE outlet = ?1 ORDER BY visit_id DESC LIMIT -1 OFFSET ?2)",
        (outlet, _MAX_UNTOLD),
    )


def _with_emotions(
    connection: sqlite3.Connection, row: tuple[int, str | None, float, float]
) -> Iterator[StoredVisit]:
    visit, name, started_at, ended_at = row
    spans = _spans(connection, visit)
    if not spans:
        yield StoredVisit(visit, name, started_at, None, started_at, ended_at)
    for span in spans:
        yield StoredVisit(visit, name, started_at, span.emotion, span.started_at, span.ended_at)


def _spans(connection: sqlite3.Connection, visit: int) -> tuple[EmotionSpan, ...]:
    rows = connection.execute(
        "SELECT emotion, started_at, ended_at FROM visit_emotions WHERE visit_id = ? "
        "ORDER BY started_at",
        (visit,),
    )
    return tuple(EmotionSpan(*row) for row in rows)


def kept_since(days: float) -> float:
    """Seconds since 1970, UTC: what is older has been kept for so many days.

    For any number of days; more than there ever were give a time that nothing is older than.
    """
    return time.time() - days * _DAY_S
