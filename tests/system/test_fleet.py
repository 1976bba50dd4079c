"""Three kiosks at once: by push.sh, and by Ansible."""

import json
import subprocess
import sys
from pathlib import Path

from tests.system.testbed.fleet import Bundles, push, version_on
from tests.system.testbed.machine import Machine
from tests.system.testbed.provisioned import DEPLOY, environment


def test_a_failing_canary_spares_the_others(fleet: list[Machine], bundles: Bundles) -> None:
    before = [version_on(machine) for machine in fleet]
    pushed = push(
        fleet, "--canary", "1", "--patience", "10", "--frames", "5", bundles.too_slow_to_live()
    )
    assert pushed.code == 1
    assert [result for result, _ in pushed.rows.values()] == [
        "rolled back",
        "not tried",
        "not tried",
    ]
    assert [version_on(machine) for machine in fleet] == before


def test_a_fleet_takes_it_and_an_absent_host_is_told(
    fleet: list[Machine], bundles: Bundles, tmp_path: Path
) -> None:
    inventory = tmp_path / "inventory"
    inventory.write_text("kiosk1  # the canary\nkiosk2\nkiosk3\nkiosk9  # in a drawer\n")
    pushed = push(
        fleet,
        "--inventory",
        inventory,
        "--canary",
        "1",
        "--frames",
        "10",
        bundles.better("1.1.0"),
        to=(),
    )
    assert pushed.code == 1
    assert [row[0] for row in pushed.rows.values()] == ["committed"] * 3 + ["offline"]
    status = push(fleet, "--status")
    assert status.code == 0
    assert all("emotions-fer7 1.1.0" in reason for _, reason in status.rows.values())


def test_ansible_does_the_same_and_stops_at_a_failing_canary(
    fleet: list[Machine], bundles: Bundles, tmp_path: Path
) -> None:
    inventory = tmp_path / "inventory.ini"
    inventory.write_text(
        "[kiosks]\n"
        + "".join(f"{machine.name}\n" for machine in fleet)
        + f"[kiosks:vars]\nansible_user=pi\nansible_ssh_common_args=-F {fleet[0].ssh_config}\n"
    )

    good = play(fleet, inventory, bundles.better("1.2.0"))
    assert good.returncode == 0, good.stdout
    assert [version_on(machine) for machine in fleet] == ["1.2.0"] * 3
    bad = play(fleet, inventory, bundles.with_wrong_golden_samples())
    assert bad.returncode != 0
    assert "golden samples differ" in bad.stdout
    assert "kiosk2" not in bad.stdout
    assert [version_on(machine) for machine in fleet] == ["1.2.0"] * 3


def play(fleet: list[Machine], inventory: Path, bundle: Path) -> "subprocess.CompletedProcess[str]":
    """Run the playbook with this Python's Ansible."""
    variables = json.dumps({"bundle": str(bundle), "reconocias_frames": 10, "batches": [1, 2]})
    playbook = [sys.executable, "-m", "ansible", "playbook", "-i", str(inventory)]
    return subprocess.run(
        [*playbook, "-e", variables, str(DEPLOY / "ansible/push.yml")],
        env={**environment(fleet[0]), "ANSIBLE_LOCALHOST_WARNING": "False"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
