import ssl
from pathlib import Path

from edge_app.web.tls import own_certificate, own_names


def test_the_certificate_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, ["localhost", "127.0.0.1"])
    assert own_certificate(tmp_path, ["localhost"]) == made
    assert made.key.stat().st_mode & 0o777 == 0o600
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    assert len(made.fingerprint) == 95


def test_another_name_or_a_damaged_file_gives_another_certificate(tmp_path: Path) -> None:
    first = own_certificate(tmp_path, ["localhost"])
    second = own_certificate(tmp_path, ["localhost", "kiosk.local", "192.168.1.7"])
    assert second.fingerprint != first.fingerprint
    second.certificate.write_text("no certificate")
    assert own_certificate(tmp_path, ["localhost"]).fingerprint != second.fingerprint


def test_this_machines_names_are_in_it() -> None:
    assert {"localhost", "127.0.0.1"} <= set(own_names())
