import shutil
from pathlib import Path

import cv2
import pytest
from rich.console import Console

from edge_app.bundle.loader import default_bundle_folder
from edge_app.cli.doctor import Finding, examine, print_report


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings}


def test_everything_needed_works_here() -> None:
    findings = examine()

    assert all(finding.ok for finding in findings if finding.required)
    assert "bundle" in by_name(findings)


def test_a_damaged_bundle_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(default_bundle_folder(), folder)
    file = folder / "emotion.tflite"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)

    finding = by_name(examine(folder))["bundle"]

    assert not finding.ok
    assert "emotion.tflite" in finding.detail
    assert "copy the bundle again" in finding.detail


def test_a_hidden_opencv_contrib_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "face")

    finding = by_name(examine())["cv2.face"]

    assert not finding.ok
    assert "install opencv-contrib-python-headless again" in finding.detail


def test_the_report_names_what_does_not_work() -> None:
    console = Console(width=200)
    with console.capture() as capture:
        print_report([Finding("a", True, "x"), Finding("b", False, "y")], console)

    assert "Not working: b" in capture.get()
