import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from training.runs import read_history, read_report

pytestmark = pytest.mark.slow("JAX compiles whole epochs")


def compiled(data: Path, run: Path, *, stop_after: int | None = None, **settings: Any) -> str:
    """Train in compiled epochs, in a process of its own; what it printed."""
    wanted = {"data": str(data), "run": str(run), "stop_after": stop_after, **settings}
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.compiled_run", json.dumps(wanted)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_compiled_epochs_teach_and_a_stopped_run_ends_as_the_whole_one(
    data: Path, tmp_path: Path
) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    compiled(data, whole)
    assert "stopped" in compiled(data, stopped, stop_after=2)
    compiled(data, stopped)

    history = read_history(whole / "history.csv")
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert history[-1]["loss"] < history[0]["loss"]
    for row, expected in zip(read_history(stopped / "history.csv"), history, strict=True):
        assert row == pytest.approx(expected, rel=1e-3)
    assert read_report(whole)["backend"] == "jax"


def test_in_compiled_epochs_teachers_look_at_mixed_and_weighed_faces(
    data: Path, run: Path, tmp_path: Path
) -> None:
    taught: dict[str, Any] = {"teachers": [str(run)], "teacher_views": True, "mixup": 0.4}
    compiled(data, tmp_path / "taught", **taught, teacher_weight=1.0, class_balance=1.0)
    compiled(data, tmp_path / "alone", mixup=0.4, class_balance=1.0)

    ours, alone = (read_history(tmp_path / name / "history.csv") for name in ("taught", "alone"))
    assert str(run) in read_report(tmp_path / "taught")["learned_from"]
    # the same faces in the same order: what differs is who says what they show
    assert ours[0]["loss"] != pytest.approx(alone[0]["loss"], rel=1e-3)
