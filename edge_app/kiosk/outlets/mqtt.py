"""The kiosk's state and visits over MQTT, described for Home Assistant (paho-mqtt).

Topics below ``TOPIC/DEVICE``: ``availability`` (online or offline, also as last will), ``state``
(JSON, retained), ``visit`` (JSON, one for each visit that is over). docs/mqtt.md has the fields.
"""

import importlib
import json
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from edge_app import __version__
from edge_app.core.errors import ConfigError
from edge_app.core.mailbox import Mailbox, Reader
from edge_app.core.worker import LoopWorker
from edge_app.kiosk.outlets.base import OutletSettings
from edge_app.kiosk.view import View
from edge_app.storage.events import Visit

_log = logging.getLogger(__name__)

_CONFIRM_S = 2.0
"""For the broker to confirm visits; what it confirms later is noticed the next time."""
_EVERY_S = 1.0
_REPEAT_S = 60.0
_LONGEST_WAIT_S = 60
_GOODBYE_S = 5.0


TopicPart = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]


class MqttSettings(OutletSettings):
    """The kiosk's state and visits for other programs, Home Assistant above all."""

    host: str = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str | None = None
    password_file: Path | None = None
    """Holds the password and nothing else; readable for the kiosk's user alone."""
    tls: bool = False
    ca_file: Path | None = None
    """Certificates that the broker's is checked with; None: the system's."""
    topic: TopicPart = "reconocias"
    device: TopicPart = "kiosk"
    """What this kiosk is called among others; unique at its broker."""
    discovery: TopicPart = "homeassistant"
    """Home Assistant's discovery prefix."""
    names: bool = False
    """true: says who, not only how many."""

    def open(self, views: Mailbox[View]) -> "MqttPublisher":
        return MqttPublisher(self, views)


class MqttPublisher(LoopWorker):
    """Looks at the kiosk like a viewer, and tells the broker what changed, at most once a second.

    Raises ConfigError without paho-mqtt, for a password without a username, or where the file of
    the password or of the certificates cannot be read.
    """

    def __init__(self, settings: MqttSettings, views: Mailbox[View]) -> None:
        super().__init__("mqtt-state", failing="MQTT not told", every_s=_EVERY_S)
        self._settings = settings
        self._views = Reader(views)
        self._said, self._said_at = "", 0.0
        self._base = f"{settings.topic}/{settings.device}"
        self._client = _client(settings)
        self._client.will_set(f"{self._base}/availability", "offline", qos=1, retain=True)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._in_flight: dict[int, Any] = {}
        """Visits handed to the client that the broker has not confirmed, by their key."""

    def __enter__(self) -> Self:
        self._client.connect_async(self._settings.host, self._settings.port)
        self._client.loop_start()
        return super().__enter__()

    def close(self) -> None:
        super().close()
        if self._client.is_connected():
            goodbye = self._publish("availability", "offline", retain=True)
            _is_confirmed(goodbye, time.monotonic() + _GOODBYE_S)
        self._client.disconnect()
        self._client.loop_stop()

    def tell(self, visits: Sequence[Visit]) -> list[Visit]:
        """Publish visits that are over, and return those that the broker has confirmed.

        The others, all of them while it is away, are to be given again: none is published twice on
        one connection. Their keys tell them apart for good.
        """
        self._in_flight = {visit.key: self._handed_over(visit) for visit in visits}
        deadline = time.monotonic() + _CONFIRM_S
        return [visit for visit in visits if _is_confirmed(self._in_flight[visit.key], deadline)]

    def _handed_over(self, visit: Visit) -> Any:
        """The client's message for a visit; None while there is no connection."""
        message = self._in_flight.get(visit.key)
        if (message is None or message.rc > 0) and self._client.is_connected():
            return self._publish(
                "visit", json.dumps(self._visit_message(visit), ensure_ascii=False)
            )
        return message

    def _visit_message(self, visit: Visit) -> dict[str, Any]:
        message: dict[str, Any] = {
            "visit": visit.key,
            "known": visit.person_id is not None,
            "started_at": _iso(visit.started_at),
            "ended_at": _iso(visit.ended_at),
            "emotions": _seconds_of_each(visit),
        }
        return {**message, "name": visit.name} if self._settings.names else message

    def step(self) -> None:
        view = self._views.next(0.0)
        if view is None or not self._client.is_connected():
            return
        message = json.dumps(self._state_message(view), ensure_ascii=False)
        if message != self._said or time.monotonic() - self._said_at > _REPEAT_S:
            self._publish("state", message, retain=True)
            self._said, self._said_at = message, time.monotonic()

    def _state_message(self, view: View) -> dict[str, Any]:
        faces = view.result.faces if view.is_picture else ()
        emotion = next((face.emotion for face in faces if face.emotion), None)
        message: dict[str, Any] = {
            "people": len(faces),
            "known": len(view.status.names),
            "emotion": emotion.label if emotion else None,
            "source": view.status.source.phase,
        }
        return {**message, "names": list(view.status.names)} if self._settings.names else message

    def _publish(self, topic: str, message: str, *, retain: bool = False) -> Any:
        return self._client.publish(f"{self._base}/{topic}", message, qos=1, retain=retain)

    def _connected(
        self, client: Any, userdata: Any, flags: Any, reason: Any, properties: Any
    ) -> None:
        if reason.is_failure:
            _log.warning("MQTT refused", extra={"reason": str(reason)})
            return
        _log.info("MQTT connected", extra={"host": self._settings.host})
        for topic, config in discovery(self._settings).items():
            client.publish(topic, json.dumps(config), qos=1, retain=True)
        self._publish("availability", "online", retain=True)

    def _disconnected(
        self, client: Any, userdata: Any, flags: Any, reason: Any, properties: Any
    ) -> None:
        if reason.is_failure:
            _log.warning("MQTT lost", extra={"reason": str(reason)})


