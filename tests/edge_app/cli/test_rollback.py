"""``bundle rollback`` and ``rollout back`` as processes, on a device whose systemd is a script."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge_app.updates.store import BundleStore, Installed
from tests.bundles import unsigned_copy

_PROGRAM = """#!{python}
import os
from pathlib import Path
from edge_app.core import places

os.geteuid = lambda: 0
folder = Path({folder!r})
places.BUNDLES, places.ROLLOUT, places.RUNTIME = (
    folder / "state/bundles", folder / "rollout", folder / "run"
)
places.PROGRAM = str(folder / "bin/reconocias")
from edge_app.cli.main import main
main()
"""
_SYSTEMD_RUN = """#!/bin/sh
while [ "${1#--}" != "$1" ]; do shift; done
exec "$@"
"""
_SYSTEMCTL = """#!/bin/sh
cd {folder}
serving=$(basename "$(readlink serving)")
case $1 in
  restart)
    echo "$1" >>restarts
    serving=$(basename "$(readlink state/bundles/current)")
    ln -sfn "$serving" serving
    echo active >active
    printf '{{"pid": 42, "bundle": "%s", "healthy_frames": 99, "live": true' "$serving" >run/new
    echo ', "enrolling": false, "status": "well"}}' >>run/new
    mv run/new run/status.json ;;
  show)
    echo "ActiveState=$(cat active)"
    printf 'SubState=running\\nResult=success\\nMainPID=42\\n'
    if grep -qs "$serving" sick; then echo NRestarts=1; else echo NRestarts=0; fi ;;
esac
"""


@dataclass(frozen=True)
class Device:
    """older and newer are installed, and the newer one is served."""

    folder: Path
    older: Installed
    newer: Installed

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [self.folder / "bin/reconocias", *command],
            capture_output=True,
            text=True,
            check=False,
            env={
                **os.environ,
                "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
                "STATE_DIRECTORY": str(self.folder / "state"),
            },
        )

    @property
    def restarts(self) -> int:
        path = self.folder / "restarts"
        return len(path.read_text().splitlines()) if path.exists() else 0

    @property
    def current(self) -> str:
        return (self.folder / "state/bundles/current").resolve().name

    @property
    def serving(self) -> str:
        return (self.folder / "serving").readlink().name

    def sicken(self, installed: Installed) -> None:
        """It verifies and is installed, and the service crashes with it."""
        (self.folder / "sick").write_text(installed.digest)


@pytest.fixture
def device(tiny_bundle: Path, tmp_path: Path) -> Device:
    folder = tmp_path / "device"
    for part in ("bin", "run", "rollout"):
        (folder / part).mkdir(parents=True)
    store = BundleStore(folder / "state/bundles")
    older, newer = (
        store.install(unsigned_copy(tiny_bundle, tmp_path / version, version=version), None)
        for version in ("1.0.0", "2.0.0")
    )
    for name, text in (
        ("reconocias", _PROGRAM.format(python=sys.executable, folder=str(folder))),
        ("systemd-run", _SYSTEMD_RUN),
        ("systemctl", _SYSTEMCTL.format(folder=folder)),
    ):
        (folder / "bin" / name).write_text(text)
        (folder / "bin" / name).chmod(0o755)
    (folder / "active").write_text("active")
    (folder / "serving").symlink_to(newer.digest)
    return Device(folder, older, newer)


def test_a_kiosk_that_runs_takes_the_bundle_before(device: Device) -> None:
    done = device.run("bundle", "rollback", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["digest"], said["current"]) == (device.older.digest, True)
    assert device.serving == device.current == device.older.digest
    unknown = device.run("bundle", "rollback", "--to", "nothing")
    assert unknown.returncode == 2
    assert "'nothing'; see reconocias bundle list" in unknown.stderr
    again = device.run("bundle", "rollback")
    assert again.returncode == 2
    assert "expected an earlier bundle, found none" in again.stderr
    assert device.run("bundle", "rollback", "--to", device.newer.digest[:9]).returncode == 0
    assert device.serving == device.current == device.newer.digest


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("bundle rollback", 2, "reconocias: error: rolled back: it crashed or hung ("),
        ("rollout back", 1, "rolled back: it crashed or hung ("),
    ],
)
def test_a_kiosk_that_is_not_healthy_with_it_goes_forward_again(
    device: Device, command: str, code: int, said: str
) -> None:
    device.sicken(device.older)
    done = device.run(*command.split())
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(said)
    assert device.serving == device.current == device.newer.digest
    assert device.restarts == 2


def test_where_no_kiosk_runs_the_bundle_is_only_switched(device: Device) -> None:
    (device.folder / "active").write_text("inactive")
    done = device.run("bundle", "rollback")
    assert done.returncode == 0
    assert done.stdout.startswith(f"* {device.older.digest[:12]} tiny 1.0.0, installed ")
    assert (device.current, device.restarts) == (device.older.digest, 0)


def test_a_kiosk_that_gave_up_is_wanted_and_proves_it(device: Device) -> None:
    (device.folder / "active").write_text("failed")
    assert device.run("bundle", "rollback").returncode == 0
    assert (device.serving, device.restarts) == (device.older.digest, 1)
