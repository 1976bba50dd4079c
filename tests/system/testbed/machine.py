"""Booting, reaching and stopping the machines of the test bed."""

import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_BOOT_S = 60.0
_STOP_S = 30.0


@dataclass(frozen=True)
class Machine:
    """A running machine. name: its host in ``ssh_config``."""

    name: str
    root: Path
    ssh_config: Path

    @property
    def namespace(self) -> str:
        """Of its network; another session may run a machine of the same name meanwhile."""
        return f"{self.name}-{os.getpid()}"

    def ssh(self, command: str, *, check: bool = True, timeout_s: float = 120.0) -> str:
        """Run a command there as the user pi; what it prints on both channels."""
        with self.meanwhile(command) as running:
            said, _ = running.communicate(timeout=timeout_s)
        if check:
            assert running.returncode == 0, f"{command}: {running.returncode}\n{said}"
        return said

    @contextmanager
    def meanwhile(self, command: str, *options: str) -> "Iterator[subprocess.Popen[str]]":
        """A command that runs there for as long as the block, or shorter. options: of ssh."""
        running = subprocess.Popen(
            ["ssh", "-F", str(self.ssh_config), *options, self.name, command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with running:
            try:
                yield running
            finally:
                running.terminate()


def cache_folder() -> Path:
    """The user's, for roots and for the wheels that provisioning fetches."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reconocias"


def cached_archive(suite: str = "trixie", *packages: str) -> Path:
    """The root of a machine as an archive, built where it is not there yet.

    packages: besides those that every machine has. It is kept in the user's cache, under a name
    that changes with the script that builds it.
    """
    script, cache = _HERE / "make-root.sh", cache_folder()
    kind = "-".join((suite, "amd64", *packages))
    version = hashlib.sha256(script.read_bytes()).hexdigest()[:12]
    archive = cache / f"{kind}-{version}.tar.zst"
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        for older in cache.glob(f"{kind}-{'[0-9a-f]' * 12}.tar.zst"):
            older.unlink()
        subprocess.run([script, "amd64", suite, archive, *packages], check=True)
    return archive


class Bed:
    """The machines of one test session, below one folder."""

    def __init__(self, folder: Path, archive: Path) -> None:
        self.ssh_config = folder / "ssh_config"
        self._folder = folder
        self._base = folder / "base"
        self._key = folder / "key"
        self._base.mkdir(parents=True)
        subprocess.run(["tar", "-C", self._base, "--zstd", "-xpf", archive], check=True)
        keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", ""]
        subprocess.run([*keygen, "-f", self._key], check=True)
        subprocess.run([*keygen, "-f", self._base / "etc/ssh/ssh_host_ed25519_key"], check=True)
        self._trust_key()

    @contextmanager
    def machine(self, name: str, *, like: Machine | None = None) -> Iterator[Machine]:
        """Boot a machine from the archive, or as a copy of another one that is shut down."""
        lower = [str(self._base)]
        if like is not None:
            lower.insert(0, str(self._folder / like.name / "changes"))
        place = self._folder / name
        changes, work, root = (place / part for part in ("changes", "work", "root"))
        for part in (changes, work, root):
            part.mkdir(parents=True)
        options = f"lowerdir={':'.join(lower)},upperdir={changes},workdir={work}"
        options += ",redirect_dir=on"  # or folders from below could not be renamed
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, root], check=True)
        try:
            (root / "etc/hostname").write_text(f"{name}\n")
            (root / "etc/hosts").write_text(f"127.0.0.1 localhost {name}\n")
            machine = Machine(name, root, self.ssh_config)
            self._add_host(machine)
            with self.booted(machine):
                yield machine
        finally:
            subprocess.run(["umount", root], check=True)

    @contextmanager
    def booted(self, machine: Machine) -> Iterator[Machine]:
        """Run a machine that is shut down."""
        subprocess.run(["ip", "netns", "add", machine.namespace], check=True)
        console = (self._folder / machine.name / "console").open("ab")
        try:
            loopback = ["ip", "-n", machine.namespace, "link", "set", "lo", "up"]
            subprocess.run(loopback, check=True)
            boot = subprocess.Popen(
                [_HERE / "boot.sh", machine.root, machine.namespace],
                stdout=console,
                stderr=console,
            )
            try:
                _await_ssh(machine, boot)
                yield machine
            finally:
                boot.terminate()
                boot.wait(_STOP_S)
        finally:
            console.close()
            subprocess.run(["ip", "netns", "del", machine.namespace], check=True)
            _remove_control_groups(machine.namespace)

    def _trust_key(self) -> None:
        folder = self._base / "home/pi/.ssh"
        folder.mkdir(mode=0o700)
        (folder / "authorized_keys").write_bytes(self._key.with_suffix(".pub").read_bytes())
        subprocess.run(["chown", "-R", "1000:1000", folder], check=True)

    def _add_host(self, machine: Machine) -> None:
        with self.ssh_config.open("a") as config:
            config.write(
                f"Host {machine.name}\n"
                "  User pi\n"
                f"  IdentityFile {self._key}\n"
                "  IdentitiesOnly yes\n"
                "  StrictHostKeyChecking no\n"
                "  UserKnownHostsFile /dev/null\n"
                "  LogLevel ERROR\n"
                f"  ProxyCommand ip netns exec {machine.namespace} nc -F 127.0.0.1 22\n"
                "  ProxyUseFdpass yes\n"  # a nc that stays in between hides that the device hung up
            )


def _await_ssh(machine: Machine, boot: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _BOOT_S
    while True:
        state = machine.ssh("systemctl is-system-running --wait", check=False).strip()
        if state in ("running", "degraded"):
            return
        assert boot.poll() is None, f"{machine.name} did not boot, see its console"
        assert time.monotonic() < deadline, f"{machine.name} is not reached: {state}"
        time.sleep(0.3)


def _remove_control_groups(name: str) -> None:
    """The empty ones that boot.sh leaves where no systemd manages them."""
    for mount in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, *_ = mount.split()
        group = Path(place) / name
        if kind == "cgroup2" and group.is_dir():
            for inner in sorted((p for p in group.rglob("*") if p.is_dir()), reverse=True):
                inner.rmdir()
            group.rmdir()
