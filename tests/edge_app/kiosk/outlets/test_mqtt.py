import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge_app.core.errors import ConfigError
from edge_app.core.mailbox import Mailbox
from edge_app.core.types import BBox, Detection, Emotion, Face, Frame, FrameResult, Identity
from edge_app.kiosk.event_writer import EventWriter
from edge_app.kiosk.outlets.mqtt import MqttPublisher, MqttSettings, discovery
from edge_app.kiosk.status import KioskStatus
from edge_app.kiosk.view import View
from edge_app.kiosk.visits import VisitRecorder
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.sources import SourceState
from edge_app.storage.events import EmotionSpan, EventLog, Visit
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from tests.tools import free_port, require_tool, server

PASSWORD = "correct horse"

FOUND = Detection(BBox(0, 0, 9, 9), 9.0)


@contextmanager
def broker(folder: Path, port: int) -> Iterator[None]:
    """A mosquitto that knows one user."""
    program = require_tool("mosquitto", "mosquitto")
    passwords = folder / "passwords"
    passwords.write_text(f"kiosk:{PASSWORD}\n", encoding="utf-8")
    passwords.chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True, capture_output=True)
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nuser root\n",
        encoding="utf-8",
    )
    with server([program, "-c", str(config)], port):
        yield


@pytest.fixture
def settings(tmp_path: Path) -> MqttSettings:
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n", encoding="utf-8")
    return MqttSettings(
        host="127.0.0.1", port=free_port(), username="kiosk", password_file=password, names=True
    )


class Subscriber:
    """Another program at the broker."""

    def __init__(self, port: int, *topics: str, client_id: str = "") -> None:
        self.messages: queue.Queue[tuple[str, str]] = queue.Queue()
        ready = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id)
        self._client.username_pw_set("kiosk", PASSWORD)
        self._client.on_message = lambda _, __, message: self.messages.put(
            (message.topic, message.payload.decode())
        )
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.connect("127.0.0.1", port)
        self._client.subscribe([(topic, 1) for topic in topics])
        self._client.loop_start()
        assert ready.wait(10)

    def until(self, topic: str, wanted: str = "") -> str:
        """The next message of a topic that holds a text."""
        while True:
            found, text = self.messages.get(timeout=15)
            if found == topic and wanted in text:
                return text

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def subscribed(port: int, *topics: str) -> Iterator[Subscriber]:
    subscriber = Subscriber(port, *topics)
    try:
        yield subscriber
    finally:
        subscriber.close()


def view(name: str | None = "Ana") -> View:
    face = Face(FOUND, 1, Identity(name, 0.1, 0.5), Emotion("happy", {"happy": 1.0}))
    frame = Frame(np.zeros((9, 9, 3), np.uint8), 0, time.monotonic())
    status = KioskStatus(SourceState("fake", "live"), 15.0, 20.0, 1, 1, (name,) if name else ())
    return View(FrameResult(frame, (face,)), status, FaceAnnotator(), True)


def visit(key: int = 1) -> Visit:
    spans = (EmotionSpan("happy", 1000.0, 1060.0),)
    return Visit(key, 1, 1, 1000.0, 1060.0, spans, is_over=True, name="Ana")


def test_state_availability_and_discovery(tmp_path: Path, settings: MqttSettings) -> None:
    views: Mailbox[View] = Mailbox()
    views.put(view())
    with (
        broker(tmp_path, settings.port),
        subscribed(settings.port, "reconocias/#", "homeassistant/#") as home,
    ):
        with MqttPublisher(settings, views):
            text = home.until("homeassistant/sensor/reconocias_kiosk/emotion/config")
            assert json.loads(text)["availability_topic"] == "reconocias/kiosk/availability"
            home.until("reconocias/kiosk/availability", "online")
            state = json.loads(home.until("reconocias/kiosk/state"))
            assert state == {
                "people": 1, "known": 1, "emotion": "happy", "source": "live", "names": ["Ana"]
            }  # fmt: skip
            views.put(view(None))
            assert json.loads(home.until("reconocias/kiosk/state"))["known"] == 0
        home.until("reconocias/kiosk/availability", "offline")


def test_what_is_said_of_faces_without_a_clear_emotion(settings: MqttSettings) -> None:
    seen = view().result
    unclear = replace(seen.faces[0], emotion=Emotion("unclear", {"happy": 0.4, "sad": 0.3}))
    spans = [("happy", 0.0, 5.0), ("unclear", 5.0, 7.0), ("happy", 7.0, 8.5)]
    came_back = replace(visit(), emotions=tuple(EmotionSpan(*span) for span in spans))
    publisher = MqttPublisher(settings, Mailbox())

    state = publisher._state_message(replace(view(), result=replace(seen, faces=(unclear,))))
    message = publisher._visit_message(came_back)

    assert state["emotion"] == "unclear"
    assert message["emotions"] == {"happy": 6.5, "unclear": 2.0}


