"""Reading a bundle: a folder of model files under one manifest."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError

from edge_app.bundle.manifest import SCHEMA_VERSION, Manifest, ModelFile, NetworkSpec, Part
from edge_app.bundle.signature import SIGNATURE_FILE
from edge_app.core.errors import BundleError, InputMissingError

MANIFEST_FILE = "manifest.json"
_CHUNK = 1 << 20

S = TypeVar("S", bound=Part)


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files were found whole.

    measured: names of model files, fastest first, as this device measured them; empty where it has
    not. failed: names of model files that gave other answers on this device than they should.
    """

    folder: Path
    manifest: Manifest
    measured: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def models(self, network: NetworkSpec) -> tuple[ModelFile, ...]:
        """A network's files but those that failed here: the measured first, then as listed."""
        places = {name: place for place, name in enumerate(self.measured)}
        kept = [model for model in network.models if model.file not in self.failed]
        return tuple(sorted(kept, key=lambda model: places.get(model.file, len(places))))

    def path(self, name: str) -> Path:
        """Where a file that the manifest lists lies."""
        if name not in self.manifest.files:
            raise BundleError(
                f"{self.folder}: the manifest names {name} but does not list its hash"
            )
        return self.folder / name


def digest(bundle: Bundle) -> str:
    """What a device knows a bundle by: the SHA-256 of its manifest, which lists its files'."""
    return file_sha256(bundle.folder / MANIFEST_FILE)


def default_bundle_folder() -> Path:
    """The bundle inside the installed package, or the one of the source tree beside it."""
    installed = Path(str(resources.files("edge_app"))) / "default_bundle"
    if installed.is_dir():
        return installed
    return Path(__file__).parents[2] / "models" / "emotions-fer7"


def load(folder: Path | None = None) -> Bundle:
    """Read a bundle, without a folder the one that came with the package.

    Reads the manifest and compares every file's size and SHA-256 with it.

    Raises InputMissingError for a missing folder or manifest, BundleError for a manifest that
    does not fit the schema, a file that is missing, damaged or not listed, a link, a sub-folder or
    anything else that is no regular file.
    """
    folder = folder or default_bundle_folder()
    try:
        manifest = read_manifest(folder)
        _check_listing(folder, manifest)
        for name in manifest.files:
            _check_file(folder, name, manifest)
    except OSError as error:
        if isinstance(error, InputMissingError):
            raise
        raise BundleError(f"{folder}: cannot be read ({error.strerror or error})") from error
    return Bundle(folder, manifest)


def read_manifest(folder: Path) -> Manifest:
    """The manifest alone, without a look at the files. Raises as ``load`` does."""
    path = folder / MANIFEST_FILE
    if path.is_symlink() or not path.is_file():
        raise InputMissingError(f"{folder}: expected a bundle, found no {MANIFEST_FILE} in it")
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        if first["loc"] == ("schema_version",) and first["type"] == "literal_error":
            raise BundleError(
                f"{path}: expected a manifest of schema {SCHEMA_VERSION}, found {first['input']}: "
                "it was made for another version of reconocias; install a bundle of this one"
            ) from error
        raise _misfit(path, error) from error


def read_parts(
    bundle: Bundle, role: Literal["detectors", "identifiers"], kinds: Mapping[str, type[S]]
) -> tuple[S, ...]:
    """The parts of a role, each read by the spec of its kind, in the manifest's order.

    kinds: the specs there are. Raises BundleError for another kind, and for what does not fit.
    """
    path = bundle.folder / MANIFEST_FILE
    parts: tuple[Part, ...] = getattr(bundle.manifest, role)
    specs = []
    for place, part in enumerate(parts):
        if part.kind not in kinds:
            raise BundleError(
                f"{path}: expected one of {', '.join(kinds)} at {role}.{place}.kind, found "
                f"{part.kind!r}; update reconocias or take another bundle"
            )
        try:
            specs.append(kinds[part.kind].model_validate(part.model_dump()))
        except ValidationError as error:
            raise _misfit(path, error, role, str(place)) from error
    return tuple(specs)


def _misfit(path: Path, error: ValidationError, *within: str) -> BundleError:
    first = error.errors()[0]
    where = ".".join(map(str, (*within, *first["loc"]))) or "the file"
    return BundleError(
        f"{path}: expected a manifest of schema {SCHEMA_VERSION}, "
        f"found at {where}: {first['msg']}; update reconocias or copy the bundle again"
    )


def _check_listing(folder: Path, manifest: Manifest) -> None:
    expected = {*manifest.files, MANIFEST_FILE, SIGNATURE_FILE}
    with os.scandir(folder) as entries:
        strange = sorted(
            entry.name
            for entry in entries
            if entry.name not in expected or not entry.is_file(follow_symlinks=False)
        )
    if strange:
        raise BundleError(
            f"{folder}: expected only the regular files that the manifest lists, "
            f"found also {', '.join(strange)}; take them away or copy the bundle again"
        )


def _check_file(folder: Path, name: str, manifest: Manifest) -> None:
    path, entry = folder / name, manifest.files[name]
    if not path.exists():
        raise BundleError(f"{folder}: {name} is missing; copy the bundle again")
    if path.stat().st_size != entry.size or file_sha256(path) != entry.sha256:
        raise BundleError(
            f"{path}: the content is not what the manifest's hash says; copy the bundle again"
        )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in lower-case hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
