"""Visits as rows for programs and spreadsheets: what the command and the page export."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from edge_app.storage.events import HourCount, StoredVisit

VISIT_COLUMNS = (
    "visit",
    "name",
    "visit_started_at",
    "emotion",
    "started_at",
    "ended_at",
    "seconds",
)
HOUR_COLUMNS = ("hour", "emotion", "visits", "seconds")


def visit_row(stored: StoredVisit) -> dict[str, Any]:
    """By ``VISIT_COLUMNS``; times in ISO 8601, local time with its offset from UTC."""
    return {
        "visit": stored.visit,
        "name": stored.name,
        "visit_started_at": _iso(stored.visit_started_at),
        "emotion": stored.emotion,
        "started_at": _iso(stored.started_at),
        "ended_at": _iso(stored.ended_at),
        "seconds": round(stored.ended_at - stored.started_at, 3),
    }


def hour_row(count: HourCount) -> dict[str, Any]:
    """By ``HOUR_COLUMNS``; the hour in local time."""
    return {
        "hour": count.hour.isoformat(timespec="minutes"),
        "emotion": count.emotion,
        "visits": count.visits,
        "seconds": count.seconds,
    }


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The header, and a line per row. A name like a formula is not one to a spreadsheet."""
    writer = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_harmless(row[column]) for column in columns])


class _Line:
    """A csv writer gives back what its file does: here the line itself."""

    def write(self, line: str) -> str:
        return line


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="milliseconds")
