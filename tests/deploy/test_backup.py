"""Backup and restore of a kiosk that is a folder, with a systemctl that notes what it is told."""

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.deploy.test_scripts import DEPLOY, executable


class Kiosk:
    """Its /var/lib is a folder; ``ssh`` runs what is meant for it here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "hall.tgz"
        self.state = folder / "lib/reconocias"
        self.state.mkdir(parents=True)
        self.told = folder / "told"
        programs = folder / "bin"
        programs.mkdir()
        executable(programs / "sudo", 'shift; exec "$@"')
        self.path = f"{programs}:{os.environ['PATH']}"
        self.command = f'bash -c "$(printf %s "$2" | sed s,/var/lib,{folder}/lib,g)"'
        self.run_there(self.command)
        self.systemctl("")

    def run_there(self, line: str) -> None:
        self.ssh = executable(self.folder / "ssh", line)

    def systemctl(self, line: str) -> None:
        known = "case $1 in is-active) echo active;; cat | reset-failed) exit 1;; esac"
        told = f'case $1 in start | stop) echo "$*" >>{self.told};; esac'
        executable(self.folder / "bin/systemctl", f"{known}\n{told}\n{line}")

    def run(self, script: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [DEPLOY / script, "pi", self.file],
            env={**os.environ, "PATH": self.path, "RECONOCIAS_SSH": self.ssh},
            capture_output=True,
            text=True,
            check=False,
        )

    def commands(self) -> list[str]:
        lines = self.told.read_text().splitlines() if self.told.exists() else []
        self.told.unlink(missing_ok=True)
        return [line.split()[0] for line in lines]

    def left(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "lib").iterdir())

    def people(self) -> str:
        return (self.state / "people").read_text()


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    (made.state / "people").write_text("Ana")
    return made


@pytest.fixture
def later(kiosk: Kiosk) -> Kiosk:
    """With a backup of Ana, and somebody else in her place."""
    assert kiosk.run("backup.sh").returncode == 0
    (kiosk.state / "people").write_text("Luis")
    kiosk.commands()
    return kiosk


def test_a_backup_is_whole_and_for_its_owner_alone_and_the_kiosk_goes_on(kiosk: Kiosk) -> None:
    done = kiosk.run("backup.sh")
    assert (done.returncode, done.stderr) == (0, "")
    assert kiosk.commands() == ["stop", "start"]
    with tarfile.open(kiosk.file) as backup:
        assert "reconocias/people" in backup.getnames()
    assert kiosk.file.stat().st_mode & 0o777 == 0o600


def test_a_copy_that_fails_is_no_backup_and_the_kiosk_goes_on(kiosk: Kiosk) -> None:
    kiosk.file.write_text("of yesterday")
    kiosk.systemctl('[ "$1" != stop ] || rm -r ' + str(kiosk.state))
    done = kiosk.run("backup.sh")
    assert done.returncode == 2
    assert "and " + str(kiosk.file) + " was not written" in done.stderr
    assert kiosk.file.read_text() == "of yesterday"
    assert kiosk.commands() == ["stop", "start"]
    assert not list(kiosk.folder.glob("*.part"))


def test_a_connection_that_is_cut_is_no_backup(kiosk: Kiosk) -> None:
    kiosk.run_there("head -c 1000 /dev/urandom; exit 255")
    assert kiosk.run("backup.sh").returncode == 2
    assert not kiosk.file.exists()


def test_a_kiosk_that_does_not_start_after_its_backup_is_told(kiosk: Kiosk) -> None:
    kiosk.systemctl('[ "$1" != start ]')
    done = kiosk.run("backup.sh")
    assert done.returncode == 2
    assert "is whole, but the kiosk does not start again" in done.stderr
    assert tarfile.is_tarfile(kiosk.file)


def test_a_kiosk_that_somebody_stopped_stays_stopped(kiosk: Kiosk) -> None:
    kiosk.systemctl("")
    program = kiosk.folder / "bin/systemctl"
    program.write_text(program.read_text().replace("echo active", "echo inactive"))
    assert kiosk.run("backup.sh").returncode == 0
    assert kiosk.commands() == ["stop"]


def test_restoring_brings_back_who_was_there(later: Kiosk) -> None:
    done = later.run("restore.sh")
    assert (done.returncode, done.stderr) == (0, "")
    assert later.people() == "Ana"
    assert later.commands() == ["stop", "start"]
    assert later.left() == ["reconocias"]


def test_a_damaged_backup_is_not_sent(later: Kiosk) -> None:
    whole = later.file.read_bytes()
    later.file.write_bytes(whole[: len(whole) // 2])
    later.run_there(f"touch {later.folder}/reached")
    assert later.run("restore.sh").returncode == 2
    assert not (later.folder / "reached").exists()


def test_a_backup_that_is_cut_on_its_way_changes_nothing(later: Kiosk) -> None:
    later.run_there(f"head -c {later.file.stat().st_size // 2} | {later.command}")
    done = later.run("restore.sh")
    assert done.returncode == 2
    assert "it has what it had before" in done.stderr
    assert (later.people(), later.commands(), later.left()) == ("Luis", [], ["reconocias"])


@pytest.mark.parametrize("then", ["it has what it had before", "the kiosk does not start; see"])
def test_a_kiosk_that_does_not_start_with_a_backup_gets_back_what_it_had(
    then: str, later: Kiosk
) -> None:
    starts_with_luis = f"grep -q Luis {later.state}/people" if "before" in then else "false"
    later.systemctl(f'[ "$1" != start ] || {starts_with_luis}')
    done = later.run("restore.sh")
    assert done.returncode == 2
    assert then in done.stderr
    assert (later.people(), later.left()) == ("Luis", ["reconocias"])
    assert later.commands() == ["stop", "start", "stop", "start"]


def test_a_machine_that_is_no_kiosk_is_left_alone(later: Kiosk) -> None:
    (later.state / "people").unlink()
    later.state.rmdir()
    done = later.run("restore.sh")
    assert done.returncode == 2
    assert "expected a provisioned kiosk" in done.stderr
    assert later.left() == []