def test_visits_wait_for_a_broker_that_is_away(tmp_path: Path, settings: MqttSettings) -> None:
    visits = [visit(1), visit(2)]
    with MqttPublisher(settings, Mailbox()) as publisher:
        assert publisher.tell(visits) == []
        with broker(tmp_path, settings.port), subscribed(settings.port, "reconocias/#") as home:
            home.until("reconocias/kiosk/availability", "online")
            assert publisher.tell(visits) == visits
            for number in (1, 2):
                message = json.loads(home.until("reconocias/kiosk/visit"))
                assert message["visit"] == number and message["name"] == "Ana"
                assert message["emotions"] == {"happy": 60.0}
                assert message["started_at"] == "1970-01-01T00:16:40.000+00:00"


def test_visits_wait_for_the_broker_on_the_disk_and_are_told_once(
    tmp_path: Path, settings: MqttSettings
) -> None:
    with State(tmp_path) as state:
        ana = Gallery(state).add_person("Ana").id
    with kiosk_that_saw(tmp_path, settings, ana):
        pass
    with (
        broker(tmp_path, settings.port),
        subscribed(settings.port, "reconocias/#") as home,
        State(tmp_path) as state,
    ):
        for person_id in (None, ana):
            with kiosk_that_saw(tmp_path, settings, person_id):
                home.until("reconocias/kiosk/availability", "online")
                message = json.loads(home.until("reconocias/kiosk/visit"))
                assert message["visit"] == 1 if person_id is None else message["visit"] > 1
            home.until("reconocias/kiosk/availability", "offline")
        assert EventLog(state).untold("mqtt") == []
        assert home.messages.empty()


@contextmanager
def kiosk_that_saw(folder: Path, settings: MqttSettings, person_id: int | None) -> Iterator[None]:
    """Its events and MQTT; somebody has just left."""
    with (
        MqttPublisher(settings, Mailbox()) as publisher,
        EventWriter(
            lambda stack: EventLog(stack.enter_context(State(folder))),
            recorder=VisitRecorder(shortest_s=0.0, gap_s=0.0),
            every_s=0.05,
            keep_days=30.0,
            max_bytes=1 << 20,
            outlets={"mqtt": publisher},
        ) as events,
    ):
        identity = Identity("Ana" if person_id else None, 0.1, 0.5, person_id)
        face = Face(FOUND, 1, identity)
        events.observe([face], time.monotonic())
        events.observe([], time.monotonic() + 0.01)
        yield


def test_the_last_will_says_offline(tmp_path: Path, settings: MqttSettings) -> None:
    with (
        broker(tmp_path, settings.port),
        subscribed(settings.port, "reconocias/#") as home,
        MqttPublisher(settings, Mailbox()),
    ):
        home.until("reconocias/kiosk/availability", "online")
        double = Subscriber(settings.port, "nothing", client_id="reconocias-kiosk")
        try:  # the broker cuts the other one off, as a cable that is pulled
            home.until("reconocias/kiosk/availability", "offline")
        finally:
            double.close()
        home.until("reconocias/kiosk/availability", "online")


def test_no_name_leaves_the_device_unless_the_settings_say_so(
    tmp_path: Path, settings: MqttSettings
) -> None:
    views: Mailbox[View] = Mailbox()
    views.put(view())
    nameless = settings.model_copy(update={"names": False})
    with (
        broker(tmp_path, settings.port),
        subscribed(settings.port, "reconocias/#") as home,
        MqttPublisher(nameless, views) as publisher,
    ):
        state = home.until("reconocias/kiosk/state")
        assert publisher.tell([visit()])
        said = state + home.until("reconocias/kiosk/visit")
    assert "Ana" not in said and said.count('"known"') == 2


def test_each_field_of_the_state_is_a_sensor_with_an_id_of_its_own() -> None:
    configs = discovery(MqttSettings(device="hall"))
    assert len({config["unique_id"] for config in configs.values()}) == 4
    assert all(topic.startswith("homeassistant/sensor/reconocias_hall/") for topic in configs)


def test_a_password_that_cannot_be_read_is_named(settings: MqttSettings, tmp_path: Path) -> None:
    missing = settings.model_copy(update={"password_file": tmp_path / "nowhere"})
    with pytest.raises(ConfigError, match=r"\[mqtt\] password_file = .*nowhere"):
        MqttPublisher(missing, Mailbox())


def test_a_password_without_a_username_is_refused(settings: MqttSettings) -> None:
    nobody = settings.model_copy(update={"username": None})
    with pytest.raises(ConfigError, match=r"\[mqtt\] password_file: expected a username"):
        MqttPublisher(nobody, Mailbox())


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_named(
    content: str | None, settings: MqttSettings, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    guarded = settings.model_copy(update={"tls": True, "ca_file": path})
    with pytest.raises(ConfigError, match=r"\[mqtt\] ca_file = .*ca\.pem"):
        MqttPublisher(guarded, Mailbox())
