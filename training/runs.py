"""The folder that a training run leaves: what stands in it, and reading it again."""

import csv
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edge_app.atomic import Unfinished
from training.config import TrainConfig, read_config
from training.tables import write_csv

CONFIG_FILE = "config.json"
HISTORY_FILE = "history.csv"
MODEL_FILE = "model.keras"
REPORT_FILE = "trained.json"


def claim(run: Path, config: TrainConfig) -> None:
    """Write the configuration, or make sure that the one written there is the same.

    Raises ValueError when the folder holds another run.
    """
    run.mkdir(parents=True, exist_ok=True)
    path = run / CONFIG_FILE
    if path.exists() and read_config(path) != config:
        raise ValueError(
            f"{path} was written by a run with other settings; "
            "choose another folder, or the same settings to resume"
        )
    path.write_text(config.to_json(), encoding="utf-8")


def read_history(path: Path) -> list[dict[str, float]]:
    """The rows of a run's history.csv, oldest first; none where there is no file yet."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as text:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(text)]


def write_history(path: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """Write rows with the columns of the last one."""
    columns = list(rows[-1])
    write_csv(path, columns, ([row[column] for column in columns] for row in rows))


def read_report(run: Path) -> dict[str, Any]:
    """What a finished run says of itself.

    Raises FileNotFoundError for a folder without a finished run.
    """
    path = run / REPORT_FILE
    if not path.is_file():
        raise FileNotFoundError(f"{run}: expected a finished run, found no {REPORT_FILE} in it")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def write_report(run: Path, report: Mapping[str, Any]) -> None:
    """Write trained.json under its name only when whole."""
    unfinished = Unfinished(run / REPORT_FILE)
    try:
        text = json.dumps(report, indent=2) + "\n"
        unfinished.working_path.write_text(text, encoding="utf-8")
        unfinished.finish()
    finally:
        unfinished.discard()


def git_commit() -> str:
    """The commit of the source tree that this code runs from, or "unknown" outside of one."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
