"""``python -m tests.benchmarks``: figures, as ratios against a baseline of the same run."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(help=__doc__, add_completion=False)


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Run what needs no data."""
    if context.invoked_subcommand is None:
        speed()


@app.command()
def speed(
    seconds: Annotated[int, typer.Option(min=2, help="Length of the clip.")] = 10,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
) -> None:
    """Annotating a 640x480 clip against the student project's loop on the same clip."""
    from tests.benchmarks.speed import measure

    table = Table("loop", "frames per second", "against the student project's")
    for row in measure(seconds, rounds):
        table.add_row(row.name, f"{row.rate:.1f}", f"{row.ratio:.2f}")
    Console().print(table)


@app.command()
def identity(
    faces: Annotated[Path, typer.Argument(help="Folder of the ORL faces: sNN/K.pgm.")],
    draws: Annotated[int, typer.Option(min=1)] = 10,
) -> None:
    """Open-set identification on ORL's faces: this project against OpenCV's Eigenfaces."""
    from tests.benchmarks.identity import measure

    table = Table(
        "method", "right at 1 % strangers", "rank 1", "strangers at default", "right at default"
    )
    for row in measure(faces, draws):
        at_default = (row.strangers_at_default, row.right_at_default)
        cells = ("-" if value is None else f"{value:.3f}" for value in at_default)
        table.add_row(row.method, f"{row.right_at_1_percent:.3f}", f"{row.rank_1:.3f}", *cells)
    Console().print(table)


app(prog_name="python -m tests.benchmarks")
