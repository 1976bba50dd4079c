"""The folder that a training run leaves: what stands in it, and reading it again."""

import csv
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from edge_app.core.atomic import whole_file
from training.config import TrainConfig, read_config
from training.tables import write_csv

CONFIG_FILE = "config.json"
HISTORY_FILE = "history.csv"
MODEL_FILE = "model.keras"
REPORT_FILE = "trained.json"
CHECKPOINT_FOLDER = "checkpoint"
BEST_FILE = f"{CHECKPOINT_FOLDER}/best.keras"
"""The best epoch's network as training left it; there once training has ended."""


def claim(run: Path, config: TrainConfig) -> None:
    """Write the configuration, or make sure that the one written there is the same.

    A folder in which no epoch was finished yet takes another configuration. Raises ValueError when
    the folder holds another run.
    """
    path = run / CONFIG_FILE
    if (run / HISTORY_FILE).exists() or (run / REPORT_FILE).exists():
        if read_config(path) != config:
            raise ValueError(
                f"{path} was written by a run with other settings; "
                "choose another folder, or the same settings to resume"
            )
        return
    with whole_file(path) as draft:
        draft.write_text(config.to_json(), encoding="utf-8")


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
    with whole_file(run / REPORT_FILE) as draft:
        draft.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def describe(report: Mapping[str, Any]) -> str:
    """What a finished run says of itself, in one line."""
    votes = "" if report.get("votes", True) else ", without FER+'s votes: there were none"
    return (
        f"epoch {report['best_epoch']} of {report['epochs']}, PublicTest accuracy "
        f"{report['public_test_accuracy']:.4f}, mean recall "
        f"{report['public_test_mean_recall']:.4f}, macro-F1 {report['public_test_macro_f1']:.4f}, "
        f"temperature {report['temperature']:.2f}{votes}"
    )


def save_network(model: keras.Model, path: Path) -> None:
    """Save a network under its name only when whole: a run may be stopped at any time."""
    with whole_file(path) as draft:
        model.save(draft)


def git_commit() -> str:
    """The commit of the source tree that this code runs from, or "unknown" outside of one."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
