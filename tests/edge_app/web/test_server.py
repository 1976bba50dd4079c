import socket
import urllib.request
from pathlib import Path

import pytest

from edge_app.core.errors import AccessError, OutputError
from edge_app.web.app import create_app
from edge_app.web.security.access import Access
from edge_app.web.security.tls import own_certificate
from edge_app.web.server import Listening, WebServer, check_exposure
from edge_app.web.services import Services
from tests.edge_app.web.conftest import StillKiosk
from tests.edge_app.web.live.test_viewers import showing, wait_until_nobody_watches


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "kiosk.local"])
def test_the_network_is_not_listened_on_without_a_password(host: str) -> None:
    with pytest.raises(AccessError, match="set one with `reconocias web password`"):
        check_exposure(Listening(host), Access(secret="x"))
    check_exposure(Listening(host), Access(secret="x", passwords={"operator": "hash"}))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_alone_needs_no_password(host: str) -> None:
    check_exposure(Listening(host), Access(secret="x"))


def test_it_serves_until_the_end_of_the_block(services: Services) -> None:
    with WebServer(create_app(services), Listening(port=0)) as server:
        address = server.address
        with urllib.request.urlopen(f"{address}/healthz") as answer:
            assert answer.status == 200
            assert "server" not in answer.headers
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{address}/healthz", timeout=2)


def test_a_viewer_of_the_mjpeg_who_goes_costs_nothing_any_more(
    services: Services, kiosk: StillKiosk
) -> None:
    with showing(kiosk), WebServer(create_app(services), Listening(port=0)) as server:
        with urllib.request.urlopen(f"{server.address}/stream.mjpg") as stream:
            assert stream.headers["content-type"].startswith("multipart/x-mixed-replace")
            assert b"Content-Type: image/jpeg" in stream.read(200)
            assert services.viewers.watching == 1
        wait_until_nobody_watches(services)


def test_a_port_in_use_is_said(services: Services) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = WebServer(create_app(services), Listening(port=port))
        with pytest.raises(OutputError, match=f"127.0.0.1:{port}: cannot be listened on"):
            server.__enter__()


def test_a_server_that_does_not_start_is_said(services: Services, tmp_path: Path) -> None:
    made = own_certificate(tmp_path)
    made.key.write_text("")
    server = WebServer(create_app(services), Listening(port=0), made)
    with pytest.raises(OutputError, match="its server does not start"):
        server.__enter__()
