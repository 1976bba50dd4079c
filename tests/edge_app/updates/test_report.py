import os
from pathlib import Path

import pytest

from edge_app.kiosk.status import KioskStatus
from edge_app.media.sources import SourceState
from edge_app.updates.report import REPORT_FILE, Reporter, read_report, runtime_folder


def status(frames: int, phase: str = "live") -> KioskStatus:
    source = SourceState("camera:0", phase, "unplugged")  # type: ignore[arg-type]
    return KioskStatus(source, 14.0, 30.0, frames, 1, ("Ana",))


def test_the_report_says_which_bundle_thrives_and_names_nobody(tmp_path: Path) -> None:
    Reporter(tmp_path, "abc").tell(status(7).health())
    report = read_report(tmp_path)
    assert report is not None
    assert (report.pid, report.bundle, report.healthy_frames) == (os.getpid(), "abc", 7)
    assert report.live and not report.enrolling
    assert "Ana" not in (tmp_path / REPORT_FILE).read_text()


def test_without_pictures_it_is_not_live(tmp_path: Path) -> None:
    Reporter(tmp_path, "abc").tell(status(7, "waiting").health())
    report = read_report(tmp_path)
    assert report is not None and not report.live
    assert report.status == "no picture: unplugged"


def test_it_is_written_four_times_a_second_at_most(tmp_path: Path) -> None:
    now = [0.0]
    reporter = Reporter(tmp_path, "abc", lambda: now[0])
    seen = []
    for index in range(10):
        now[0] = index * 0.1
        reporter.tell(status(index).health())
        report = read_report(tmp_path)
        assert report is not None
        seen.append(report.healthy_frames)
    assert seen == [0, 0, 0, 3, 3, 3, 6, 6, 6, 9]


def test_another_bundle_is_told(tmp_path: Path) -> None:
    reporter = Reporter(tmp_path, "abc")
    reporter.bundle = "def"
    reporter.tell(status(7).health())
    report = read_report(tmp_path)
    assert report is not None and report.bundle == "def"


def test_a_folder_that_is_gone_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Reporter(tmp_path / "gone", "abc").tell(status(1).health())
    assert "cannot be written" in caplog.text
    assert read_report(tmp_path / "gone") is None


def test_half_a_report_is_none(tmp_path: Path) -> None:
    (tmp_path / REPORT_FILE).write_text('{"pid": 1')
    assert read_report(tmp_path) is None


def test_systemd_names_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/reconocias:/run/other")
    assert runtime_folder() == Path("/run/reconocias")
    monkeypatch.delenv("RUNTIME_DIRECTORY")
    assert runtime_folder() is None
