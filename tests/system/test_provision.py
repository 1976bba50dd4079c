import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.bundles import Signer
from tests.stress import long
from tests.system.testbed.machine import Bed, Machine, cache_folder
from tests.system.testbed.provisioned import (
    DEPLOY,
    Provisioned,
    film,
    forget_people,
    people,
    run_script,
)

_FORWARDED = 8081
"""Port on the machine that leads to this one."""


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


@long
def test_on_a_fresh_pi_itself_with_a_network_it_makes_a_kiosk(
    bed: Bed, wheel: Path, signer: Signer, first_bundle: Path, provisioned: Provisioned
) -> None:
    """Its pip finds the wheels at an address, as that of a Pi with internet does."""
    with bed.machine("alone") as machine, served(cache_folder() / "wheels-x86_64-3.13") as port:
        film(machine)
        srv = machine.root / "srv"
        for folder, name in ((DEPLOY, "deploy"), (first_bundle, "bundle")):
            shutil.copytree(folder, srv / name)
        for file in (wheel, signer.allowed):
            shutil.copy(file, srv)
        pip = f"[global]\nno-index = true\nfind-links = http://127.0.0.1:{_FORWARDED}/\n"
        (machine.root / "etc/pip.conf").write_text(pip)
        command = (
            "cd /srv && deploy/provision.sh --local --input /srv/clip.mp4 --bundle bundle "
            f"--wheel {wheel.name} --allowed-signers {signer.allowed.name}"
        )
        with machine.meanwhile("sleep infinity", "-R", f"{_FORWARDED}:127.0.0.1:{port}"):
            machine.ssh(command, timeout_s=600)
            assert "0 changes" in machine.ssh(command).splitlines()
        assert machine.ssh("reconocias rollout status").startswith("healthy: emotions-fer7")
        assert "signed by somebody@example.org" in machine.ssh("reconocias bundle status")


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """A folder as pages on this machine. Yields their port."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_what_the_guide_says_about_backup_brings_everybody_back(
    bed_copy: Machine, provisioned: Provisioned, tmp_path: Path
) -> None:
    guide = (DEPLOY.parent / "docs/kiosk.md").read_text()
    save, restore = re.findall(r"^deploy/((?:backup|restore)\.sh) pi@\S+ \S+$", guide, re.M)
    file = tmp_path / "backup.tgz"
    run_script(save, bed_copy, bed_copy.name, file)
    forget_people(bed_copy)
    assert people(bed_copy) == ""
    run_script(restore, bed_copy, bed_copy.name, file)
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
