"""``reconocias events``: what the kiosk saw, for programs and spreadsheets."""

import json
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from edge_app.cli.options import ConfigOption, StateOption, state_of_device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_app.storage.events import EventLog
    from edge_app.storage.state import State

app = typer.Typer(
    help="Export and count who was seen with which emotion.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


Format = Literal["csv", "jsonl"]


_MIB = 1 << 20
_DATE = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
FromOption = Annotated[
    datetime | None, typer.Option("--from", formats=_DATE, help="Local time; default: the oldest.")
]
ToOption = Annotated[
    datetime | None,
    typer.Option("--to", formats=_DATE, help="Local time; a day is included as a whole."),
]
FormatOption = Annotated[Format, typer.Option("--format")]


@app.command()
def export(
    file_format: FormatOption = "csv",
    start: FromOption = None,
    end: ToOption = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="NAME", help="Of this person alone.")
    ] = None,
    state: StateOption = None,
) -> None:
    """Write one line per visit and emotion to standard output."""
    from edge_app.storage.export import VISIT_COLUMNS, visit_row
    from edge_app.storage.gallery import Gallery

    with _log(state) as (log, opened):
        person_id = None if person is None else Gallery(opened).find(person).id
        visits = log.visits(**_range(start, end), person_id=person_id)
        _write(VISIT_COLUMNS, map(visit_row, visits), file_format)


@app.command()
def hours(
    file_format: FormatOption = "csv",
    start: FromOption = None,
    end: ToOption = None,
    state: StateOption = None,
) -> None:
    """Count visits and seconds of each emotion by the hour, to standard output."""
    from edge_app.storage.export import HOUR_COLUMNS, hour_row

    with _log(state) as (log, _):
        _write(HOUR_COLUMNS, map(hour_row, log.hours(**_range(start, end))), file_format)


@app.command()
def forget(
    days: Annotated[
        float | None,
        typer.Option("--days", min=0.0, help="Keep those of so many days; default: the settings'."),
    ] = None,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Delete older visits now; the running kiosk does so by itself as its settings say."""
    from edge_app.kiosk.settings import device_settings
    from edge_app.storage.events import kept_since
    from edge_app.storage.state import state_folder

    settings = device_settings(config)
    keep_days = settings.events.keep_days if days is None else days
    max_bytes = settings.events.quota_mib * _MIB if days is None else None
    with _log(state_folder(state or settings.state.directory)) as (log, _):
        count = log.forget(before=kept_since(keep_days), max_bytes=max_bytes)
    print(f"{count} visits deleted")


@contextmanager
def _log(folder: Path | None) -> "Iterator[tuple[EventLog, State]]":
    from edge_app.storage.events import EventLog
    from edge_app.storage.state import State

    with State(state_of_device(folder)) as state:
        yield EventLog(state), state


def _range(start: datetime | None, end: datetime | None) -> dict[str, float]:
    """Times of day in local time to seconds since 1970; a date alone is the whole day."""
    if end is not None and end.time() == datetime.min.time():
        end += timedelta(days=1)
    limits = {"start": start, "end": end}
    return {key: moment.timestamp() for key, moment in limits.items() if moment is not None}


def _write(columns: Sequence[str], rows: Iterable[dict[str, Any]], file_format: Format) -> None:
    from edge_app.storage.export import csv_lines

    if file_format == "csv":
        for line in csv_lines(columns, rows):
            print(line, end="")
        return
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))