def _seconds_of_each(visit: Visit) -> dict[str, float]:
    """Of an emotion that came back, all of its times together."""
    seconds = dict.fromkeys((span.emotion for span in visit.emotions), 0.0)
    for span in visit.emotions:
        seconds[span.emotion] += span.ended_at - span.started_at
    return {emotion: round(lasted, 1) for emotion, lasted in seconds.items()}


def discovery(settings: MqttSettings) -> dict[str, dict[str, Any]]:
    """Home Assistant's discovery messages by topic: a sensor for each field of the state.

    Source: home-assistant.io/integrations/mqtt/#mqtt-discovery.
    """
    base, device = f"{settings.topic}/{settings.device}", settings.device
    shared = {
        "state_topic": f"{base}/state",
        "availability_topic": f"{base}/availability",
        "device": {
            "identifiers": [f"reconocias_{device}"],
            "name": f"ReconocIAs {device}",
            "manufacturer": "ReconocIAs",
            "sw_version": __version__,
        },
    }
    fields: dict[str, dict[str, Any]] = {
        "people": {"name": "People", "state_class": "measurement", "icon": "mdi:account-group"},
        "known": {"name": "Known people", "state_class": "measurement", "icon": "mdi:account"},
        "emotion": {"name": "Emotion", "icon": "mdi:emoticon-outline"},
        "source": {"name": "Camera", "icon": "mdi:cctv", "entity_category": "diagnostic"},
    }
    return {
        f"{settings.discovery}/sensor/reconocias_{device}/{field}/config": {
            **shared,
            **described,
            "unique_id": f"reconocias_{device}_{field}",
            "value_template": f"{{{{ value_json.{field} }}}}",
        }
        for field, described in fields.items()
    }


def _client(settings: MqttSettings) -> Any:
    try:
        mqtt = importlib.import_module("paho.mqtt.client")
    except ImportError as error:
        raise ConfigError(
            f"[mqtt] expected paho-mqtt, found none ({error}); pip install 'reconocias[mqtt]'"
        ) from error
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, client_id=f"reconocias-{settings.device}"
    )
    client.reconnect_delay_set(1, _LONGEST_WAIT_S)
    if settings.username is not None:
        client.username_pw_set(settings.username, _password(settings.password_file))
    elif settings.password_file is not None:
        raise ConfigError("[mqtt] password_file: expected a username beside it, found none")
    if settings.tls:
        _trust(client, settings.ca_file)
    return client


def _trust(client: Any, certificates: Path | None) -> None:
    try:
        client.tls_set(ca_certs=None if certificates is None else str(certificates))
    except OSError as error:  # ssl.SSLError is one, too
        raise ConfigError(
            f"[mqtt] ca_file = '{certificates}': expected certificates in PEM form ({error})"
        ) from error


def _is_confirmed(message: Any, deadline: float) -> bool:
    """Whether the broker has a message before a moment of ``time.monotonic()``.

    message: None was not sent, and neither was one with an error code above 0.
    """
    if message is None or message.rc > 0:
        return False
    with suppress(RuntimeError):  # the connection was lost meanwhile
        message.wait_for_publish(max(0.0, deadline - time.monotonic()))
    return bool(message.is_published())


def _password(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"[mqtt] password_file = '{path}': cannot be read ({error}); check path and mode"
        ) from error


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
