"""The unit on a real systemd: what hangs or dies comes back."""

import time

import pytest

from tests.system.testbed.fleet import version_on
from tests.system.testbed.machine import Machine

_PATIENCE_S = 60.0


def main_pid(machine: Machine) -> int:
    return int(machine.ssh("systemctl show reconocias -p MainPID --value"))


def wait_until_served_by_another(machine: Machine, pid: int) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while main_pid(machine) in (0, pid) or "unhealthy" in machine.ssh(
        "reconocias rollout status", check=False
    ):
        assert time.monotonic() < deadline, machine.ssh("systemctl status reconocias", check=False)
        time.sleep(0.5)
    version_on(machine)


@pytest.mark.parametrize(
    ("signal", "result"),
    [("STOP", "watchdog"), ("KILL", "signal")],
)
def test_a_kiosk_that_hangs_or_dies_comes_back(kiosk: Machine, signal: str, result: str) -> None:
    folder = "/run/systemd/system/reconocias.service.d"
    kiosk.ssh(  # what a watchdog of 20 seconds does, it does with one of 3
        f"sudo mkdir -p {folder} && "
        f"printf '[Service]\\nWatchdogSec=3\\nTimeoutAbortSec=1\\n' | "
        f"sudo tee {folder}/impatient.conf >/dev/null && "
        "sudo systemctl daemon-reload && sudo systemctl restart reconocias"
    )
    pid = main_pid(kiosk)
    kiosk.ssh(f"sudo kill -{signal} {pid}")
    wait_until_served_by_another(kiosk, pid)
    log = kiosk.ssh("sudo journalctl --unit reconocias --no-pager --since -90s")
    assert f"Failed with result '{result}'" in log
    kiosk.ssh(f"sudo rm -r {folder} && sudo systemctl daemon-reload")


def test_the_watchdog_is_armed(kiosk: Machine) -> None:
    shown = kiosk.ssh("systemctl show reconocias -p Type,NotifyAccess,Restart,WatchdogUSec")
    assert "Type=notify" in shown and "Restart=on-failure" in shown
    assert "WatchdogUSec=0" not in shown
    assert "frames per second" in kiosk.ssh("systemctl show reconocias -p StatusText")
