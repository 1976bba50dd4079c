"""A certificate that the kiosk signs itself, so that phones on the network may use their camera.

Browsers give a page the camera only over HTTPS or on the same machine.
"""

import datetime
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge_app.atomic import output_errors

_VALID = datetime.timedelta(days=825)
"""What Apple's browsers accept at most."""
_RENEW_BEFORE = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Certificate:
    """PEM files. fingerprint: SHA-256, as browsers show it."""

    certificate: Path
    key: Path
    fingerprint: str


def own_certificate(folder: Path, names: list[str] | None = None) -> Certificate:
    """The certificate in a folder; made anew where there is none, or it lacks a name or is old.

    names: host names and addresses that it is for, by default those of this machine.
    Raises OutputError where it cannot be written.
    """
    wanted = names or own_names()
    certificate, key = folder / "web-certificate.pem", folder / "web-key.pem"
    known = _read(certificate) if key.is_file() else None
    if known is None or not _serves(known, wanted):
        with output_errors(certificate):
            folder.mkdir(parents=True, exist_ok=True)
            known = _make(certificate, key, wanted)
    digest = known.fingerprint(hashes.SHA256()).hex(":").upper()
    return Certificate(certificate, key, digest)


def own_names() -> list[str]:
    """localhost, the host's name with and without .local, and its address on the network."""
    host = socket.gethostname()
    names = ["localhost", "127.0.0.1", host, f"{host}.local"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: asks which address would be used
            names.append(probe.getsockname()[0])
        except OSError:
            pass
    return list(dict.fromkeys(names))


def _read(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None


def _serves(certificate: x509.Certificate, wanted: list[str]) -> bool:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = set(names.get_values_for_type(x509.DNSName)) | {
        str(address) for address in names.get_values_for_type(x509.IPAddress)
    }
    now = datetime.datetime.now(datetime.UTC)
    return known >= set(wanted) and certificate.not_valid_after_utc - _RENEW_BEFORE > now


def _make(certificate: Path, key: Path, names: list[str]) -> x509.Certificate:
    private = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ReconocIAs")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key.unlink(missing_ok=True)
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return made


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
