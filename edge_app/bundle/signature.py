"""Who signed a bundle: SSH signatures, checked by OpenSSH's own `ssh-keygen -Y verify`."""

import base64
import binascii
import shutil
import subprocess
import textwrap
from pathlib import Path

from edge_app.core.errors import BundleError, InputMissingError, RuntimeMissingError

SIGNATURE_FILE = "manifest.json.sig"
NAMESPACE = "reconocias-bundle"
"""Keeps a signature for another purpose from passing for one on a bundle."""

_TIMEOUT_S = 20
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----\n"
_COLUMNS = 70


def verify_signature(manifest: Path, signature: Path, allowed_signers: Path) -> str:
    """Name of the allowed signer who signed the manifest.

    allowed_signers: OpenSSH's format, ``NAME namespaces="reconocias-bundle" KEYTYPE KEY``. Raises
    BundleError for no signature, an unknown signer or a signature on something else,
    InputMissingError without the file of signers and RuntimeMissingError without ssh-keygen.
    """
    if shutil.which("ssh-keygen") is None:
        raise RuntimeMissingError("ssh-keygen is not installed; apt-get install openssh-client")
    if not allowed_signers.is_file():
        raise InputMissingError(
            f"{allowed_signers}: expected the file of allowed signers, found none; "
            "put the public keys of those who may sign there"
        )
    if signature.is_symlink() or not signature.is_file():
        raise BundleError(f"{manifest.parent}: expected {SIGNATURE_FILE}, found none; sign it")
    if not _is_canonical(signature.read_bytes()):
        raise BundleError(f"{signature}: expected an SSH signature, found none; refuse it")
    listed = _ssh_keygen("find-principals", allowed_signers, signature)
    if listed is None:
        raise BundleError(
            f"{signature}: expected a signer that {allowed_signers} lists, found another; "
            "refuse the bundle, or add its signer"
        )
    content = manifest.read_bytes()
    for name in listed.replace(",", "\n").split():
        verify = ("verify", allowed_signers, signature, "-n", NAMESPACE, "-I", name)
        if _ssh_keygen(*verify, stdin=content) is not None:
            return name
    raise BundleError(
        f"{signature}: is no signature on this manifest for {NAMESPACE} by "
        f"{', '.join(listed.split())}; refuse it"
    )


def _is_canonical(armored: bytes) -> bool:
    """Whether these are the bytes that ssh-keygen writes; it reads others for the same signature.

    (It skips white space and the bits that Base64 leaves over, so one flipped there would pass.)
    """
    try:
        text = armored.decode("ascii")
        content = text.removeprefix(_BEGIN).removesuffix(_END)
        blob = base64.b64decode(content.replace("\n", ""), validate=True)
    except (UnicodeDecodeError, binascii.Error):
        return False
    return text == _BEGIN + textwrap.fill(base64.b64encode(blob).decode(), _COLUMNS) + _END


def _ssh_keygen(
    action: str, allowed_signers: Path, signature: Path, *more: str, stdin: bytes = b""
) -> str | None:
    """What ``ssh-keygen -Y`` prints, or None where it refuses."""
    command = ["ssh-keygen", "-Y", action, "-f", str(allowed_signers), "-s", str(signature)]
    try:
        done = subprocess.run(
            [*command, *more], input=stdin, capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None
