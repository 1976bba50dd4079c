"""Progress of long work, as it is told and as the terminal shows it."""

from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.text import Text

from edge_app.core.worker import Closing


class Progress(Protocol):
    """Told of every frame, photograph or face. total is 0 where nobody knows how many come."""

    def start(self, total: int) -> None: ...

    def advance(self) -> None: ...


class _Silent:
    def start(self, total: int) -> None: ...

    def advance(self) -> None: ...


SILENT: Progress = _Silent()
"""For whoever does not look."""


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0.0:.1f}/s", style="cyan")


class ConsoleProgress(Closing):
    """A bar with rate and time left; nothing where the output is no terminal."""

    def __init__(self, console: Console) -> None:
        self._bar = RichProgress(
            SpinnerColumn(),
            BarColumn(),
            MofNCompleteColumn(),
            _RateColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def close(self) -> None:
        self._bar.stop()

    def start(self, total: int) -> None:
        """A new piece of work of ``total`` frames; 0 where nobody knows."""
        self._bar.reset(self._task, total=total or None)

    def advance(self) -> None:
        self._bar.advance(self._task)


def plain_console() -> Console:
    """Of plain text: names of people and files may hold what rich would take for markup."""
    return Console(markup=False, emoji=False)
