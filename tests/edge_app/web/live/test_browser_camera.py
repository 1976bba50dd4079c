import io
import time

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from edge_app.core.errors import InputError
from edge_app.core.labels import UNCLEAR
from edge_app.web.live.browser_camera import MAX_PHONES, decode
from edge_app.web.services import Services
from tests.edge_app.web.conftest import LOCAL, StillControls
from tests.edge_app.web.test_people import ONE
from tests.embedded import striped_space

SOCKET = LOCAL.replace("http", "ws") + "/phone/live"


def test_each_picture_is_answered_with_its_faces(client: TestClient, services: Services) -> None:
    with client.websocket_connect(SOCKET) as socket:
        for _ in range(3):
            socket.send_bytes(ONE)
            answer = socket.receive_json()
        assert (answer["frame"], answer["size"]) == (2, [640, 480])
        (face,) = answer["faces"]
        assert face["emotion"] in (*services.controls.bundle.manifest.emotion.labels, UNCLEAR)
    assert services.phones == 0


def test_people_and_settings_change_while_a_phone_is_here(
    client: TestClient, services: Services, controls: StillControls
) -> None:
    controls.faces = striped_space()
    with client.websocket_connect(SOCKET) as socket:

        def comes(key: str, value: object) -> bool:
            """Whether the first face is so described before long, picture after picture."""
            give_up = time.monotonic() + 10.0
            while time.monotonic() < give_up:
                socket.send_bytes(ONE)
                faces = socket.receive_json()["faces"]
                if faces and faces[0][key] == value:
                    return True
            return False

        assert comes("distance", None)
        client.post("/api/people", params={"name": "Ana"}, content=ONE)
        assert comes("name", "Ana")
        client.put("/api/settings", json={**client.get("/api/settings").json(), "emotions": False})
        assert comes("emotion", None)


def test_what_is_no_picture_is_said_and_the_next_is_looked_at(client: TestClient) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_bytes(b"GIF89a" + bytes(100))
        assert "expected a JPEG picture" in socket.receive_json()["error"]
        socket.send_bytes(ONE)
        assert socket.receive_json()["frame"] == 0


def test_text_in_place_of_a_picture_ends_it(client: TestClient, services: Services) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_text("null")
        with pytest.raises(WebSocketDisconnect) as gone:
            socket.receive_json()
    assert (gone.value.code, services.phones) == (1003, 0)


def test_more_phones_than_there_is_time_for_are_turned_away(
    client: TestClient, services: Services
) -> None:
    services.phones = MAX_PHONES
    with client.websocket_connect(SOCKET) as socket, pytest.raises(WebSocketDisconnect) as gone:
        socket.receive_json()
    assert gone.value.code == 1013


def test_pictures_are_measured_before_they_are_decoded() -> None:
    file = io.BytesIO()
    Image.fromarray(np.zeros((2000, 4000), np.uint8)).save(file, "JPEG")
    with pytest.raises(InputError, match="at most 1920x1080 pixels, found 4000x2000"):
        decode(file.getvalue())
    with pytest.raises(InputError, match="at most 1920x1080 pixels, found far more"):
        decode(declaring(ONE, 30_000, 30_000))
    with pytest.raises(InputError, match="expected a JPEG picture"):
        decode(ONE[:10])


def declaring(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG whose head says another size."""
    size_at = jpeg.index(b"\xff\xc0") + 5  # marker, length and precision come first
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return jpeg[:size_at] + size + jpeg[size_at + 4 :]
