import re
import shutil

from tests.system.testbed.machine import Machine
from tests.system.testbed.provisioned import (
    DEPLOY,
    Provisioned,
    forget_people,
    people,
    run_script,
)


def test_a_dry_run_says_what_it_would_do(provisioned: Provisioned) -> None:
    would = [line for line in provisioned.dry_run.splitlines() if line.startswith("would: ")]
    assert "would: user reconocias, locked" in would
    assert "would: enable reconocias.service" in would
    assert provisioned.dry_run.splitlines()[-1] == f"{len(would)} changes"


def test_a_fresh_machine_becomes_a_kiosk_and_a_second_run_changes_nothing(
    provisioned: Provisioned,
) -> None:
    assert "  user reconocias, locked" in provisioned.first, "the dry run changed nothing"
    assert "  start the kiosk" in provisioned.first
    assert "0 changes" in provisioned.second.splitlines()


def test_it_serves_after_a_boot_with_the_signed_bundle_and_its_people(
    kiosk: Machine, provisioned: Provisioned
) -> None:
    assert kiosk.ssh("reconocias rollout status").startswith("healthy: emotions-fer7")
    assert "signed by somebody@example.org" in kiosk.ssh("reconocias bundle status")
    assert "argon2id" in kiosk.ssh("sudo cat /var/lib/reconocias/web-access.json")
    assert people(kiosk) == provisioned.people
    assert "Íñigo" in provisioned.people


def test_the_unit_is_one_that_systemd_understands_and_confines(kiosk: Machine) -> None:
    units = "reconocias.service reconocias-finish.service"
    assert kiosk.ssh(f"sudo systemd-analyze verify {units}") == ""
    enter = "sudo nsenter --target $(systemctl show reconocias -p MainPID --value) --mount"
    assert "Read-only file system" in kiosk.ssh(f"{enter} touch /usr/x", check=False)
    assert "Read-only file system" in kiosk.ssh(f"{enter} touch /etc/reconocias/x", check=False)
    assert kiosk.ssh(f"{enter} ls /home").strip() == ""
    assert kiosk.ssh("stat -c %a /var/lib/reconocias").strip() == "700"
    limits = kiosk.ssh("systemctl show reconocias -p MemoryMax,DevicePolicy,IPAddressDeny")
    assert "MemoryMax=419430400" in limits and "DevicePolicy=closed" in limits
    denied = re.search(r"IPAddressDeny=(.*)", limits)
    assert denied and set(denied[1].split()) == {"::/0", "0.0.0.0/0"}


_CONNECT = """
import socket
try:
    socket.create_connection(("192.0.2.1", 9), 2)
except OSError as error:
    print(type(error).__name__)
"""


def test_the_kiosk_reaches_no_other_address(kiosk: Machine) -> None:
    """An address of the machine's own that is not localhost: nobody listens there."""
    kiosk.ssh("sudo ip address replace 192.0.2.1/32 dev lo")
    group = "/sys/fs/cgroup/system.slice/reconocias.service/cgroup.procs"
    inside = f"sudo sh -c 'echo $$ >{group} && exec python3 -' <<'END'\n{_CONNECT}\nEND"
    assert kiosk.ssh(f"python3 - <<'END'\n{_CONNECT}\nEND").strip() == "ConnectionRefusedError"
    assert kiosk.ssh(inside).strip() in ("PermissionError", "TimeoutError")


def test_on_the_pi_itself_it_does_the_same(kiosk: Machine) -> None:
    shutil.copytree(DEPLOY, kiosk.root / "srv/deploy", dirs_exist_ok=True)
    said = kiosk.ssh("/srv/deploy/provision.sh --local --dry-run")
    assert said.splitlines()[0].startswith("would: an environment below /opt/reconocias")


def test_what_the_guide_says_about_backup_brings_everybody_back(
    bed_copy: Machine, provisioned: Provisioned
) -> None:
    guide = (DEPLOY.parent / "docs/kiosk.md").read_text().replace("\\\n", "")
    commands = re.findall(r'^ssh pi@\S+ "(sudo systemctl stop .*?)" ([<>]) \S+$', guide, re.M)
    (save, out), (restore, into) = commands
    assert (out, into) == (">", "<")
    bed_copy.ssh(f"({save}) > /home/pi/backup.tgz")
    forget_people(bed_copy)
    assert people(bed_copy) == ""
    bed_copy.ssh(f"({restore}) < /home/pi/backup.tgz")
    assert people(bed_copy) == provisioned.people
    assert bed_copy.ssh("systemctl is-active reconocias").strip() == "active"


def test_uninstall_keeps_the_people_unless_purged(bed_copy: Machine) -> None:
    said = run_script("provision.sh", bed_copy, "--uninstall", bed_copy.name)
    assert "kept: /etc/reconocias and /var/lib/reconocias" in said
    assert bed_copy.ssh("sudo ls /var/lib/reconocias/reconocias.db")
    assert "not-found" in bed_copy.ssh("systemctl show reconocias -p LoadState")
    run_script("provision.sh", bed_copy, "--uninstall", "--purge", bed_copy.name)
    left = bed_copy.ssh(
        "sudo ls -d /var/lib/reconocias* /etc/reconocias /opt/reconocias", check=False
    )
    assert left.count("No such file") == 3, left
    assert run_script("provision.sh", bed_copy, "--uninstall", bed_copy.name).endswith(
        "0 changes\n"
    )
