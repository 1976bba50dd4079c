"""The bundles that a device keeps, and the link to the one in use.

    ROOT/bundles/<digest>/          a verified bundle; the digest is its manifest's SHA-256
    ROOT/installed/<digest>.json    when it came, who signed it, how fast each model file is here
    ROOT/history                    digests in the order they were put to use, one a line
    ROOT/current -> bundles/<digest>
    ROOT/rollback/                  of a kiosk that takes an older one while it runs

Every step is one rename, and each is on the disk before the next: at any moment ``current`` leads
to a whole bundle, or, before the first install, does not exist. Names that begin with a dot are
work in progress, and are swept up by the next change.
"""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge_app.bundle import loader
from edge_app.bundle.loader import MANIFEST_FILE, Bundle, file_sha256
from edge_app.bundle.signature import SIGNATURE_FILE
from edge_app.core.atomic import replace_text, sync
from edge_app.core.errors import BundleError, OutputError, ReconociasError
from edge_app.storage.state import state_folder
from edge_app.updates.verify import Verified, check_origin, verify
from edge_app.vision.parts import load_bundle

_log = logging.getLogger(__name__)

ROLLBACK = "rollback"
"""Folder below the root with the ``rollback.Journal`` of a kiosk that goes back by itself."""

KEPT = 3
"""Bundles that stay on the device: the one in use and those before it."""


