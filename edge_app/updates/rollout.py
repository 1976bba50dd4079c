"""Taking a new bundle on a running device: install, restart, watch, commit or go back.

Runs as root beside the service, never inside of it, so that a bundle that breaks the service does
not break the way back. What is under way stands in a file: whoever is killed half-way, or loses
power, is finished by ``finish`` at the next start.
"""

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from edge_app.bundle.loader import MANIFEST_FILE, file_sha256
from edge_app.core.atomic import replace_text
from edge_app.core.errors import BundleError, ReconociasError, RolloutError
from edge_app.updates.report import Report

Result = Literal["committed", "unchanged", "refused", "rolled back", "busy", "unhealthy", "broken"]
"""busy: somebody is being enrolled, or another bundle is being taken. unhealthy: before this one
came. broken: neither the new nor the old one serves."""

_LOOK_EVERY_S = 0.1
_RETURN_S = 90.0
"""Patience with the bundle before, at least: to give up on it would help nobody."""
_HANDOVER_S = 30.0
"""Until somebody goes on with what one who was killed had begun (reconocias-finish.service)."""
_SPACE = 3
"""Times its size that a bundle needs: sent, copied, and as much left over for the people."""


@dataclass(frozen=True)
class Outcome:
    """How it went. digest: of the bundle in use afterwards. tried: of the one that was to be.

    down_s: seconds from the restart until the first live frame of whatever serves now; None
    where the service was not restarted.
    """

    result: Result
    reason: str
    digest: str | None
    down_s: float | None = None
    tried: str | None = None

    @property
    def ok(self) -> bool:
        return self.result in ("committed", "unchanged")


@dataclass(frozen=True)
class ServiceState:
    """As systemd sees it. restarts: how often it was restarted by itself since it was started."""

    active: bool
    pid: int
    restarts: int
    detail: str


class Service(Protocol):
    """The kiosk's service."""

    def restart(self) -> None:
        """Raises RolloutError where it does not become ready."""

    def state(self) -> ServiceState: ...

    def report(self) -> Report | None:
        """What the service publishes about itself."""


class Bundles(Protocol):
    """The installed bundles, each known by its digest. What changes them raises BundleError."""

    def current(self) -> str | None: ...

    def install(self, folder: Path) -> str:
        """Verify a bundle and put it to use."""

    def use(self, digest: str) -> None:
        """Put an installed one to use."""

    def previous(self) -> str:
        """Put the one before to use."""

    def free_bytes(self) -> int:
        """Room on the disk that they are on."""


@dataclass(frozen=True)
class Gate:
    """When a service counts as healthy. frames: live ones, processed by one process."""

    frames: int = 30
    patience_s: float = 60.0


