"""Where the kiosk's own screen starts."""

import base64
import hashlib
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge_app.cli.web import app
from edge_app.core.errors import ConfigError, StateError
from edge_app.web.security.access import AccessFile
from edge_app.web.security.tls import own_certificate
from tests.tools import require_tool


def display(folder: Path, web: str, *options: str) -> Result:
    config = folder / "config.toml"
    config.write_text(f'[state]\ndirectory = "{folder / "state"}"\n[web]\n{web}\n')
    return CliRunner().invoke(app, ["display", "--config", str(config), *options])


@pytest.mark.parametrize(
    ("web", "origin"),
    [
        ("", "http://127.0.0.1:8000"),
        ('host = "0.0.0.0"\nport = 8443\ntls = true', "https://127.0.0.1:8443"),
        ('host = "192.168.1.20"\nport = 80', "http://192.168.1.20:80"),
        ('host = "::"', "http://[::1]:8000"),
        ('host = "localhost"\nroot_path = "/hall"', "http://localhost:8000"),
    ],
)
def test_the_screen_starts_where_the_settings_put_the_page(
    web: str, origin: str, tmp_path: Path
) -> None:
    key = AccessFile(tmp_path / "state").read().display_key()
    assert display(tmp_path, web).stdout == f"{origin}/display?key={key}\n"


def test_a_folder_that_is_named_goes_before_that_of_the_settings(tmp_path: Path) -> None:
    said = display(tmp_path, "", "--state", str(tmp_path / "other")).stdout
    assert AccessFile(tmp_path / "other").read().display_key() in said


def test_with_https_chromium_is_told_the_key_of_the_certificate(tmp_path: Path) -> None:
    openssl = require_tool("openssl", "openssl")
    key = own_certificate(tmp_path / "state", ["localhost"]).key
    command = [openssl, "pkey", "-in", str(key), "-pubout", "-outform", "der"]
    public = subprocess.run(command, capture_output=True, check=True).stdout
    expected = base64.b64encode(hashlib.sha256(public).digest()).decode()
    _, pin = display(tmp_path, "tls = true", "--pin").stdout.splitlines()
    assert pin == expected
    assert len(display(tmp_path, "tls = true").stdout.splitlines()) == 1
    assert len(display(tmp_path, "", "--pin").stdout.splitlines()) == 1


def test_a_certificate_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    error = display(tmp_path, "tls = true", "--pin").exception
    assert isinstance(error, StateError)
    assert not (tmp_path / "state/web-certificate.pem").exists()


@pytest.mark.parametrize("web", ["enabled = false", "port = 0"])
def test_a_page_that_cannot_be_found_is_told(web: str, tmp_path: Path) -> None:
    error = display(tmp_path, web).exception
    assert isinstance(error, ConfigError) and web in str(error)