class _Record(BaseModel):
    """What an installation learned that the bundle does not say itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    installed_at: str
    signer: str | None
    milliseconds: dict[str, float]
    """Of each model file that runs here, for one input on one thread; fastest first."""
    failed: tuple[str, ...] = ()
    """Model files that gave other answers here than they should."""


@dataclass(frozen=True)
class Installed:
    """A bundle on the device.

    installed_at: ISO 8601, UTC. signer: None where it was taken without a look at its signature.
    milliseconds: for one input, of each model file that runs here, as measured by the installation,
    the fastest first; of each network's files the first is used. failed: model files that gave
    other answers here than they should, and are left out.
    """

    digest: str
    name: str
    version: str
    installed_at: str
    signer: str | None
    milliseconds: dict[str, float]
    failed: tuple[str, ...]
    current: bool


def default_store_folder() -> Path:
    """Where bundles are kept unless somebody says otherwise."""
    return state_folder() / "bundles"


def bundle_in_use(folder: Path | None) -> Bundle:
    """The bundle of a folder; without one, the installed one, else the one in the package.

    Raises what ``load_bundle`` raises.
    """
    if folder is not None:
        return load_bundle(folder)
    return BundleStore(default_store_folder()).load_current() or load_bundle()


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
        return self._current.resolve() if self._current.is_symlink() else None

    def load_current(self) -> Bundle | None:
        """The bundle in use, its models ranked as measured here; None before the first install.

        Raises BundleError where it is damaged or of another schema.
        """
        folder = self.current()
        if folder is None:
            return None
        try:
            bundle = load_bundle(folder)
        except ReconociasError as error:
            raise BundleError(
                f"the bundle in use cannot be used: {error}; install another, "
                "or go back to the one before with: reconocias bundle rollback"
            ) from error
        record = self._read_record(folder.name)
        if record is None:
            return bundle
        return replace(bundle, measured=tuple(record.milliseconds), failed=record.failed)

    def installed(self) -> list[Installed]:
        """What is installed, the latest put to use first."""
        return [self._describe(digest) for digest in reversed(self._order())]

    def install(self, source: Path, allowed_signers: Path | None) -> Installed:
        """Verify a bundle, copy it, verify the copy, and put it to use.

        Raises what ``verify`` raises, and OutputError where there is no room; the bundle in use
        stays in use then. Old bundles that cannot be taken away are logged, and raise nothing: the
        new one is in use by then.
        """
        source = source.resolve()
        trusted, _ = check_origin(source, allowed_signers)
        with self._changing():
            incoming = self._bundles / f".incoming-{os.getpid()}"
            _copy(trusted, incoming)
            verified = verify(incoming, allowed_signers)
            digest = file_sha256(incoming / MANIFEST_FILE)
            self._keep(incoming, digest)
            self._write_record(digest, verified)
            self._activate(digest)
            self._prune()
            return self._describe(digest)

    def rollback(self, to: str | None = None) -> Installed:
        """Put the bundle before the current one to use, or the one whose digest begins with ``to``.

        Raises BundleError where there is none or several, or where it is damaged.
        """
        with self._changing():
            digest = self._known(to) if to is not None else self._before()
            load_bundle(self._bundles / digest)
            self._point_at(digest)
            return self._describe(digest)

    def _known(self, beginning: str) -> str:
        found = [digest for digest in self._order() if beginning and digest.startswith(beginning)]
        if len(found) != 1:
            meant = f"that of {len(found)} bundles" if found else f"'{beginning}'"
            raise BundleError(
                f"{self.root}: expected the digest of an installed bundle, or enough of its "
                f"beginning to tell it from others, found {meant}; see reconocias bundle list"
            )
        return found[0]

    def _before(self) -> str:
        order, current = self._order(), self.current()
        before = order[: order.index(current.name)] if current and current.name in order else []
        if not before:
            raise BundleError(f"{self.root}: expected an earlier bundle, found none")
        return before[-1]

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock, turn refusals of the system into OutputError, and sweep up remains."""
        try:
            for folder in (self._bundles, self._records):
                folder.mkdir(parents=True, exist_ok=True)
            with (self.root / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._sweep()
                try:
                    yield
                finally:
                    self._sweep()
        except ReconociasError:
            raise
        except (OSError, shutil.Error) as error:
            raise OutputError(
                f"{self.root}: cannot be written ({error}); the bundle in use stays in use"
            ) from error

    def _sweep(self) -> None:
        for remains in self._bundles.glob(".*"):
            shutil.rmtree(remains, ignore_errors=True)

    def _keep(self, incoming: Path, digest: str) -> None:
        """Give the copy its name; one of the same name that is damaged makes room."""
        final = self._bundles / digest
        if final.exists():
            try:
                loader.load(final)
            except ReconociasError:
                self._discard(final)
            else:
                if (incoming / SIGNATURE_FILE).exists():  # it may have come without one before
                    (incoming / SIGNATURE_FILE).replace(final / SIGNATURE_FILE)
                    sync(final)
                return
        incoming.rename(final)
        sync(self._bundles)

    def _discard(self, folder: Path) -> None:
        """Take a bundle away in one step, so that no half of it is ever found under its name."""
        remains = folder.with_name(f".discarded-{folder.name}")
        folder.rename(remains)
        shutil.rmtree(remains, ignore_errors=True)

    def _write_record(self, digest: str, verified: Verified) -> None:
        manifest = verified.bundle.manifest
        record = _Record(
            name=manifest.name,
            version=manifest.version,
            installed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            signer=verified.signer,
            milliseconds={
                replay.model.file: round(replay.milliseconds, 3)
                for replay in verified.replays
                if replay.passes
            },
            failed=verified.bundle.failed,
        )
        replace_text(self._record_path(digest), record.model_dump_json(indent=2) + "\n")

    def _activate(self, digest: str) -> None:
        """Note the order first: a cut between the two leaves the old one current and known."""
        order = [other for other in self._order() if other != digest]
        current = self.current()
        if current is not None and current.name in order:  # the way back leads to it
            order.remove(current.name)
            order.append(current.name)
        self._write_order([*order, digest])
        self._point_at(digest)

    def _point_at(self, digest: str) -> None:
        link = self.root / ".current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("bundles") / digest)
        link.replace(self._current)
        sync(self.root)

    def _prune(self) -> None:
        """Take the oldest bundles away; what refuses to go is tried again by the next install."""
        try:
            self._forget_oldest()
        except OSError as error:
            _log.warning("%s: old bundles cannot be taken away (%s)", self.root, error)

    def _forget_oldest(self) -> None:
        """Forget them first, and take them away then."""
        kept = self._order()[-KEPT:]
        self._write_order(kept)
        for folder in self._bundles.iterdir():
            if folder.name not in kept:
                self._discard(folder)
        for record in self._records.iterdir():
            if record.stem not in kept:
                record.unlink()

    def _order(self) -> list[str]:
        """Digests that are there, oldest use first."""
        if not self._history.exists():
            return []
        digests = self._history.read_text(encoding="ascii").split()
        return [digest for digest in digests if (self._bundles / digest).is_dir()]

    def _write_order(self, digests: list[str]) -> None:
        replace_text(self._history, "".join(f"{digest}\n" for digest in digests))

    def _record_path(self, digest: str) -> Path:
        return self._records / f"{digest}.json"

    def _read_record(self, digest: str) -> _Record | None:
        try:
            return _Record.model_validate_json(self._record_path(digest).read_bytes())
        except (OSError, ValidationError):
            return None

    def _describe(self, digest: str) -> Installed:
        """Of the record alone, so that a damaged bundle can still be listed and replaced."""
        current = self.current()
        record = self._read_record(digest) or _Record(
            name="unknown", version="unknown", installed_at="unknown", signer=None, milliseconds={}
        )
        return Installed(
            digest=digest,
            current=current is not None and current.name == digest,
            **record.model_dump(),
        )


@dataclass(frozen=True)
class StoreBundles:
    """The bundles of a store, for ``rollback.Rollback`` in the process that may change them."""

    store: BundleStore

    def current(self) -> str | None:
        folder = self.store.current()
        return folder.name if folder else None

    def use(self, digest: str) -> None:
        self.store.rollback(digest)

    def previous(self, to: str | None = None) -> str:
        return self.store.rollback(to).digest


def _copy(bundle: Bundle, target: Path) -> None:
    """The files that belong to a bundle, nothing else, readable for the service."""
    target.mkdir()
    for name in (*bundle.manifest.files, MANIFEST_FILE, SIGNATURE_FILE):
        source = bundle.folder / name
        if name != SIGNATURE_FILE or source.exists():
            shutil.copyfile(source, target / name, follow_symlinks=False)
            sync(target / name)
    sync(target)
