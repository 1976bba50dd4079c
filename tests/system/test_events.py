import csv
import io
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from edge_app.storage.events import EmotionSpan, EventLog, Visit
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three days with a visit at noon each; on the second it was Ana's."""
    with State(tmp_path) as state:
        ana = Gallery(state).add_person("=Ana")
        for day in (1, 2, 3):
            noon = datetime(2026, 5, day, 12).timestamp()
            spans = (EmotionSpan("happy", noon, noon + 30),)
            person_id = ana.id if day == 2 else None
            EventLog(state).write([Visit(day, person_id, 1, noon, noon + 30, spans, True)])
    return tmp_path


def events(folder: Path, verb: str, *options: str) -> str:
    command = [sys.executable, "-m", "edge_app", "events", verb, "--state", str(folder), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_export_as_csv_and_jsonl(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(events(folder, "export"))))
    assert [row["name"] for row in rows] == ["", "'=Ana", ""]  # no formula to a spreadsheet
    assert rows[0]["emotion"] == "happy" and float(rows[0]["seconds"]) == 30.0
    assert datetime.fromisoformat(rows[0]["started_at"]).hour == 12
    lines = events(folder, "export", "--format", "jsonl", "--person", "=Ana").splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["=Ana"]


def test_a_person_is_found_as_by_other_commands_and_nobody_is_an_error(folder: Path) -> None:
    assert len(events(folder, "export", "--person", " =ANA ").splitlines()) == 2
    command = [sys.executable, "-m", "edge_app", "events", "export", "--person", "Eva"]
    done = subprocess.run(
        [*command, "--state", folder], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "nobody called 'Eva'; enrolled: =Ana" in " ".join(done.stderr.split())


def test_a_day_is_exported_as_a_whole(folder: Path) -> None:
    text = events(folder, "export", "--from", "2026-05-02", "--to", "2026-05-02")
    assert len(text.splitlines()) == 2  # with the header


def test_hours_and_forget(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(events(folder, "hours"))))
    assert [row["hour"] for row in rows] == [f"2026-05-0{day}T12:00" for day in (1, 2, 3)]
    config = folder / "config.toml"
    config.write_text("[events]\nkeep_days = 1000000")
    assert events(folder, "forget", "--config", str(config)) == "0 visits deleted\n"
    assert events(folder, "forget", "--days", "0") == "3 visits deleted\n"
    columns = "visit,name,visit_started_at,emotion,started_at,ended_at,seconds"
    assert events(folder, "export").splitlines() == [columns]
