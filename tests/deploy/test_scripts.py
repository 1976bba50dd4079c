"""What can be told of the scripts without a machine to run them on."""

import os
import subprocess
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
