"""Another bundle for a kiosk that runs: have it taken, watch, and keep it or go back.

The one way there is, for who comes with a new bundle (``rollout``) and for who returns to an older
one: root from outside of the service, and the kiosk's own page. They differ in the ``Service`` that
they hand over. See docs/decisions/0023 and 0044.
"""

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from edge_app.core.atomic import replace_text
from edge_app.core.errors import BundleError, ReconociasError, RolloutError
from edge_app.updates.report import Report

Result = Literal["committed", "unchanged", "refused", "rolled back", "busy", "unhealthy", "broken"]
"""busy: somebody is being enrolled, or another bundle is being taken. unhealthy: before this one
came. broken: neither the new nor the old one serves."""

_LOOK_EVERY_S = 0.1
_RETURN_S = 90.0
"""Patience with the bundle before, at least: to give up on it would help nobody."""


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

    def require(self) -> None:
        """Raises BundleError where it is not ok."""
        if not self.ok:
            what = "" if self.result == "refused" else f"{self.result}: "
            raise BundleError(what + self.reason)


@dataclass(frozen=True)
class ServiceState:
    """As whoever runs it sees it.

    restarts: how often it was restarted by itself since it was started; not 0 either where it ended
    and nobody restarts it.
    """

    active: bool
    pid: int
    restarts: int
    detail: str


class Service(Protocol):
    """The kiosk that has to take another bundle."""

    def restart(self) -> None:
        """Have it take the bundle in use. Raises RolloutError where it does not become ready."""

    def state(self) -> ServiceState: ...

    def report(self) -> Report | None:
        """What the service publishes about itself; frames count from ``restart`` on."""


class Kept(Protocol):
    """The installed bundles, each known by its digest. What changes them raises BundleError."""

    def current(self) -> str | None: ...

    def use(self, digest: str) -> None:
        """Put an installed one to use."""

    def previous(self, to: str | None = None) -> str:
        """Put the one before to use, or the one whose digest begins with ``to``."""


@dataclass(frozen=True)
class Gate:
    """When a service counts as healthy. frames: live ones, processed by one process."""

    frames: int = 30
    patience_s: float = 60.0


@dataclass(frozen=True)
class Begun:
    """What is under way. tried: digest, None where it is not known yet. before: to go back to."""

    tried: str | None
    before: str | None


class Journal:
    """What is under way and how the last one went, in a folder: whoever is killed left it there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pending = folder / "pending.json"
        self._outcome = folder / "outcome.json"

    @contextmanager
    def alone(self, *, wait: bool = False) -> Iterator[None]:
        """Raises RolloutError while another one is under way, unless it is to be waited for."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise RolloutError("another bundle is being taken; wait for it") from None
            yield

    def begin(self, begun: Begun) -> None:
        """It is on the disk before anything changes."""
        replace_text(self._pending, json.dumps(asdict(begun)) + "\n")

    def begun(self) -> Begun | None:
        return Begun(**json.loads(self._pending.read_text())) if self._pending.exists() else None

    def end(self, outcome: Outcome, tried: str | None) -> Outcome:
        """Write down how it went; then nothing is under way any more."""
        noted = replace(outcome, tried=tried)
        replace_text(self._outcome, json.dumps(asdict(noted)) + "\n")
        self._pending.unlink(missing_ok=True)
        return noted

    def ended(self) -> Outcome | None:
        """How the last one went."""
        if not self._outcome.exists():
            return None
        return Outcome(**json.loads(self._outcome.read_text()))


class Rollback:
    """The way back on one device. clock and sleep: in seconds."""

    def __init__(
        self,
        journal: Journal,
        service: Service,
        kept: Kept,
        gate: Gate,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._journal = journal
        self._service = service
        self._kept = kept
        self._gate = gate
        self._clock = clock
        self._sleep = sleep

    def back(self, to: str | None = None) -> Outcome:
        """Go back to the bundle before the current one, healthy as that is or not.

        to: digest of another one, or its beginning. Raises RolloutError where another one is
        under way.
        """
        with self._journal.alone():
            self._finish()
            return self._change(None, lambda: self._kept.previous(to))

    def _finish(self) -> Outcome | None:
        """Prove or undo what was under way when somebody was killed; None if nothing was."""
        begun = self._journal.begun()
        if begun is None:
            return None
        return self._journal.end(self._prove(self._kept.current(), begun.before), begun.tried)

    def _change(self, tried: str | None, change: Callable[[], str]) -> Outcome:
        """Change the bundle in use; what was before stands on the disk before that begins."""
        before = self._kept.current()
        self._journal.begin(Begun(tried, before))
        try:
            digest = change()
        except ReconociasError as error:
            self._put_back(before)
            return self._journal.end(Outcome("refused", str(error), before), tried)
        self._journal.begin(Begun(tried or digest, before))
        return self._journal.end(self._prove(digest, before), tried or digest)

    def _put_back(self, before: str | None) -> None:
        """A change may fail after it has come into effect: whoever made it is killed then."""
        if before is not None and self._kept.current() != before:
            self._kept.use(before)

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
            self._kept.use(before)
        except ReconociasError as error:
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
                return f"it crashed or hung ({state.detail})", down_s
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


def forward_again(journal: Journal, kept: Kept) -> Outcome | None:
    """Return to the newer bundle where a kiosk that took an older one by itself died of it.

    Called before that kiosk starts anew. None where nothing was under way, or somebody else has put
    another bundle to use since.
    """
    with journal.alone():
        begun = journal.begun()
        if begun is None:
            return None
        current = kept.current()
        if begun.before is None or current == begun.before or begun.tried not in (None, current):
            return journal.end(Outcome("unchanged", "not in use any more", current), begun.tried)
        kept.use(begun.before)
        ended = "the kiosk ended before it was proved"
        return journal.end(Outcome("rolled back", ended, begun.before), begun.tried)
