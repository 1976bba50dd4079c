"""Three kiosks at once: by push.sh, and by Ansible."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.stress import long
from tests.system.testbed.fleet import Bundles, push, version_on
from tests.system.testbed.machine import Bed, Machine
from tests.system.testbed.provisioned import DEPLOY, environment, film


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
    good = play_push(fleet, tmp_path, bundles.better("1.2.0"))
    assert good.returncode == 0, good.stdout
    assert [version_on(machine) for machine in fleet] == ["1.2.0"] * 3
    bad = play_push(fleet, tmp_path, bundles.with_wrong_golden_samples())
    assert bad.returncode != 0
    assert "golden samples differ" in bad.stdout
    assert "kiosk2" not in bad.stdout
    assert [version_on(machine) for machine in fleet] == ["1.2.0"] * 3


def test_ansible_provisions_what_is_not_so_yet(
    fleet: list[Machine], wheel: Path, tmp_path: Path
) -> None:
    kiosk = fleet[2:]
    first, second = (play_provision(kiosk, tmp_path, wheel) for _ in range(2))
    assert "changed=1" in first.stdout, first.stdout
    allowed = kiosk[0].ssh("systemctl show reconocias -p IPAddressAllow")
    assert "10.0.0.0/8" in allowed
    assert "changed=0" in second.stdout and "failed=0" in second.stdout, second.stdout
    version_on(kiosk[0])


@long
def test_ansible_makes_a_kiosk_of_a_fresh_machine(bed: Bed, wheel: Path, tmp_path: Path) -> None:
    with bed.machine("fresh") as machine:
        film(machine)
        done = play_provision([machine], tmp_path, wheel)
        assert "changed=1" in done.stdout, done.stdout
        assert machine.ssh("reconocias rollout status").startswith("healthy: emotions-fer7")


def play_push(
    fleet: list[Machine], folder: Path, bundle: Path
) -> "subprocess.CompletedProcess[str]":
    variables = {"bundle": str(bundle), "reconocias_frames": 10, "batches": [1, 2]}
    return play("push.yml", fleet, folder, variables)


def play_provision(
    fleet: list[Machine], folder: Path, wheel: Path
) -> "subprocess.CompletedProcess[str]":
    options = f"--offline --wheel {wheel} --input /srv/clip.mp4 --network lan"
    variables = {"provision_options": options, "reconocias_ssh": f"ssh -F {fleet[0].ssh_config}"}
    return play("provision.yml", fleet, folder, variables)


def play(
    playbook: str, fleet: list[Machine], folder: Path, variables: Mapping[str, object]
) -> "subprocess.CompletedProcess[str]":
    """Run a playbook with this Python's Ansible."""
    inventory = folder / "inventory.ini"
    inventory.write_text(
        "[kiosks]\n"
        + "".join(f"{machine.name}\n" for machine in fleet)
        + "[kiosks:vars]\nansible_user=pi\nansible_pipelining=true\n"
        + f"ansible_ssh_common_args=-F {fleet[0].ssh_config}\n"
    )
    ansible = [sys.executable, "-m", "ansible", "playbook", "-i", str(inventory)]
    return subprocess.run(
        [*ansible, "-e", json.dumps(variables), str(DEPLOY / "ansible" / playbook)],
        env={**environment(fleet[0]), "ANSIBLE_LOCALHOST_WARNING": "False"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
