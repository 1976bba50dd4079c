"""Reading a bundle: a folder of model files under one manifest."""

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from edge_app.errors import BundleError, InputMissingError
from edge_app.manifest import SCHEMA_VERSION, FileEntry, Manifest
from edge_app.signature import SIGNATURE_FILE

MANIFEST_FILE = "manifest.json"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files were found whole."""

    folder: Path
    manifest: Manifest

    def path(self, name: str) -> Path:
        """Where a file that the manifest lists lies."""
        if name not in self.manifest.files:
            raise BundleError(
                f"{self.folder}: the manifest names {name} but does not list its hash"
            )
        return self.folder / name


def default_bundle_folder() -> Path:
    """The bundle inside the installed package, or the one of the source tree beside it."""
    installed = Path(str(resources.files("edge_app"))) / "default_bundle"
    if installed.is_dir():
        return installed
    return Path(__file__).parents[1] / "models" / "emotions-fer7"


def load(folder: Path | None = None) -> Bundle:
    """Read a bundle, without a folder the one that came with the package.

    Reads the manifest and compares every file's size and SHA-256 with it.

    Raises InputMissingError for a missing folder or manifest, BundleError for a manifest that
    does not fit the schema, a file that is missing, damaged or not listed, or a path that leads
    out of the folder.
    """
    folder = folder or default_bundle_folder()
    manifest = read_manifest(folder)
    for name, entry in manifest.files.items():
        _check_file(folder, name, entry)
    present = {str(found.relative_to(folder)) for found in folder.rglob("*") if not found.is_dir()}
    extra = present - set(manifest.files) - {MANIFEST_FILE, SIGNATURE_FILE}
    if extra:
        raise BundleError(
            f"{folder}: expected only the files that the manifest lists, "
            f"found also {', '.join(sorted(extra))}; take them away or copy the bundle again"
        )
    return Bundle(folder, manifest)


def read_manifest(folder: Path) -> Manifest:
    """The manifest alone, without a look at the files. Raises as ``load`` does."""
    path = folder / MANIFEST_FILE
    if not path.is_file():
        raise InputMissingError(f"{folder}: expected a bundle, found no {MANIFEST_FILE} in it")
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BundleError(
            f"{path}: expected a manifest of schema {SCHEMA_VERSION}, "
            f"found at {where}: {first['msg']}; update reconocias or copy the bundle again"
        ) from error


def _check_file(folder: Path, name: str, entry: FileEntry) -> None:
    if Path(name).name != name or name in {"", ".", ".."}:
        raise BundleError(f"{folder}: expected plain file names in the manifest, found {name!r}")
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise BundleError(f"{folder}: {name} is missing or is no file; copy the bundle again")
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
