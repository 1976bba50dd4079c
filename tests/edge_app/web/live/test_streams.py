"""What is open when a visitor loses the role is closed."""

import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from edge_app.web.app import create_app
from edge_app.web.live.streams import SESSION_ENDED
from edge_app.web.server import Listening, WebServer
from edge_app.web.services import Services
from tests.edge_app.web.conftest import LOCAL, PASSWORDS, StillKiosk, client_of
from tests.edge_app.web.live.test_viewers import showing, wait_until_nobody_watches

Loss = Callable[[TestClient, Services], object]


def log_out(client: TestClient, services: Services) -> None:
    client.post("/logout")


def change_password(client: TestClient, services: Services) -> None:
    services.access.set_password("viewer", "something else now")


SOCKETS = LOCAL.replace("http", "ws")
LOSSES = (log_out, change_password)


@pytest.fixture
def logged_in(protected: Services) -> Iterator[TestClient]:
    with client_of(protected) as client:
        client.post("/login", data={"password": PASSWORDS["viewer"]})
        yield client


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("path", ["/live", "/phone/live"])
def test_a_websocket_is_closed(
    logged_in: TestClient, protected: Services, kiosk: StillKiosk, path: str, lose: Loss
) -> None:
    kiosk.show()
    with logged_in.websocket_connect(SOCKETS + path) as socket:
        if path == "/live":
            socket.receive_bytes()  # and then does not ask for the next
        lose(logged_in, protected)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_bytes()
    assert closed.value.code == SESSION_ENDED
    wait_until_nobody_watches(protected)
    assert protected.phones == 0


def test_the_other_sessions_go_on(protected: Services, kiosk: StillKiosk) -> None:
    with showing(kiosk), client_of(protected) as one, client_of(protected) as other:
        for client in (one, other):
            client.post("/login", data={"password": PASSWORDS["viewer"]})
        with other.websocket_connect(f"{SOCKETS}/live") as socket:
            one.post("/logout")
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                socket.receive_bytes()
                socket.send_text("next")


def test_the_mjpeg_of_a_revoked_token_ends(protected: Services, kiosk: StillKiosk) -> None:
    token = protected.access.add_token("recorder", "viewer")
    with (
        showing(kiosk),
        WebServer(create_app(protected), Listening(port=0)) as server,
    ):
        request = urllib.request.Request(
            f"{server.address}/stream.mjpg", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as stream:
            assert b"Content-Type: image/jpeg" in stream.read(200)
            protected.access.revoke_token("recorder")
            stream.read()  # comes to an end
        wait_until_nobody_watches(protected)
