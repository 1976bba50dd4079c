"""Pushes that something goes wrong with at a random moment; the suite tries a few of them.

``make stress`` tries fifty.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bundles import Signer
from tests.stress import FULL
from tests.system.testbed.fleet import Bundles, push, push_command, version_on
from tests.system.testbed.machine import Machine
from tests.system.testbed.provisioned import Provisioned, environment, people

_PUSHES = 50 if FULL else 4
_RECOVERY_S = 90.0


def cut_here(machine: Machine, push: "subprocess.Popen[bytes]") -> None:
    """push.sh, its rsync and its ssh are gone at once; the connection that they shared is left."""
    os.killpg(push.pid, signal.SIGKILL)


def cut_there(machine: Machine, push: "subprocess.Popen[bytes]") -> None:
    """The device loses all connections, in a moment: this one has to end before."""
    in_a_moment = "--on-active=0.5 --timer-property=AccuracySec=50ms"
    machine.ssh(f"sudo systemd-run --quiet {in_a_moment} pkill -KILL -u pi sshd", check=False)
    time.sleep(1.5)  # or it would cut the connections that look at the outcome


def kill_rollout(machine: Machine, push: "subprocess.Popen[bytes]") -> None:
    """Whoever is replacing the bundle is killed."""
    machine.ssh("sudo systemctl kill -s KILL 'reconocias-rollout-*'", check=False)


def kill_service(machine: Machine, push: "subprocess.Popen[bytes]") -> None:
    """The kiosk itself dies meanwhile."""
    machine.ssh("sudo systemctl kill -s KILL reconocias.service", check=False)


FAULTS: tuple[Callable[[Machine, "subprocess.Popen[bytes]"], None], ...] = (
    cut_here,
    cut_there,
    kill_rollout,
    kill_service,
)


@pytest.fixture(scope="module")
def usual_s(
    kiosk: Machine,
    first_bundle: Path,
    signer: Signer,
    tmp_path_factory: pytest.TempPathFactory,
) -> float:
    """Seconds that a push takes here when nothing goes wrong."""
    bundle = Bundles(tmp_path_factory.mktemp("usual"), first_bundle, signer).better("2.9.0")
    started = time.monotonic()
    pushed = push([kiosk], bundle)
    assert pushed.rows[kiosk.name][0] == "committed", pushed.said
    return time.monotonic() - started


@pytest.mark.parametrize("seed", range(_PUSHES))
def test_whatever_goes_wrong_the_kiosk_serves_a_verified_bundle(
    kiosk: Machine,
    provisioned: Provisioned,
    first_bundle: Path,
    signer: Signer,
    usual_s: float,
    tmp_path: Path,
    seed: int,
) -> None:
    moment = random.Random(seed).uniform(0.0, usual_s)
    fault = FAULTS[seed % len(FAULTS)]
    bundle = Bundles(tmp_path, first_bundle, signer).better(f"3.0.{seed}")
    push = subprocess.Popen(
        push_command([kiosk], bundle),
        env=environment(kiosk),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    time.sleep(moment)
    fault(kiosk, push)
    said = push.communicate()[0].decode()

    await_service(kiosk)
    print(f"{fault.__name__} {moment:.1f} s after the start: {last_line(said)}")
    print(f"serves {version_on(kiosk)}")
    verified = kiosk.ssh("reconocias bundle verify")
    assert "signed by somebody@example.org" in verified
    assert people(kiosk) == provisioned.people


def last_line(said: str) -> str:
    """Of push.sh: the table's row, but for a push that was killed."""
    return next(iter(said.splitlines()[::-1]), "nothing said")


def await_service(machine: Machine) -> None:
    """Until nothing is under way any more and the kiosk is healthy."""
    deadline = time.monotonic() + _RECOVERY_S
    while True:
        machine.ssh("reconocias rollout last", check=False)
        pending = machine.ssh("sudo ls /var/lib/reconocias-rollout").split()
        status = machine.ssh("reconocias rollout status", check=False)
        if "pending.json" not in pending and status.startswith("healthy"):
            return
        assert time.monotonic() < deadline, status
        time.sleep(0.5)
