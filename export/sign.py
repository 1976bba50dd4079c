"""Signing a bundle's manifest with an SSH key (`ssh-keygen -Y sign`)."""

import shutil
import subprocess
from pathlib import Path

from edge_app.bundle.loader import MANIFEST_FILE
from edge_app.bundle.signature import NAMESPACE, SIGNATURE_FILE


class SigningError(ValueError):
    """The key, or ssh-keygen, cannot sign."""


def sign(folder: Path, key: Path) -> None:
    """Write ``manifest.json.sig`` beside the manifest. An Ed25519 key signs the same every time.

    key: a private key, or the public half of one that the SSH agent holds. Raises SigningError.
    """
    check_key(key)
    signature = folder / SIGNATURE_FILE
    signature.unlink(missing_ok=True)
    command = ["ssh-keygen", "-Y", "sign", "-f", str(key), "-n", NAMESPACE]
    command.append(str(folder / MANIFEST_FILE))
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0 or not signature.is_file():
        raise SigningError(f"{key}: cannot sign ({done.stderr.strip()})")


def check_key(key: Path) -> None:
    """Raises SigningError where there is no such key, or nothing to sign with."""
    if shutil.which("ssh-keygen") is None:
        raise SigningError("ssh-keygen is not installed; apt-get install openssh-client")
    if not key.is_file():
        raise SigningError(f"{key}: expected an SSH key, found none; make one with ssh-keygen")
