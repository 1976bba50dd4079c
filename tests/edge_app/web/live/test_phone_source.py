import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from edge_app.core.errors import CameraError, InputError
from edge_app.media.sources import PhoneLink, PhoneSource
from edge_app.web.live.phone_source import PhoneKioskCamera
from edge_app.web.services import Services
from tests.edge_app.web.conftest import LOCAL, PASSWORDS, StillControls, client_of
from tests.edge_app.web.test_people import ONE

SOCKET = LOCAL.replace("http", "ws") + "/phone/lend"


@pytest.fixture
def link(controls: StillControls) -> PhoneLink:
    controls.phone = PhoneLink()
    return controls.phone


def test_the_kiosk_gets_what_the_phone_sends_and_then_asks_for_more(
    client: TestClient, link: PhoneLink
) -> None:
    with client.websocket_connect(SOCKET) as socket:
        for index in range(2):
            socket.send_bytes(ONE)
            assert socket.receive_json() == {"frame": index, "size": [640, 480]}
        assert next(PhoneSource(link, patience_s=1.0).grab()).image.shape == (480, 640, 3)
    with pytest.raises(CameraError, match="waiting for one"):
        next(PhoneSource(link, patience_s=1.0).grab())


def test_what_is_no_picture_is_said_and_does_not_reach_the_kiosk(
    client: TestClient, link: PhoneLink
) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_bytes(b"GIF89a" + bytes(100))
        assert "expected a JPEG picture" in socket.receive_json()["error"]
        with pytest.raises(CameraError, match="found none for 0 s"):
            next(PhoneSource(link, patience_s=0.0).grab())


def test_text_in_place_of_a_picture_ends_it(client: TestClient, link: PhoneLink) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_text("null")
        with pytest.raises(WebSocketDisconnect) as gone:
            socket.receive_json()
    assert gone.value.code == 1003


def test_another_phone_takes_over(client: TestClient, link: PhoneLink) -> None:
    with client.websocket_connect(SOCKET) as before:
        before.send_bytes(ONE)
        before.receive_json()
        with client.websocket_connect(SOCKET) as after:
            after.send_bytes(ONE)
            after.receive_json()
            before.send_bytes(ONE)
            before.receive_json()
            with pytest.raises(WebSocketDisconnect) as gone:
                before.receive_json()
            assert gone.value.code == 4409
            after.send_bytes(ONE)
            assert after.receive_json()["frame"] == 1


def test_a_kiosk_with_a_camera_of_its_own_wants_no_phone(client: TestClient) -> None:
    with client.websocket_connect(SOCKET) as socket, pytest.raises(WebSocketDisconnect) as gone:
        socket.receive_json()
    assert gone.value.code == 4404


def test_a_viewer_cannot_put_pictures_before_everybody(protected: Services) -> None:
    with client_of(protected) as client:
        client.post("/login", data={"password": PASSWORDS["viewer"]})
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(SOCKET):
            pass


def test_a_picture_counts_from_when_it_was_asked_for_and_an_old_one_not_at_all() -> None:
    now = 100.0
    link = PhoneLink()
    with link.lend() as lending:
        camera = PhoneKioskCamera(lending, rate=10.0, clock=lambda: now)
        now = 100.04
        assert camera.hand_on(ONE)["frame"] == 0
        frames = PhoneSource(link, patience_s=0.0).grab()
        assert next(frames).captured_at == 100.0
        assert camera.pause_s() == pytest.approx(0.06)

        now = 100.1
        camera.ask()
        now = 101.3
        with pytest.raises(InputError, match=r"within 1 s, found one after 1\.2 s"):
            camera.hand_on(ONE)
        assert camera.pause_s() == 0.0
        with pytest.raises(CameraError, match="found none"):
            next(frames)
