import shutil
from pathlib import Path

import cv2
import pytest
from rich.console import Console

from edge_app.bundle.loader import default_bundle_folder
from edge_app.cli import doctor
from edge_app.cli.doctor import Finding, examine, print_report
from edge_app.kiosk.settings import parse_settings
from edge_app.vision import inference
from tests.bundles import with_wrong_answers


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


def test_the_parts_in_use_are_named_with_their_files(tiny_bundle: Path) -> None:
    findings = by_name(examine(tiny_bundle))

    assert findings["detector in use"].detail == "YuNet, yunet.tflite"
    assert findings["identifier in use"].detail == "SFace, sface.tflite"
    assert findings["emotion in use"].detail == "tiny, emotion.tflite"
    for name in ("Haar cascade", "Eigenfaces", "yunet.onnx (onnx)", "sface.tflite (tflite)"):
        assert findings[name].ok


def test_the_settings_choose_the_parts_in_use(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = parse_settings('[recognition]\ndetector = "haar"\nmethod = "eigenfaces"')
    monkeypatch.setattr(doctor, "device_settings", lambda: chosen)

    findings = by_name(examine(tiny_bundle))

    assert findings["detector in use"].detail.startswith("Haar cascade, haarcascade_")
    assert findings["identifier in use"].detail == "Eigenfaces, eigenfaces.xml"


def test_a_file_that_differs_here_is_named_and_not_needed(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    bad = with_wrong_answers(tiny_bundle, tmp_path / "bad", "sface.onnx")

    finding = by_name(examine(bad))["sface.onnx (onnx)"]

    assert (finding.ok, finding.required) == (False, False)
    assert "onnxruntime: left out, sface.onnx by " in finding.detail


def test_without_a_runtime_nothing_reads_emotions(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "available", lambda runtime: None)
    monkeypatch.setattr(doctor, "available", lambda runtime: None)

    findings = by_name(examine(tiny_bundle))

    assert not findings["parts in use"].ok and findings["parts in use"].required
    assert "pip install ai-edge-litert" in findings["parts in use"].detail
    assert findings["emotion.onnx (onnx)"].detail == "not installed: onnxruntime"
    assert not findings["emotion.tflite (tflite)"].required
