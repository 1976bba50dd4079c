"""Installs bundles in turn, kills the process on the way, and looks at what is left.

A program of its own, because it forks: nothing but the standard library's threads may run then.
Prints JSON: how many were killed, how many got through, and what was broken afterwards.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_app.bundle import loader
from edge_app.core.errors import ReconociasError
from edge_app.updates.store import BundleStore

_CHANGES = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.utime"}
"""Audit events (PEP 578) of what an installation does to the disk."""

_IN_TREES = {"os.remove", "os.rmdir"}
"""shutil.rmtree calls these with names relative to an open folder."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--allowed-signers", type=Path, required=True)
    parser.add_argument("--kills", type=int, required=True, help="At random moments.")
    parser.add_argument("--cut-every", type=int, required=True, help="Of an install's steps.")
    parser.add_argument("bundles", type=Path, nargs="+")
    options = parser.parse_args()
    trial = Trial(BundleStore(options.store), options.allowed_signers, options.bundles)
    trial.prepare()
    trial.kill_at_random(options.kills)
    trial.cut_at_steps(options.cut_every)
    trial.install(lambda: None)
    print(json.dumps({"killed": trial.killed, "finished": trial.finished, "broken": trial.broken}))


class Trial:
    """More bundles than a store keeps, installed round and round: each install also prunes."""

    def __init__(self, store: BundleStore, allowed_signers: Path, sources: list[Path]) -> None:
        self._store = store
        self._allowed_signers = allowed_signers
        self._sources = sources
        self._turn = 0
        self.killed, self.finished = 0, 0
        self.broken: list[str] = []

    def prepare(self) -> None:
        """Fill the store, and learn how long an install takes."""
        for _ in self._sources:
            started = time.monotonic()
            self.install(lambda: None)
            self._duration = time.monotonic() - started

    def kill_at_random(self, count: int) -> None:
        rng = random.Random(2013)
        for _ in range(count):
            self.install(lambda: None, kill_after_s=rng.uniform(0.0, self._duration))

    def cut_at_steps(self, every: int) -> None:
        """Die before the first step, the one ``every`` steps later, and so on to the last."""
        step = 1
        while self.install(lambda step=step: _die_before(step, self._store.root)):  # type: ignore[misc]
            step += every

    def install(self, prepare: Callable[[], None], kill_after_s: float | None = None) -> bool:
        """Install the next bundle in a child. Returns whether it was killed."""
        source = self._sources[self._turn % len(self._sources)]
        self._turn += 1
        before = self._in_use()
        child = os.fork()
        if child == 0:
            os._exit(self._run(source, prepare))
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        killed = status == -signal.SIGKILL
        self.killed += killed
        self.finished += status == 0
        if status not in (0, -signal.SIGKILL):
            self.broken.append(f"turn {self._turn}: the install ended with {status}")
        self._examine(source, before, finished=status == 0)
        return killed

    def _run(self, source: Path, prepare: Callable[[], None]) -> int:
        try:
            prepare()
            self._store.install(source, self._allowed_signers)
        except ReconociasError as error:
            print(error, file=sys.stderr)
            return 1
        return 0

    def _in_use(self) -> str | None:
        bundle = self._store.load_current()
        return bundle.manifest.version if bundle else None

    def _examine(self, source: Path, before: str | None, *, finished: bool) -> None:
        """The device must serve the old bundle or the new one, and be able to go back."""
        wanted = loader.read_manifest(source).version
        try:
            now = self._in_use()
            kept = self._store.installed()
            for installed in kept:
                loader.load(self._store.root / "bundles" / installed.digest)
        except ReconociasError as error:
            self.broken.append(f"turn {self._turn}: {error}")
            return
        if now not in ({wanted} if finished else {before, wanted}):
            self.broken.append(f"turn {self._turn}: expected {before} or {wanted}, found {now}")
        if now is not None and len(kept) < min(2, self._turn - self.killed):
            self.broken.append(f"turn {self._turn}: found no bundle to go back to")


def _die_before(step: int, root: Path) -> None:
    """Kill this process as its ``step``-th change below ``root`` is about to happen."""
    left = step

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event in _CHANGES and (str(arguments[0]).startswith(str(root)) or event in _IN_TREES):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


if __name__ == "__main__":
    main()
