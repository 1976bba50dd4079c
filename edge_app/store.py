"""The bundles that a device keeps, and the link to the one in use.

    ROOT/bundles/<digest>/          a verified bundle; the digest is its manifest's SHA-256
    ROOT/installed/<digest>.json    when it came, who signed it, which model file is fastest here
    ROOT/history                    digests in the order they were put to use, one a line
    ROOT/current -> bundles/<digest>

Every step is one rename, and each is on the disk before the next: at any moment ``current`` leads
to a whole bundle, or, before the first install, does not exist.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_app import bundle as bundles
from edge_app.bundle import MANIFEST_FILE, file_sha256
from edge_app.errors import BundleError, OutputError
from edge_app.verify import Verified, verify

KEPT = 3
"""Bundles that stay on the device: the one in use and those before it."""


@dataclass(frozen=True)
class Installed:
    """A bundle on the device. model: the file that was fastest when it was installed."""

    digest: str
    name: str
    version: str
    installed_at: str
    signer: str | None
    model: str
    current: bool


class BundleStore:
    """The bundles below a folder. Methods that change it hold a lock against each other."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._bundles = root / "bundles"
        self._records = root / "installed"
        self._history = root / "history"
        self._current = root / "current"

    def current(self) -> Path | None:
        """Folder of the bundle in use, or None before the first install."""
        return self._current.resolve() if self._current.exists() else None

    def current_model(self) -> str | None:
        """The model file that was measured to be the fastest on this device."""
        folder = self.current()
        return self._record(folder.name).get("model") if folder else None

    def installed(self) -> list[Installed]:
        """What is installed, the latest put to use first."""
        current = self.current()
        return [
            self._installed(digest, current is not None and current.name == digest)
            for digest in reversed(self._order())
        ]

    def install(self, source: Path, allowed_signers: Path | None) -> Installed:
        """Verify a bundle, copy it, verify the copy, and put it to use.

        Raises what ``verify`` raises, and OutputError where there is no room; the bundle in use
        stays in use then.
        """
        with self._changing():
            verify(source, allowed_signers)
            incoming = self._bundles / f".incoming-{os.getpid()}"
            try:
                shutil.copytree(source, incoming, symlinks=True)
                verified = verify(incoming, allowed_signers)
                digest = file_sha256(incoming / MANIFEST_FILE)
                _sync_tree(incoming)
                self._keep(incoming, digest)
            finally:
                shutil.rmtree(incoming, ignore_errors=True)
            self._write_record(digest, verified)
            self._activate(digest)
            self._prune()
        return self._installed(digest, True)

    def rollback(self) -> Installed:
        """Put the bundle before the current one to use. Raises BundleError where there is none."""
        with self._changing():
            order = self._order()
            folder = self.current()
            before = order[: order.index(folder.name)] if folder and folder.name in order else []
            if not before:
                raise BundleError(f"{self.root}: expected an earlier bundle, found none")
            bundles.load(self._bundles / before[-1])
            self._point_at(before[-1])
        return self._installed(before[-1], True)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock, turn refusals of the system into OutputError, and sweep up old remains."""
        try:
            for folder in (self._bundles, self._records):
                folder.mkdir(parents=True, exist_ok=True)
            with (self.root / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                for remains in self._bundles.glob(".incoming-*"):
                    shutil.rmtree(remains, ignore_errors=True)
                yield
        except (OutputError, BundleError):
            raise
        except (OSError, shutil.Error) as error:
            raise OutputError(
                f"{self.root}: cannot be written ({error}); nothing changed"
            ) from error

    def _keep(self, incoming: Path, digest: str) -> None:
        """Give the copy its name; one of the same name that is damaged makes room."""
        final = self._bundles / digest
        if final.exists():
            try:
                bundles.load(final)
                return
            except BundleError:
                final.rename(self._bundles / f".incoming-damaged-{os.getpid()}")
        incoming.rename(final)
        _sync(self._bundles)

    def _write_record(self, digest: str, verified: Verified) -> None:
        manifest = verified.bundle.manifest
        record = {
            "name": manifest.name,
            "version": manifest.version,
            "installed_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "signer": verified.signer,
            "model": verified.fastest.file,
            "milliseconds": {replay.model.file: replay.milliseconds for replay in verified.replays},
        }
        _replace_text(self._records / f"{digest}.json", json.dumps(record, indent=2) + "\n")

    def _activate(self, digest: str) -> None:
        """Note the order first: a cut between the two leaves the old one current and known."""
        order = [other for other in self._order() if other != digest]
        current = self.current()
        if current is not None and current.name in order:  # what was rolled back from goes last
            order.remove(current.name)
            order.append(current.name)
        _replace_text(self._history, "".join(f"{name}\n" for name in [*order, digest]))
        self._point_at(digest)

    def _point_at(self, digest: str) -> None:
        link = self.root / ".current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("bundles") / digest)
        link.replace(self._current)
        _sync(self.root)

    def _prune(self) -> None:
        current = self.current()
        kept = set(self._order()[-KEPT:]) | ({current.name} if current else set())
        for folder in self._bundles.iterdir():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
                (self._records / f"{folder.name}.json").unlink(missing_ok=True)
        remaining = [digest for digest in self._order() if digest in kept]
        _replace_text(self._history, "".join(f"{name}\n" for name in remaining))

    def _order(self) -> list[str]:
        """Digests that are there, oldest use first."""
        if not self._history.exists():
            return []
        digests = self._history.read_text(encoding="ascii").split()
        return [digest for digest in digests if (self._bundles / digest).is_dir()]

    def _record(self, digest: str) -> dict[str, Any]:
        path = self._records / f"{digest}.json"
        try:
            record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return record

    def _installed(self, digest: str, current: bool) -> Installed:
        record = self._record(digest)
        manifest = bundles.read_manifest(self._bundles / digest)
        return Installed(
            digest,
            manifest.name,
            manifest.version,
            record.get("installed_at", "unknown"),
            record.get("signer"),
            record.get("model", manifest.emotion.models[0].file),
            current,
        )


def _replace_text(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    """Have a file's or folder's content on the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
