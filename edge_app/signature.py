"""Who signed a bundle: SSH signatures, checked by OpenSSH's own `ssh-keygen -Y verify`."""

import shutil
import subprocess
from pathlib import Path

from edge_app.errors import BundleError, RuntimeMissingError

SIGNATURE_FILE = "manifest.json.sig"
NAMESPACE = "reconocias-bundle"
"""Keeps a signature for another purpose from passing for one on a bundle."""

_TIMEOUT_S = 20


def verify_signature(manifest: Path, signature: Path, allowed_signers: Path) -> str:
    """Name of the allowed signer who signed the manifest.

    allowed_signers: OpenSSH's format, ``NAME namespaces="reconocias-bundle" KEYTYPE KEY``. Raises
    BundleError for no signature, an unknown signer or a signature on something else, and
    RuntimeMissingError without ssh-keygen.
    """
    if shutil.which("ssh-keygen") is None:
        raise RuntimeMissingError("ssh-keygen is not installed; apt-get install openssh-client")
    if not allowed_signers.is_file():
        raise BundleError(f"{allowed_signers}: expected the file of allowed signers, found none")
    if signature.is_symlink() or not signature.is_file():
        raise BundleError(f"{manifest.parent}: expected {SIGNATURE_FILE}, found none; sign it")
    found = _ssh_keygen("find-principals", allowed_signers, signature)
    names = found.stdout.split("\n")[0].strip()
    if found.returncode != 0 or not names:
        raise BundleError(
            f"{signature}: expected a signer that {allowed_signers} lists, found another; "
            "refuse the bundle, or add its signer"
        )
    checked = _ssh_keygen(
        "verify", allowed_signers, signature, "-I", names, stdin=manifest.read_bytes()
    )
    if checked.returncode != 0:
        raise BundleError(f"{signature}: is no signature of {names} on this manifest; refuse it")
    return names


def _ssh_keygen(
    action: str, allowed_signers: Path, signature: Path, *more: str, stdin: bytes = b""
) -> "subprocess.CompletedProcess[str]":
    command = ["ssh-keygen", "-Y", action, "-f", str(allowed_signers), "-n", NAMESPACE]
    done = subprocess.run(
        [*command, "-s", str(signature), *more],
        input=stdin,
        capture_output=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(errors="replace"), ""
    )
