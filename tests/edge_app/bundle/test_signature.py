import subprocess
from pathlib import Path

import pytest

from edge_app.bundle.loader import MANIFEST_FILE
from edge_app.bundle.signature import NAMESPACE, SIGNATURE_FILE, verify_signature
from edge_app.core.errors import BundleError, InputMissingError, RuntimeMissingError
from tests.bundles import SIGNER, Signer, make_signer


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / MANIFEST_FILE
    path.write_text("{}\n")
    return path


def sign(path: Path, key: Path, namespace: str = NAMESPACE) -> Path:
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", namespace, str(path)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return path.with_name(SIGNATURE_FILE)


def test_the_signer_is_named(manifest: Path, signer: Signer) -> None:
    assert verify_signature(manifest, sign(manifest, signer.key), signer.allowed) == SIGNER


def test_a_key_may_stand_for_several_names(manifest: Path, signer: Signer, tmp_path: Path) -> None:
    public = signer.key.with_suffix(".pub").read_text()
    allowed = tmp_path / "allowed"
    names = "ana@example.org,luis@example.org"
    allowed.write_text(f'{names} namespaces="{NAMESPACE}" {public}')

    signed_by = verify_signature(manifest, sign(manifest, signer.key), allowed)

    assert signed_by == "ana@example.org"


def test_an_unknown_signer_is_refused(manifest: Path, signer: Signer, tmp_path: Path) -> None:
    stranger = make_signer(tmp_path, "stranger@example.org")

    with pytest.raises(BundleError, match="expected a signer that"):
        verify_signature(manifest, sign(manifest, stranger.key), signer.allowed)


def test_another_manifest_is_refused(manifest: Path, signer: Signer) -> None:
    signature = sign(manifest, signer.key)
    manifest.write_text('{"a": 1}\n')

    with pytest.raises(BundleError, match="is no signature on this manifest"):
        verify_signature(manifest, signature, signer.allowed)


def test_a_signature_for_another_purpose_is_refused(manifest: Path, signer: Signer) -> None:
    with pytest.raises(BundleError, match="is no signature on this manifest"):
        verify_signature(manifest, sign(manifest, signer.key, "git"), signer.allowed)


def test_an_expired_signer_is_refused(manifest: Path, signer: Signer, tmp_path: Path) -> None:
    public = signer.key.with_suffix(".pub").read_text()
    allowed = tmp_path / "allowed"
    allowed.write_text(f'{SIGNER} namespaces="{NAMESPACE}",valid-before="20200101" {public}')

    with pytest.raises(BundleError, match=r"expected a signer|is no signature"):
        verify_signature(manifest, sign(manifest, signer.key), allowed)


def test_every_byte_of_the_signature_counts(manifest: Path, signer: Signer) -> None:
    """ssh-keygen itself reads white space and left-over bits of Base64 in more than one way."""
    signature = sign(manifest, signer.key)
    whole = signature.read_bytes()
    others = [
        whole.replace(b"\n", b"\x0b", 1),
        whole.replace(b"\n", b"\r\n"),
        whole + b"\n",
        whole + b"more",
        b"\n" + whole,
        whole[:-1],
        whole[:-30],
        b"",
        b"\xff" * 300,
    ]

    for other in others:
        signature.write_bytes(other)
        with pytest.raises(BundleError, match="expected an SSH signature"):
            verify_signature(manifest, signature, signer.allowed)


@pytest.mark.parametrize("kind", ["missing", "link", "folder"])
def test_what_is_no_signature_file_is_refused(
    manifest: Path, signer: Signer, tmp_path: Path, kind: str
) -> None:
    signature = sign(manifest, signer.key)
    elsewhere = signature.rename(tmp_path / "elsewhere")
    if kind == "link":
        signature.symlink_to(elsewhere)
    elif kind == "folder":
        signature.mkdir()

    with pytest.raises(BundleError, match=r"expected manifest\.json\.sig, found none"):
        verify_signature(manifest, signature, signer.allowed)


def test_without_a_list_of_signers_nobody_is_trusted(
    manifest: Path, signer: Signer, tmp_path: Path
) -> None:
    with pytest.raises(InputMissingError, match="expected the file of allowed signers"):
        verify_signature(manifest, sign(manifest, signer.key), tmp_path / "none")


def test_without_ssh_keygen_nothing_is_trusted(
    manifest: Path, signer: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = sign(manifest, signer.key)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(RuntimeMissingError, match="apt-get install openssh-client"):
        verify_signature(manifest, signature, signer.allowed)