class Rollout:
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
        self._pending = folder / "pending.json"
        self._folder = folder
        self._outcome = folder / "outcome.json"
        self._service = service
        self._bundles = bundles
        self._gate = gate
        self._clock = clock
        self._sleep = sleep

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
            with self._alone(wait=True):
                if not self._pending.exists():
                    return self._noted()
            self._sleep(_LOOK_EVERY_S)
        raise RolloutError("it was interrupted, and nobody finishes it; reconocias rollout finish")

    def check(self, needed_bytes: int = 0) -> Outcome | None:
        """Why a bundle of that size cannot be taken now; None if it can. Changes nothing."""
        try:
            with self._alone():
                return self._refusal(needed_bytes)
        except RolloutError as error:
            return Outcome("busy", str(error), self._bundles.current())

    def take(self, incoming: Path) -> Outcome:
        """Verify and install a bundle, and keep it if the service is healthy with it.

        Raises RolloutError where another one is under way.
        """
        manifest = incoming / MANIFEST_FILE
        tried = file_sha256(manifest) if manifest.is_file() else None
        with self._alone():
            self._finish()
            refusal = self._refusal(0)
            if refusal is not None:
                return self._note(refusal, tried)
            return self._change(tried, lambda: self._bundles.install(incoming))

    def back(self) -> Outcome:
        """Go back to the bundle before the current one, healthy as that is or not.

        Raises RolloutError where another one is under way.
        """
        with self._alone():
            self._finish()
            return self._change(None, self._bundles.previous)

    def finish(self) -> Outcome | None:
        """Prove or undo what was under way when somebody was killed; None if nothing was."""
        with self._alone():
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

    def _finish(self) -> Outcome | None:
        if not self._pending.exists():
            return None
        begun = json.loads(self._pending.read_text())
        outcome = self._prove(self._bundles.current(), begun["before"])
        return self._note(outcome, begun["tried"])

    def _change(self, tried: str | None, change: Callable[[], str]) -> Outcome:
        """Change the bundle in use; what was before stands on the disk before that begins."""
        before = self._bundles.current()
        replace_text(self._pending, json.dumps({"tried": tried, "before": before}) + "\n")
        try:
            digest = change()
        except ReconociasError as error:
            self._put_back(before)
            return self._note(Outcome("refused", str(error), before), tried)
        return self._note(self._prove(digest, before), tried or digest)

    def _put_back(self, before: str | None) -> None:
        """A change may fail after it has come into effect: whoever made it is killed then."""
        if before is not None and self._bundles.current() != before:
            self._bundles.use(before)

    def _prove(self, digest: str | None, before: str | None) -> Outcome:
        """Keep the bundle that is installed, or return to the one before."""
        if digest == before and self._ailment(self._service.state(), digest, 1) is None:
            return Outcome("unchanged", "in use already", digest)
        reason, down_s = self._restart(digest, self._gate.patience_s)
        if reason is None:
            return Outcome("committed", "healthy", digest, down_s)
        return self._undo(reason, before)

    def _undo(self, reason: str, before: str | None) -> Outcome:
        if before is None:
            return Outcome("broken", f"{reason}; there is no bundle before", None)
        try:
            self._bundles.use(before)
        except BundleError as error:
            return Outcome("broken", f"{reason}; no way back: {error}", None)
        again, down_s = self._restart(before, max(self._gate.patience_s, _RETURN_S))
        if again is not None:
            return Outcome("broken", f"{reason}; and with the bundle before: {again}", before)
        return Outcome("rolled back", reason, before, down_s)

    def _restart(self, digest: str | None, patience_s: float) -> tuple[str | None, float | None]:
        """Why the service is not healthy with a bundle, or None; and how long it was down."""
        started = self._clock()
        try:
            self._service.restart()
        except RolloutError as error:
            return str(error), None
        return self._wait(digest, started, patience_s)

    def _wait(
        self, digest: str | None, started: float, patience_s: float
    ) -> tuple[str | None, float | None]:
        down_s: float | None = None
        while True:
            state = self._service.state()
            if down_s is None and self._ailment(state, digest, 1) is None:
                down_s = self._clock() - started
            reason = self._ailment(state, digest, self._gate.frames)
            if state.restarts:
                return f"it crashed or hung, and systemd restarted it ({state.detail})", down_s
            if reason is None:
                return None, down_s
            if self._clock() - started > patience_s:
                return f"not healthy after {patience_s:.0f} s: {reason}", down_s
            self._sleep(_LOOK_EVERY_S)

    def _ailment(self, state: ServiceState, digest: str | None, frames: int) -> str | None:
        """What is missing to a healthy service with that bundle (None: any)."""
        if not state.active:
            return f"the service is not active ({state.detail})"
        report = self._service.report()
        if report is None or report.pid != state.pid:
            return "the service has published no report yet"
        if digest is not None and report.bundle != digest:
            return f"it serves another bundle ({report.bundle[:12]})"
        if not report.live:
            return report.status
        if report.healthy_frames < frames:
            return f"expected {frames} healthy frames, found {report.healthy_frames}"
        return None

    @contextmanager
    def _alone(self, *, wait: bool = False) -> Iterator[None]:
        """Raises RolloutError while another one is under way, unless it is to be waited for."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise RolloutError("another bundle is being taken; wait for it") from None
            yield

    def _noted(self) -> Outcome | None:
        if not self._outcome.exists():
            return None
        return Outcome(**json.loads(self._outcome.read_text()))

    def _note(self, outcome: Outcome, tried: str | None) -> Outcome:
        """Write down how it went; then nothing is under way any more."""
        noted = replace(outcome, tried=tried)
        replace_text(self._outcome, json.dumps(asdict(noted)) + "\n")
        self._pending.unlink(missing_ok=True)
        return noted
