import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from edge_app.core.types import ColorImage, FrameResult
from edge_app.media.annotators import FaceAnnotator
from edge_app.web.services import Services
from tests.edge_app.web.conftest import ANA, LOCAL, PASSWORDS, StillKiosk, client_of

SOCKET = LOCAL.replace("http", "ws") + "/live"


@contextmanager
def showing(kiosk: StillKiosk) -> Iterator[None]:
    """A new frame every 20 ms."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(0.02):
            kiosk.show(ANA)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def parsed(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Facts and JPEG."""
    length = int.from_bytes(message[:4], "big")
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def wait_until_nobody_watches(services: Services) -> None:
    deadline = time.monotonic() + 5
    while services.viewers.watching or services.kiosk.views.readers:
        assert time.monotonic() < deadline, "somebody still watches"
        time.sleep(0.02)


def test_a_viewer_is_sent_the_newest_frame_when_it_is_ready(
    client: TestClient, kiosk: StillKiosk, services: Services
) -> None:
    with showing(kiosk):
        with client.websocket_connect(SOCKET) as socket:
            first, jpeg = parsed(socket.receive_bytes())
            assert jpeg[:2] == b"\xff\xd8"
            time.sleep(0.3)
            socket.send_text("next")
            second, _ = parsed(socket.receive_bytes())
        wait_until_nobody_watches(services)
    assert second["frame"] > first["frame"] + 1
    assert second["age_ms"] < 500
    assert first["faces"][0]["name"] == "Ana"
    assert first["faces"][0]["emotion"] == "happy"
    assert first["size"] == [640, 480]


def test_a_crowd_gets_fewer_frames_and_those_of_now(
    client: TestClient, kiosk: StillKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_app.web.live.cpu_share.CpuShare.wait_s", lambda share: 0.2)
    with showing(kiosk), client.websocket_connect(SOCKET) as socket:
        frames = []
        for _ in range(4):
            facts, _jpeg = parsed(socket.receive_bytes())
            socket.send_text("next")
            frames.append(facts["frame"])
            assert facts["age_ms"] < 500
    assert all(after - before > 2 for before, after in itertools.pairwise(frames))


def test_a_frame_is_drawn_once_for_all_and_never_for_nobody(
    client: TestClient, kiosk: StillKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    annotate = FaceAnnotator.annotate

    def count(annotator: FaceAnnotator, result: FrameResult) -> ColorImage:
        drawn.append(result.frame.index)
        return annotate(annotator, result)

    monkeypatch.setattr(FaceAnnotator, "annotate", count)
    for _ in range(3):
        kiosk.show(ANA)
    assert drawn == []
    with client.websocket_connect(SOCKET) as one, client.websocket_connect(SOCKET) as other:
        for socket in (one, other):
            socket.receive_bytes()
    assert drawn == [2]


def test_a_viewer_that_stops_asking_harms_nobody(client: TestClient, kiosk: StillKiosk) -> None:
    with (
        showing(kiosk),
        client.websocket_connect(SOCKET) as silent,
        client.websocket_connect(SOCKET) as eager,
    ):
        seen = []
        for _ in range(10):
            facts, _jpeg = parsed(eager.receive_bytes())
            seen.append(facts["frame"])
            eager.send_text("next")
        kept, _jpeg = parsed(silent.receive_bytes())
        silent.send_text("next")
        newest, _jpeg = parsed(silent.receive_bytes())
    assert seen == sorted(set(seen))
    assert kept["frame"] < seen[-1] <= newest["frame"]  # no old one was waiting in between


def test_bytes_in_place_of_next_end_it(
    client: TestClient, kiosk: StillKiosk, services: Services
) -> None:
    kiosk.show(ANA)
    with client.websocket_connect(SOCKET) as socket:
        socket.receive_bytes()
        socket.send_bytes(b"next")
        with pytest.raises(WebSocketDisconnect) as gone:
            socket.receive_bytes()
    assert gone.value.code == 1003
    wait_until_nobody_watches(services)


def test_snapshot_and_facts_are_of_now(
    client: TestClient, kiosk: StillKiosk, services: Services
) -> None:
    kiosk.show(ANA)
    picture = client.get("/snapshot.jpg")
    assert (picture.headers["content-type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")
    facts = client.get("/api/live").json()
    assert (facts["rate"], facts["source"]["phase"], len(facts["faces"])) == (12.5, "live", 1)
    wait_until_nobody_watches(services)


def test_an_operator_keeps_a_picture_and_is_told_its_name(
    client: TestClient, kiosk: StillKiosk, services: Services
) -> None:
    answer = client.post("/api/snapshots")
    assert (answer.status_code, "expected a live picture" in answer.json()["detail"]) == (409, True)
    kiosk.show(ANA)
    answer = client.post("/api/snapshots")
    (kept,) = (services.controls.folder / "snapshots").iterdir()
    assert (answer.status_code, answer.json()) == (201, {"name": kept.name})
    assert 'id="keep"' in client.get("/").text


def test_a_viewer_is_not_offered_to_keep_a_picture(protected: Services) -> None:
    client = client_of(protected)
    client.post("/login", data={"password": PASSWORDS["viewer"]})
    assert 'id="keep"' not in client.get("/").text


def test_metrics_name_nobody(client: TestClient, kiosk: StillKiosk) -> None:
    kiosk.show(ANA)
    text = client.get("/metrics").text
    assert "reconocias_frames_per_second 12.5" in text
    assert "reconocias_latency_seconds 0.04" in text
    assert "reconocias_source_live 1.0" in text
    assert "Ana" not in text
