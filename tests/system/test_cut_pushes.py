"""Pushes whose connection or rsync is killed at each of their steps, and devices without room."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge_app.bundle.loader import MANIFEST_FILE, file_sha256
from tests.stress import FULL, long
from tests.system.testbed.fleet import Bundles, push, version_on
from tests.system.testbed.machine import Machine
from tests.system.testbed.provisioned import Provisioned, people

_INCOMING = "/var/cache/reconocias/incoming"
_SSH = "sudo pkill -KILL -u pi sshd"
_RSYNC = "sudo pkill -KILL rsync"
_HALF_SENT = f"find {_INCOMING} -name '.emotion*' -size +300k | grep -q ."


@dataclass(frozen=True)
class Cut:
    """What is killed on the device, and when.

    reached: shell, true there as soon as that step is under way; {digest} of the bundle. result: of
    the push. taken: whether the device serves the new bundle in the end, told or not.
    """

    step: str
    reached: str
    kill: str
    result: str
    taken: bool

    def __str__(self) -> str:
        return f"{self.step}-{'ssh' if self.kill == _SSH else 'rsync'}"


_ALWAYS = (
    Cut("transfer", _HALF_SENT, _RSYNC, "not sent", False),
    Cut("gate", "sudo grep -q {digest} /run/reconocias/status.json", _SSH, "committed", True),
)
_WITH_TIME = (
    Cut("check", "pgrep -f '[r]ollout check'", _SSH, "offline", False),
    Cut("transfer", _HALF_SENT, _SSH, "not sent", False),
    Cut("install", "pgrep -f '[b]undle install'", _SSH, "committed", True),
    Cut(
        "commit",
        "sudo grep -q {digest} /var/lib/reconocias-rollout/outcome.json",
        _SSH,
        "committed",
        True,
    ),
)
CUTS = _ALWAYS + (_WITH_TIME if FULL else ())


@pytest.fixture
def slowly(tmp_path: Path) -> Path:
    """A folder with an rsync that takes seconds for a bundle, and writes down what it sent."""
    tools = tmp_path / "tools"
    tools.mkdir()
    rsync = tools / "rsync"
    rsync.write_text(
        f'#!/bin/sh\nexec /usr/bin/rsync --bwlimit=4000 --stats "$@" >>{tools}/statistics\n'
    )
    rsync.chmod(0o755)
    return tools


@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_cut_at_a_step_the_kiosk_serves_the_old_bundle_or_the_new(
    kiosk: Machine, provisioned: Provisioned, bundles: Bundles, slowly: Path, cut: Cut
) -> None:
    before, version = version_on(kiosk), f"4.0.{CUTS.index(cut)}"
    bundle = bundles.better(version)
    forget_sent(kiosk)
    with kiosk.meanwhile(when(cut.reached, bundle, cut.kill)) as killer:
        pushed = push([kiosk], "--frames", "10", bundle, tools=slowly)
        killer.wait(5)  # or that step was never seen
    assert pushed.rows[kiosk.name][0] == cut.result, pushed.said
    assert version_on(kiosk) == (version if cut.taken else before)
    assert people(kiosk) == provisioned.people


def test_a_transfer_that_was_cut_goes_on_where_it_stopped(
    kiosk: Machine, bundles: Bundles, slowly: Path
) -> None:
    bundle = bundles.better("4.1.0")
    forget_sent(kiosk)
    with kiosk.meanwhile(when(_HALF_SENT, bundle, _SSH)):
        assert push([kiosk], bundle, tools=slowly).rows[kiosk.name][0] == "not sent"
    there = int(kiosk.ssh(f"du --bytes --summarize {_INCOMING}").split()[0])
    pushed = push([kiosk], "--frames", "10", bundle, tools=slowly)
    assert pushed.rows[kiosk.name][0] == "committed", pushed.said

    size = sum(file.stat().st_size for file in bundle.iterdir())
    sent = literal_bytes(slowly / "statistics")[-1]
    assert there > 300_000
    assert sent <= size - there + 100_000, "blocks and names cost a little"
    push([kiosk], "--frames", "10", bundles.better("4.1.1"), tools=slowly)
    assert literal_bytes(slowly / "statistics")[-1] < 100_000, "manifest and signature alone"


@long
def test_a_rollout_that_is_killed_with_a_bad_bundle_is_undone_by_the_unit_for_that(
    kiosk: Machine, provisioned: Provisioned, bundles: Bundles
) -> None:
    """The kiosk hangs with it: systemd gives up on its start after a minute, and so on."""
    before, bundle = version_on(kiosk), bundles.too_slow_to_live()
    starting = "systemctl is-active reconocias | grep -q activating"
    kill = "sudo systemctl kill -s KILL 'reconocias-rollout-*'"
    with kiosk.meanwhile(when(starting, bundle, kill)) as killer:
        assert push([kiosk], bundle).code == 1
        killer.wait(5)
    ended = kiosk.ssh("reconocias rollout last --json", check=False, timeout_s=300)
    assert '"result": "rolled back"' in ended
    assert "Result=success" in kiosk.ssh("systemctl show reconocias-finish -p Result")
    assert version_on(kiosk) == before
    assert people(kiosk) == provisioned.people


def test_a_device_without_room_says_so_and_is_left_as_it_was(
    bed_copy: Machine, provisioned: Provisioned, bundles: Bundles
) -> None:
    bundle, before = bundles.better("4.2.0"), version_on(bed_copy)

    bed_copy.ssh(f"sudo mount -t tmpfs -o size=5m none {_INCOMING}")
    result, reason = push([bed_copy], bundle).rows[bed_copy.name]
    assert (result, "No space left on device" in reason) == ("not sent", True), reason
    bed_copy.ssh(f"sudo umount {_INCOMING}")

    bed_copy.ssh(_SMALL_STORE)
    result, reason = push([bed_copy], bundle).rows[bed_copy.name]
    assert (result, reason[:8]) == ("refused", "expected"), reason
    assert re.search(r"MB of room, found \d MB", reason)
    assert version_on(bed_copy) == before

    subprocess.run(["cp", "-r", bundle, bed_copy.root / "srv/late"], check=True)
    said = bed_copy.ssh("reconocias rollout take /srv/late", check=False)  # it filled up meanwhile
    assert said.startswith("refused: ") and "No space left on device" in said
    assert version_on(bed_copy) == before
    assert people(bed_copy) == provisioned.people


_SMALL_STORE = """sudo sh -ec '
cd /var/lib/reconocias
cp -a bundles /tmp/bundles
size=$(du --summarize --block-size=1M bundles | cut -f 1)
mount -t tmpfs -o size=$((size + 5))m none bundles
cp -a /tmp/bundles/. bundles/
'"""


def when(reached: str, bundle: Path, kill: str) -> str:
    """What waits on the device for a step of a push, and kills then."""
    condition = reached.format(digest=file_sha256(bundle / MANIFEST_FILE))
    return f"until {condition}; do sleep 0.02; done >/dev/null 2>&1; {kill}"


def forget_sent(machine: Machine) -> None:
    """So that the next push has everything to send."""
    machine.ssh(f"sudo find {_INCOMING} -mindepth 1 -delete")


def literal_bytes(statistics: Path) -> list[int]:
    """Of each finished rsync: what was sent of files, as opposed to found there."""
    found = re.findall(r"Literal data: ([\d,]+) bytes", statistics.read_text())
    return [int(number.replace(",", "")) for number in found]
