"""What can be told of the scripts without a machine to run them on."""

import os
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.tools import require_tool

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SCRIPTS = sorted(
    path
    for folder in (DEPLOY, ROOT / "tests/system/testbed")
    for path in folder.rglob("*")
    if path.is_file() and path.read_bytes().startswith((b"#!/usr/bin/env bash", b"#!/bin/sh"))
)


def run(
    script: str, *arguments: str, ssh: str = "false", python: str = "python3"
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [DEPLOY / script, *arguments],
        env={**os.environ, "RECONOCIAS_SSH": ssh, "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def set_up(program: str, folder: Path, **variables: object) -> "subprocess.CompletedProcess[str]":
    """Run functions of setup.sh on a folder in place of the machine."""
    places = {"opt": "opt", "etc": "etc", "state": "state", "units": "units"}
    settings = {name: folder / place for name, place in places.items()}
    settings |= {"payload": folder / "payload", **variables}
    lines = [f"{name}={shlex.quote(str(value))}" for name, value in settings.items()]
    script = "\n".join([f"source {DEPLOY}/device/setup.sh", *lines, program])
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    shellcheck = require_tool("shellcheck", "shellcheck")
    done = subprocess.run([shellcheck, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_script_is_missed() -> None:
    assert len(SCRIPTS) >= 8


@pytest.mark.parametrize("script", ["provision.sh", "push.sh"])
def test_help_is_the_comment_at_the_top(script: str) -> None:
    done = run(script, "--help")
    assert done.returncode == 0
    assert f"{script} [OPTIONS]" in done.stdout
    assert not any(line.startswith("#") for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("script", "arguments", "message"),
    [
        ("provision.sh", ["--frobnicate", "pi"], "unknown option --frobnicate"),
        ("provision.sh", ["pi", "--local"], "expected a host or --local, found both"),
        ("provision.sh", ["--offline", "--local"], "--offline: expected a host"),
        ("provision.sh", ["one", "two"], "expected one host, found one and two"),
        ("provision.sh", ["--input"], "--input: expected a value after it"),
        ("provision.sh", ["--bundle", "/nowhere", "pi"], "found no /nowhere/manifest.json"),
        ("provision.sh", ["--dry-run", "pi"], "expected to reach pi by: false pi"),
        ("push.sh", ["--frobnicate"], "unknown option --frobnicate"),
        ("push.sh", ["--parallel", "0", "bundle", "pi"], "expected a number above 0, found 0"),
        ("push.sh", ["--canary", "one", "bundle", "pi"], "--canary: expected a number, found one"),
        ("push.sh", ["bundle"], "expected hosts, found none"),
        ("push.sh", ["bundle", "pi", "pi"], "expected each host once, found pi twice"),
        ("push.sh", ["/nowhere", "pi"], "found no manifest.json in it"),
        ("push.sh", ["--inventory", "/nowhere", "bundle"], "expected a file, found no /nowhere"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    script: str, arguments: list[str], message: str
) -> None:
    done = run(script, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_python_without_pip_is_told_before_anything_is_copied() -> None:
    done = run("provision.sh", "pi", ssh="true", python="false")
    assert done.returncode == 2
    assert done.stderr.startswith("provision: error: expected pip for false, found none")


def test_a_device_that_is_away_is_offline_in_the_table(tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\necho 'ssh: connect to host: timed out' >&2\nexit 255\n")
    ssh.chmod(0o755)
    done = run("push.sh", "--status", "pi1", "pi2", ssh=str(ssh))
    assert done.returncode == 1
    assert [line.split()[:2] for line in done.stdout.splitlines()[1:]] == [
        ["pi1", "offline"],
        ["pi2", "offline"],
    ]


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.7/video?user=a&password=b",
        "rtsp://hall|kitchen/1",
        'say "cheese"',
        r"C:\1\&",
        "cámara:0",
    ],
)
def test_any_input_comes_into_the_settings_as_it_is(address: str, tmp_path: Path) -> None:
    (tmp_path / "payload").mkdir()
    example = (DEPLOY / "config.example.toml").read_text()
    (tmp_path / "payload/config.example.toml").write_text(example)
    for _ in range(2):  # the second time it is there already
        done = set_up("configure", tmp_path, input=address)
        assert (done.returncode, done.stderr) == (0, "")
    written = (tmp_path / "etc/config.toml").read_text()
    assert tomllib.loads(written)["source"]["input"] == address
    assert written.count("\n") == example.count("\n")
    other = set_up("configure", tmp_path, input="camera:1")
    assert (other.returncode, other.stdout) == (2, "")
    assert "is there already and has another input" in other.stderr
