"""What the running kiosk publishes about itself, for whoever replaces its bundle.

One small file in the folder that systemd gives the service in memory (RuntimeDirectory=), so that
it wears no SD card, is gone when the service is, and can be read without asking the service.
"""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

_log = logging.getLogger(__name__)

REPORT_FILE = "status.json"
_EVERY_S = 0.25


class Health(BaseModel):
    """How the kiosk is. No field says who is in front of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    healthy_frames: int
    """Live frames processed since the start."""
    live: bool
    """Whether the camera gives pictures."""
    enrolling: bool
    """Whether somebody is being enrolled; a restart would throw their samples away."""
    status: str
    """The line that ``systemctl status`` shows."""


class Report(Health):
    """Which process is so, and with which bundle."""

    pid: int
    bundle: str
    """Digest of the bundle in use: the SHA-256 of its manifest."""


class Reporter:
    """Writes the report of this process; called by the loop that processes frames, like Heartbeat.

    folder: None where nobody manages this process; nothing is written then. bundle: the digest of
    the one in use, which may change.
    """

    def __init__(
        self,
        folder: Path | None,
        bundle: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = folder / REPORT_FILE if folder else None
        self.bundle = bundle
        self._clock = clock
        self._due = -float("inf")

    def tell(self, health: Health) -> None:
        """After each processed frame; writes four times a second at most."""
        now = self._clock()
        if self._path is None or now < self._due:
            return
        self._due = now + _EVERY_S
        report = Report(pid=os.getpid(), bundle=self.bundle, **health.model_dump())
        draft = self._path.with_suffix(".new")
        try:
            draft.write_text(report.model_dump_json() + "\n", encoding="utf-8")
            draft.replace(self._path)
        except OSError as error:  # the kiosk goes on; whoever waits for the report gives up
            _log.warning("the report cannot be written: %s", error)


def runtime_folder() -> Path | None:
    """The folder in memory that systemd gives the service (systemd.exec(5)), or None."""
    given = os.environ.get("RUNTIME_DIRECTORY")
    return Path(given.split(":")[0]) if given else None


def read_report(folder: Path) -> Report | None:
    """The latest report in a folder, or None where there is none that can be read."""
    try:
        return Report.model_validate_json((folder / REPORT_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
