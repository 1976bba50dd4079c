"""Taking a new bundle on a running device: install, restart, watch, commit or go back.

Runs as root beside the service, never inside of it, so that a bundle that breaks the service does
not break the way back. What is under way stands in a file: whoever is killed half-way, or loses
power, is finished by ``finish`` at the next start.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from edge_app.bundle.loader import MANIFEST_FILE, file_sha256
from edge_app.core.errors import RolloutError
from edge_app.updates.rollback import Gate, Journal, Kept, Outcome, Rollback, Service

_LOOK_EVERY_S = 0.1
_HANDOVER_S = 30.0
"""Until somebody goes on with what one who was killed had begun (reconocias-finish.service)."""
_SPACE = 3
"""Times its size that a bundle needs: sent, copied, and as much left over for the people."""


class Bundles(Kept, Protocol):
    """Bundles to which new ones come."""

    def install(self, folder: Path) -> str:
        """Verify a bundle and put it to use."""

    def free_bytes(self) -> int:
        """Room on the disk that they are on."""


class Rollout(Rollback):
    """Bundles on one device.

    folder: root's own, for what is under way and how the last one went.
    """

    def __init__(
        self,
        folder: Path,
        service: Service,
        bundles: Bundles,
        gate: Gate,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(Journal(folder), service, bundles, gate, clock=clock, sleep=sleep)
        self._bundles = bundles

    def current(self) -> str | None:
        """Digest of the bundle in use."""
        return self._bundles.current()

    def ailment(self) -> str | None:
        """Why the service is not healthy with the bundle in use; None if it is."""
        return self._ailment(self._service.state(), self._bundles.current(), 1)

    def last(self) -> Outcome | None:
        """How the last one went; waits for the one that is under way, interrupted or not.

        Raises RolloutError where nobody goes on with an interrupted one.
        """
        deadline = self._clock() + _HANDOVER_S
        while self._clock() < deadline:
            with self._journal.alone(wait=True):
                if self._journal.begun() is None:
                    return self._journal.ended()
            self._sleep(_LOOK_EVERY_S)
        raise RolloutError("it was interrupted, and nobody finishes it; reconocias rollout finish")

    def check(self, needed_bytes: int = 0) -> Outcome | None:
        """Why a bundle of that size cannot be taken now; None if it can. Changes nothing."""
        try:
            with self._journal.alone():
                return self._refusal(needed_bytes)
        except RolloutError as error:
            return Outcome("busy", str(error), self._bundles.current())

    def take(self, incoming: Path) -> Outcome:
        """Verify and install a bundle, and keep it if the service is healthy with it.

        Raises RolloutError where another one is under way.
        """
        manifest = incoming / MANIFEST_FILE
        tried = file_sha256(manifest) if manifest.is_file() else None
        with self._journal.alone():
            self._finish()
            refusal = self._refusal(0)
            if refusal is not None:
                return self._journal.end(refusal, tried)
            return self._change(tried, lambda: self._bundles.install(incoming))

    def finish(self) -> Outcome | None:
        """Prove or undo what was under way when somebody was killed; None if nothing was."""
        with self._journal.alone():
            return self._finish()

    def _refusal(self, needed_bytes: int) -> Outcome | None:
        current = self._bundles.current()
        needed, free = _SPACE * needed_bytes, self._bundles.free_bytes()
        if free < needed:
            room = f"expected {needed / 1e6:.0f} MB of room, found {free / 1e6:.0f} MB"
            return Outcome("refused", room, current)
        report = self._service.report()
        if report is not None and report.enrolling:
            return Outcome("busy", "somebody is being enrolled; try again in a minute", current)
        reason = self.ailment()
        if reason is not None:
            return Outcome("unhealthy", f"before the bundle came: {reason}", current)
        return None
