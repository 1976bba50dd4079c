"""The units, read by systemd itself."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.tools import require_tool

DEVICE = Path(__file__).parents[2] / "deploy" / "device"
UNITS = sorted(path for path in DEVICE.iterdir() if path.suffix in (".service", ".timer"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]

_MAX_EXPOSURE = 2.5


def analyze(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    tool = require_tool("systemd-analyze", "systemd")
    return subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_every_line(unit: Path, tmp_path: Path) -> None:
    """It exits with 0 whatever it finds, and only says so."""
    for each in UNITS:  # programs that are on a device alone
        text = re.sub(r"^(ExecStart\w*=)\S+", r"\1/bin/true", each.read_text(), flags=re.M)
        (tmp_path / each.name).write_text(text)
    done = analyze("verify", tmp_path / unit.name)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_little_is_exposed(unit: Path) -> None:
    done = analyze("security", "--offline=true", "--no-pager", unit)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= _MAX_EXPOSURE


@pytest.mark.parametrize(
    ("changed", "started"), [("config.toml", True), ("web-certificate.pem", True), (None, False)]
)
def test_the_screen_starts_again_with_a_kiosk_that_has_another_address_or_certificate(
    changed: str | None, started: bool, tmp_path: Path
) -> None:
    text = (DEVICE / "reconocias.service").read_text().replace("\\\n", "")
    found = re.search(r"^ExecStartPost=-\+/bin/sh -c '(.*)'$", text, re.M)
    assert found
    command = re.sub(r"/(?:etc|var/lib|run)/[\w-]+/", f"{tmp_path}/", found[1]).replace("$$", "$")
    for second, name in enumerate(("config.toml", "web-certificate.pem", "page.html")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (second, second if name != changed else 9))
    command = f"systemctl() {{ echo $*; }}; {command.replace('exec ', '')}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    restart = "--no-block try-restart reconocias-display.service\n"
    assert (done.returncode, done.stdout) == (0, restart if started else "")


def test_no_key_of_the_screen_stands_on_a_command_line() -> None:
    text = (DEVICE / "reconocias-display.service").read_text()
    commands = re.findall(r"^Exec\w+=.*(?:\\\n.*)*", text, re.M)
    assert commands
    assert not any("web display" in command or "address" in command for command in commands)


def test_commands_of_a_kiosk_may_open_the_cameras_that_its_service_may() -> None:
    unit = (DEVICE / "reconocias.service").read_text(encoding="utf-8")
    wrapper = (DEVICE / "reconocias").read_text(encoding="utf-8")

    (groups,) = re.findall(r"^SupplementaryGroups=(.*)$", unit, re.MULTILINE)
    assert f" --groups={','.join(groups.split())} " in wrapper
