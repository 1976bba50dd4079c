"""Certificates that the kiosk signs itself, so that phones on the network may use their camera.

Browsers give a page the camera only over HTTPS or on the same machine. An authority is made once,
to be installed on phones; it signs what the page shows, anew whenever the machine has another name
or address. See docs/decisions/0037.
"""

import datetime
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge_app.core.atomic import output_errors, replace_text
from edge_app.web.security.certificate import AUTHORITY_FILE, Certificate

_VALID = datetime.timedelta(days=820)
"""Apple's browsers accept 825 at most."""
_AUTHORITY_VALID = datetime.timedelta(days=20 * 365)
_RENEW_BEFORE = datetime.timedelta(days=30)
_YESTERDAY = datetime.timedelta(days=1)
"""From when on it is valid: a phone's clock may be slow."""

_LONGEST_NAME = 64
"""Characters of a certificate's subject."""

_DOMAINS = ("localhost", "local")
_NETWORKS = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
"""What any authority may sign for: names and addresses that no site of the internet has."""


@dataclass(frozen=True)
class _Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def own_certificate(folder: Path, names: list[str] | None = None) -> Certificate:
    """The certificate in a folder, signed by the authority there.

    Either is made anew where it is missing, damaged, old or for other names; a key is kept where it
    can be. names: host names and addresses that it is for, by default those of this machine.
    Raises OutputError where they cannot be written.
    """
    wanted = names or own_names()
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        authority = _authority(folder, wanted)
        leaf = _leaf(folder, authority, wanted)
    return Certificate(
        folder / "web-certificate.pem",
        folder / "web-key.pem",
        _fingerprint(leaf.certificate),
        folder / AUTHORITY_FILE,
        _fingerprint(authority.certificate),
    )


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


def _authority(folder: Path, names: Sequence[str]) -> _Pair:
    """The one in the folder; another one where that is of no use for these names."""
    certificate, key = folder / AUTHORITY_FILE, folder / "web-ca-key.pem"
    known = _read_pair(certificate, key)
    if known is not None and _lasts(known.certificate, _VALID + _RENEW_BEFORE):
        permitted = _permitted(known.certificate)
        if all(_covers(permitted, name) for name in names):
            return known
    made = _make_authority(names)
    _write_key(key, made.key)
    _write_certificate(certificate, made.certificate)
    return made


def _leaf(folder: Path, authority: _Pair, names: Sequence[str]) -> _Pair:
    """The one in the folder; another one where that does not serve these names."""
    certificate, key = folder / "web-certificate.pem", folder / "web-key.pem"
    known = _read_pair(certificate, key)
    if (
        known is not None
        and _is_signed_by(known.certificate, authority.certificate)
        and _lasts(known.certificate, _RENEW_BEFORE)
        and _names_of(known.certificate) >= set(names)
    ):
        return known
    private = _read_key(key)
    if private is None:
        private = ec.generate_private_key(ec.SECP256R1())
        _write_key(key, private)
    made = _sign_leaf(authority, private, names)
    _write_certificate(certificate, made)
    return _Pair(made, private)


def _read_pair(certificate: Path, key: Path) -> _Pair | None:
    """None unless both can be read and belong together."""
    private = _read_key(key)
    try:
        public = x509.load_pem_x509_certificate(certificate.read_bytes())
        fits = private is not None and public.public_key() == private.public_key()
    except (OSError, ValueError, UnsupportedAlgorithm):
        return None
    return _Pair(public, private) if private is not None and fits else None


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey | None:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    replace_text(path, pem.decode(), private=True)


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    replace_text(path, certificate.public_bytes(serialization.Encoding.PEM).decode())


def _lasts(certificate: x509.Certificate, needed: datetime.timedelta) -> bool:
    return certificate.not_valid_after_utc - needed > datetime.datetime.now(datetime.UTC)


def _is_signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _names_of(certificate: x509.Certificate) -> set[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    return addresses | set(names.get_values_for_type(x509.DNSName))


def _permitted(authority: x509.Certificate) -> list[x509.GeneralName]:
    """What it may sign for; nothing where it does not say so, as ours do."""
    try:
        found = authority.extensions.get_extension_for_class(x509.NameConstraints)
    except x509.ExtensionNotFound:
        return []
    return list(found.value.permitted_subtrees or ())


def _covers(permitted: Sequence[x509.GeneralName], name: str) -> bool:
    wanted = _general(name).value
    if isinstance(wanted, ipaddress.IPv4Address | ipaddress.IPv6Address):
        networks = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
        return any(wanted in ipaddress.ip_network(network) for network in networks)
    domains = [one.value for one in permitted if isinstance(one, x509.DNSName)]
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def _make_authority(names: Sequence[str]) -> _Pair:
    """For the networks and domains of houses, and what of the names is beyond them."""
    permitted: list[x509.GeneralName] = [x509.DNSName(domain) for domain in _DOMAINS]
    permitted += [x509.IPAddress(ipaddress.ip_network(network)) for network in _NETWORKS]
    for name in names:
        if not _covers(permitted, name):
            one = _general(name)
            is_address = isinstance(one, x509.IPAddress)
            permitted.append(x509.IPAddress(ipaddress.ip_network(name)) if is_address else one)
    key = ec.generate_private_key(ec.SECP256R1())
    called = _called(f"ReconocIAs {socket.gethostname()}")
    made = (
        _begun(called, called, key.public_key(), _AUTHORITY_VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(_usage(signs_certificates=True), True)
        .add_extension(x509.NameConstraints(permitted, None), True)
        .sign(key, hashes.SHA256())
    )
    return _Pair(made, key)


def _sign_leaf(
    authority: _Pair, key: ec.EllipticCurvePrivateKey, names: Sequence[str]
) -> x509.Certificate:
    issuer, public = authority.certificate.subject, authority.key.public_key()
    return (
        _begun(_called("ReconocIAs"), issuer, key.public_key(), _VALID)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(_usage(signs_certificates=False), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False)
        .sign(authority.key, hashes.SHA256())
    )


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    valid: datetime.timedelta,
) -> x509.CertificateBuilder:
    start = datetime.datetime.now(datetime.UTC) - _YESTERDAY
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    )


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:_LONGEST_NAME])])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()
