"""The kiosk's service and its bundles, as root sees them from outside."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_app.core.errors import BundleError, RolloutError
from edge_app.core.places import RUNTIME, UNIT
from edge_app.updates.report import Report, read_report
from edge_app.updates.rollback import ServiceState

START_S = 90


class SystemdService:
    """The service by way of ``systemctl``."""

    def restart(self) -> None:
        """Returns when the service is ready. Raises RolloutError where it does not become so."""
        _run(["systemctl", "reset-failed", UNIT])  # restarts of ours are no crash loop
        try:
            done = _run(["systemctl", "restart", UNIT], timeout_s=START_S)
        except subprocess.TimeoutExpired:
            raise RolloutError(f"{UNIT} was not ready after {START_S} s") from None
        if done.returncode != 0:
            raise RolloutError(f"{UNIT} does not start: {self.state().detail}")

    def is_stopped(self) -> bool:
        """Whether nobody wants it to run at present; one that failed is wanted."""
        return self._shown()["ActiveState"] == "inactive"

    def state(self) -> ServiceState:
        found = self._shown()
        return ServiceState(
            active=found["ActiveState"] == "active",
            pid=int(found["MainPID"]),
            restarts=int(found["NRestarts"]),
            detail=", ".join(found[name] for name in ("ActiveState", "SubState", "Result")),
        )

    def _shown(self) -> dict[str, str]:
        wanted = ("ActiveState", "SubState", "Result", "MainPID", "NRestarts")
        shown = _run(["systemctl", "show", UNIT, "--property", ",".join(wanted)]).stdout
        found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        return dict.fromkeys(wanted[:3], "unknown") | {"MainPID": "0", "NRestarts": "0"} | found

    def report(self) -> Report | None:
        return read_report(RUNTIME)


@dataclass(frozen=True)
class ServiceBundles:
    """The service's bundles, changed by ``reconocias bundle`` as the service's own user.

    program: the command line that runs ``reconocias`` as that user. store: the folder.
    """

    program: Sequence[str]
    store: Path

    def current(self) -> str | None:
        link = self.store / "current"
        return link.resolve().name if link.is_symlink() else None

    def install(self, folder: Path) -> str:
        return self._change("install", str(folder))

    def use(self, digest: str) -> None:
        self._change("switch", "--to", digest)

    def previous(self, to: str | None = None) -> str:
        return self._change("switch", *(["--to", to] if to is not None else []))

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.store if self.store.exists() else "/").free

    def _change(self, *arguments: str) -> str:
        done = _run([*self.program, "bundle", *arguments, "--json"])
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["it says nothing"]
            raise BundleError(lines[-1].removeprefix("reconocias: error: "))
        sys.stderr.write(done.stderr)  # warnings, for the journal
        digest: str = json.loads(done.stdout)["digest"]
        return digest


def _run(
    command: Sequence[str], timeout_s: float | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
