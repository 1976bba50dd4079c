"""``reconocias bundle`` as a process, as deploy scripts call it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge_app.bundle.loader import MANIFEST_FILE, file_sha256
from tests.bundles import SIGNER, Signer, signed_copy


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
    assert status["model"] == next(iter(first["milliseconds"]))
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
