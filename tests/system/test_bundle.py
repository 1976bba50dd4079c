"""``reconocias bundle`` as a process, as deploy scripts call it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge_app.bundle.loader import MANIFEST_FILE, file_sha256
from tests.bundles import SIGNER, Signer, signed_copy, with_wrong_answers


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def command(state: Path, signer: Signer) -> Any:
    def run(*arguments: str | Path, trusting: bool = True) -> "subprocess.CompletedProcess[str]":
        options = ["--allowed-signers", str(signer.allowed)] if trusting else []
        return subprocess.run(
            [sys.executable, "-m", "edge_app", "bundle", *map(str, arguments), *options],
            capture_output=True,
            text=True,
            env={**os.environ, "STATE_DIRECTORY": str(state)},
        )

    return run


def test_a_device_takes_lists_and_rolls_back_bundles(
    command: Any, state: Path, tiny_bundle: Path, signer: Signer, tmp_path: Path
) -> None:
    newer = signed_copy(tiny_bundle, tmp_path / "newer", signer.key, version="2.0.0")
    digests = [file_sha256(bundle / MANIFEST_FILE) for bundle in (tiny_bundle, newer)]

    first = json.loads(command("install", tiny_bundle, "--json").stdout)
    second = json.loads(command("install", newer, "--json").stdout)
    listed = json.loads(command("list", "--json", trusting=False).stdout)
    rolled = json.loads(command("rollback", "--json", trusting=False).stdout)
    status = json.loads(command("status", "--json", trusting=False).stdout)

    assert (first["digest"], first["previous"]) == (digests[0], None)
    assert (second["digest"], second["previous"]) == (digests[1], digests[0])
    assert second["signer"] == SIGNER
    assert [(each["version"], each["current"]) for each in listed] == [
        ("2.0.0", True),
        ("1.0.0", False),
    ]
    assert rolled["digest"] == digests[0]
    assert status["installed"]["digest"] == digests[0]
    fastest = next(name for name in first["milliseconds"] if name.startswith("emotion"))
    assert status["runs"]["emotion"] == fastest
    assert (first["failed"], status["runs"].keys()) == (
        [], {"detector", "identifier", "emotion"}
    )  # fmt: skip
    assert Path(status["folder"]).is_relative_to(state)


def test_people_read_it_too(command: Any, tiny_bundle: Path) -> None:
    assert "no bundle is installed" in command("list", trusting=False).stdout
    verified = command("verify", tiny_bundle).stdout
    assert f"tiny 1.0.0, signed by {SIGNER}" in verified
    assert "emotion.onnx" in verified
    assert "emotion.tflite" in verified
    assert command("install", tiny_bundle).stdout.startswith("* ")
    assert "tiny 1.0.0" in command("status", trusting=False).stdout
    assert "tiny 1.0.0" in command("verify").stdout, "without a folder: the one in use"


def test_files_that_differ_here_are_left_out_by_name(
    command: Any, tiny_bundle: Path, tmp_path: Path
) -> None:
    bad = with_wrong_answers(tiny_bundle, tmp_path / "bad", "emotion.onnx", "yunet.tflite")
    trust = ("--allow-unsigned",)

    said = command("verify", bad, *trust, trusting=False).stdout.splitlines()
    verified = json.loads(command("verify", bad, "--json", *trust, trusting=False).stdout)
    installed = command("install", bad, *trust, trusting=False)
    listed = json.loads(command("list", "--json", trusting=False).stdout)
    status = command("status", trusting=False).stdout

    left_out = [line for line in said if line.startswith("  left out on this device: ")]
    assert len(left_out) == 2
    assert any("emotion.onnx by " in line for line in left_out)
    assert verified["left_out"].keys() == {"emotion.onnx", "yunet.tflite"}
    assert {model["file"] for model in verified["models"]} == {
        "emotion.tflite", "yunet.onnx", "sface.tflite", "sface.onnx"
    }  # fmt: skip
    assert installed.returncode == 0
    assert "left out, as they differ on this device: " in installed.stdout
    assert sorted(listed[0]["failed"]) == ["emotion.onnx", "yunet.tflite"]
    assert "  detector: YuNet, yunet.onnx\n" in status
    assert "  emotion: tiny, emotion.tflite\n" in status
    assert "  identifier: SFace, sface." in status


def test_a_bundle_of_which_a_role_fails_is_refused_in_one_line(
    command: Any, state: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    bad = with_wrong_answers(tiny_bundle, tmp_path / "bad", "emotion.onnx", "emotion.tflite")

    for step in ("verify", "install"):
        done = command(step, bad, "--allow-unsigned", trusting=False)

        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("reconocias: error: ")
        assert done.stderr.count("\n") == 1
        assert "golden samples differ on this device: emotion." in done.stderr
    assert not (state / "bundles" / "current").exists()


def test_only_a_signed_bundle_is_taken_unless_told(
    command: Any, tiny_bundle: Path, state: Path, tmp_path: Path
) -> None:
    unsigned = tmp_path / "unsigned"
    unsigned.mkdir()
    for path in tiny_bundle.iterdir():
        if path.suffix != ".sig":
            (unsigned / path.name).write_bytes(path.read_bytes())

    refused = command("install", unsigned)
    nobody = command("install", tiny_bundle, "--allowed-signers", "nowhere", trusting=False)

    for done, message in ((refused, "manifest.json.sig"), (nobody, "file of allowed signers")):
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("reconocias: error: ")
        assert done.stderr.count("\n") == 1
        assert message in done.stderr
    assert not state.exists()
    assert command("install", unsigned, "--allow-unsigned", trusting=False).returncode == 0


def test_doctor_looks_at_the_installed_bundle(command: Any, state: Path, tiny_bundle: Path) -> None:
    assert command("install", tiny_bundle).returncode == 0

    done = subprocess.run(
        [sys.executable, "-m", "edge_app", "doctor"],
        capture_output=True,
        text=True,
        env={**os.environ, "STATE_DIRECTORY": str(state), "COLUMNS": "300"},
    )

    assert f"tiny 1.0.0 in {state}" in done.stdout
