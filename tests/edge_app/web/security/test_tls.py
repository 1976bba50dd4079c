import datetime
import ssl
import urllib.request
from pathlib import Path

import pytest
from cryptography import x509
from starlette.testclient import TestClient

from edge_app.kiosk.settings import Settings, WebSettings
from edge_app.web.app import create_app
from edge_app.web.security.certificate import Certificate
from edge_app.web.security.tls import own_certificate, own_names
from edge_app.web.server import Listening, WebServer
from edge_app.web.services import Services
from tests.edge_app.web.conftest import StillControls

HOME = ["localhost", "127.0.0.1", "kiosk", "kiosk.local"]
FILES = ("web-certificate.pem", "web-key.pem", "web-ca.pem", "web-ca-key.pem")


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def fits(made: Certificate) -> bool:
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)
    read(made.certificate).verify_directly_issued_by(read(made.authority))
    return True


def test_both_are_made_once_and_their_keys_are_private(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, HOME)
    assert fits(made)
    assert own_certificate(tmp_path, HOME[:1]) == made
    assert len(made.fingerprint) == len(made.authority_fingerprint) == 95
    modes = [(tmp_path / name).stat().st_mode & 0o077 for name in FILES]
    assert (modes[1], modes[3]) == (0, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


def test_phones_take_them(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, HOME)
    leaf, authority = read(made.certificate), read(made.authority)
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < datetime.timedelta(days=825)
    assert authority.not_valid_after_utc.year > leaf.not_valid_after_utc.year + 10


def test_another_address_keeps_authority_and_key(tmp_path: Path) -> None:
    before = own_certificate(tmp_path, HOME)
    key = before.key.read_bytes()
    after = own_certificate(tmp_path, [*HOME, "192.168.1.7"])
    assert fits(after)
    assert after.fingerprint != before.fingerprint
    assert after.authority_fingerprint == before.authority_fingerprint
    assert after.key.read_bytes() == key


@pytest.mark.parametrize("name", ["kiosk.example.org", "203.0.113.5", "other"])
def test_the_authority_is_for_the_house_and_its_own_names(tmp_path: Path, name: str) -> None:
    before = own_certificate(tmp_path, HOME)
    after = own_certificate(tmp_path, [*HOME, name])
    assert fits(after)
    assert after.authority_fingerprint != before.authority_fingerprint
    again = own_certificate(tmp_path, [*HOME, name, "10.0.0.3", "fd00::7"])
    assert again.authority_fingerprint == after.authority_fingerprint


@pytest.mark.parametrize("content", ["", "no PEM", None])
@pytest.mark.parametrize("name", FILES)
def test_what_is_damaged_is_made_anew(tmp_path: Path, name: str, content: str | None) -> None:
    before = own_certificate(tmp_path, HOME)
    other = own_certificate(tmp_path / "other", HOME)
    if content is None:  # whole, and of another pair
        content = (other.key.parent / name).read_text()
    (tmp_path / name).write_text(content)
    after = own_certificate(tmp_path, HOME)
    assert fits(after)
    is_leaf = name in FILES[:2]
    assert (after.authority_fingerprint == before.authority_fingerprint) is is_leaf


def test_an_old_one_is_renewed_and_the_authority_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_app.web.security.tls._VALID", datetime.timedelta(days=30))
    before = own_certificate(tmp_path, HOME)
    monkeypatch.undo()
    after = own_certificate(tmp_path, HOME)
    assert after.fingerprint != before.fingerprint
    assert after.authority_fingerprint == before.authority_fingerprint


def test_a_browser_that_trusts_the_authority_does_not_warn(
    services: Services, tmp_path: Path
) -> None:
    made = own_certificate(tmp_path, own_names())
    trusting = ssl.create_default_context(cafile=made.authority)
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    with WebServer(create_app(services), Listening(port=0), made) as server:
        for address in (server.address, server.address.replace("127.0.0.1", "localhost")):
            with urllib.request.urlopen(f"{address}/healthz", context=trusting) as answer:
                assert answer.status == 200


def test_the_authority_can_be_fetched_where_there_is_one(
    client: TestClient, controls: StillControls
) -> None:
    assert client.get("/ca.crt").status_code == 404
    assert "/ca.crt" not in client.get("/phone").text
    made = own_certificate(controls.folder, HOME)
    controls.settings = Settings(web=WebSettings(tls=True))
    answer = client.get("/ca.crt")
    assert answer.headers["content-type"].startswith("application/x-x509-ca-cert")
    assert answer.content == made.authority.read_bytes()
    assert 'href="/ca.crt"' in client.get("/phone").text


def test_this_machines_names_are_in_it() -> None:
    assert {"localhost", "127.0.0.1"} <= set(own_names())
