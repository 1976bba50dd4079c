"""Bundles and keys for tests: copied, changed, signed."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_app.bundle.loader import MANIFEST_FILE, file_sha256
from edge_app.bundle.manifest import FileEntry
from edge_app.bundle.signature import SIGNATURE_FILE
from export.sign import sign
from tests.tools import require_tool

SIGNER = "somebody@example.org"


@dataclass(frozen=True)
class Signer:
    """A key and the file of allowed signers that has it."""

    key: Path
    allowed: Path


def make_signer(folder: Path, name: str = SIGNER) -> Signer:
    """A new Ed25519 key that may sign bundles."""
    keygen = require_tool("ssh-keygen", "openssh-client")
    key, allowed = folder / "key", folder / "allowed_signers"
    subprocess.run(
        [keygen, "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(key)], check=True
    )
    public = key.with_suffix(".pub").read_text().strip()
    allowed.write_text(f'{name} namespaces="reconocias-bundle" {public}\n')
    return Signer(key, allowed)


def file_entry(path: Path) -> FileEntry:
    """As the manifest describes a file."""
    return FileEntry(size=path.stat().st_size, sha256=file_sha256(path))


def edit_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest's JSON in place; hashes of files that are there are brought up to date.

    A signature that was there stays, and no longer fits.
    """
    path = folder / MANIFEST_FILE
    manifest = json.loads(path.read_text())
    for name in manifest["files"]:
        if (folder / name).is_file():
            manifest["files"][name] = file_entry(folder / name).model_dump()
    change(manifest)
    path.write_text(json.dumps(manifest, indent=2) + "\n")


def unsigned_copy(source: Path, target: Path, *, version: str) -> Path:
    """A copy of a bundle as another version."""
    shutil.copytree(source, target)
    (target / SIGNATURE_FILE).unlink(missing_ok=True)
    edit_manifest(target, lambda manifest: manifest.update(version=version))
    return target


def with_wrong_answers(source: Path, target: Path, *files: str) -> Path:
    """An unsigned copy of a bundle with golden answers that those model files do not give."""
    unsigned_copy(source, target, version="1.0.0")
    for path in target.glob("*.npz"):
        with np.load(path) as golden:
            arrays: dict[str, Any] = dict(golden)
        for name in arrays.keys() & set(files):
            arrays[name] = arrays[name][:, ::-1]
        np.savez(path, **arrays)
    edit_manifest(target, lambda manifest: None)
    return target


def signed_copy(source: Path, target: Path, key: Path, *, version: str | None = None) -> Path:
    """A copy of a bundle, perhaps as another version, signed."""
    shutil.copytree(source, target)
    (target / SIGNATURE_FILE).unlink(missing_ok=True)
    if version is not None:
        edit_manifest(target, lambda manifest: manifest.update(version=version))
    sign(target, key)
    return target
