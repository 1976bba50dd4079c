"""Writing csv files."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from edge_app.core.atomic import whole_file


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a csv under its name only when whole.

    Raises OutputError for a place that cannot be written.
    """
    with whole_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown, ending in a newline."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)
