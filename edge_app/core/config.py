"""The kiosk's settings: one TOML file, one frozen class per table, the unit under each key.

``deploy/config.example.toml`` has every key with its default and says what it does.
"""

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails

from edge_app.core.errors import ConfigError
from edge_app.core.i18n import Language

DEVICE_FILE = Path("/etc/reconocias/config.toml")

Pin = Annotated[int, Field(ge=0, le=27)]
TopicPart = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
Share = Annotated[float, Field(gt=0.0, le=1.0)]


class _Table(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class StateSettings(_Table):
    """Where the device keeps people, events and recordings; bundles stay where systemd says."""

    directory: Path | None = None
    """None: systemd's StateDirectory, else the user's own (see ``state.state_folder``)."""


class SourceSettings(_Table):
    """Where the pictures come from."""

    input: str = "picamera"
    """picamera[:N], camera:N, an http(s) or rtsp(s) address, phone, a video, a folder of photos,
    pattern."""
    width: PositiveInt = 640
    """Pixels that a camera is asked for."""
    height: PositiveInt = 480
    """Pixels that a camera is asked for."""
    rate: PositiveFloat = 15.0
    """Frames per second that a camera is asked for."""
    turn: Literal[0, 90, 180, 270] = 0
    """Degrees clockwise that every picture is turned."""
    mirror: bool = False
    swap_red_blue: bool = False
    """For a camera whose faces look blue."""
    loop: bool = True
    """A video starts again at its end; false ends the program there."""
    photo_s: PositiveFloat = 3.0
    """Seconds that each photo of a folder is shown."""
    stall_s: PositiveFloat = 5.0
    """Seconds without a frame after which the source is opened anew."""
    retry_first_s: PositiveFloat = 0.5
    """Seconds until the first new attempt; doubled each time."""
    retry_longest_s: PositiveFloat = 30.0
    """Seconds between attempts at most."""


class DetectionSettings(_Table):
    """How often the whole picture is searched; between, only near the known faces."""

    every_s: PositiveFloat = 0.3
    """Seconds between searches of the whole picture, at least."""
    share: Share = 0.25
    """Share of the time that such searches may take; a slow device searches more seldom."""
    keep_s: PositiveFloat = 1.0
    """Seconds that a face keeps its number while it is not found."""


class IdentitySettings(_Table):
    """Who the faces are."""

    enabled: bool = True
    """false: nobody is identified or enrolled; who was enrolled before stays until deleted."""
    false_accept_rate: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    """Share of strangers that may be given a name; without it, the bundle's (1 %)."""

    def require(self) -> None:
        """Raises ConfigError where identities are off, for whoever would enrol somebody."""
        if not self.enabled:
            raise ConfigError("[identity] enabled = false: nobody can be enrolled; set it to true")


class EmotionSettings(_Table):
    """Which emotion the faces show."""

    enabled: bool = True
    """false: no emotion is computed, shown or stored."""
    every_s: Annotated[float, Field(ge=0.0)] = 0.1
    """Seconds between two looks at the same face."""
    smoothing_s: Annotated[float, Field(ge=0.0)] = 0.5
    """Seconds that a change of expression takes to show for the most part; 0: at once."""


class ButtonSettings(_Table):
    """The button that enrols whoever stands in front of the kiosk. Pins by their BCM numbers."""

    enabled: bool = False
    pin: Pin = 17
    pull: Literal["up", "down"] = "up"
    """up: the button connects the pin to ground; down: to 3.3 V."""
    bounce_s: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    """Seconds for which a change is not believed after another one."""
    hold_s: PositiveFloat = 2.0
    """Seconds after which a press cancels."""
    led_pin: Pin | None = 27
    buzzer_pin: Pin | None = None


class EnrolmentSettings(_Table):
    """Enrolling at the kiosk."""

    countdown_s: Annotated[float, Field(ge=0.0, le=30.0)] = 3.0
    """Seconds between the press and the first sample."""
    samples: Annotated[int, Field(ge=5, le=40)] = 20
    """Good pictures that are kept of a person."""
    enough: Annotated[int, Field(ge=3, le=40)] = 8
    """Good pictures that do where the time is over."""
    limit_s: PositiveFloat = 15.0
    """Seconds for collecting them."""
    lost_s: PositiveFloat = 3.0
    """Seconds without a face after which enrolling is given up."""
    name: Annotated[str, Field(min_length=1, max_length=90)] = "Persona"
    """Before the number that somebody new is called by, as in "Persona 4"."""


class UnknownSettings(_Table):
    """Strangers whose faces are kept, so that somebody can say later who they are."""

    enabled: bool = False
    """false: nothing of a stranger's face is stored."""
    after_s: Annotated[float, Field(ge=2.0)] = 5.0
    """Seconds that a stranger must be in view, with three good pictures in them, to be kept."""
    keep: Annotated[int, Field(ge=1, le=200)] = 50
    """Strangers that are kept at most; who was not seen for longest goes first."""
    keep_days: PositiveFloat = 7.0
    """Days after which a stranger who did not come back is deleted, and so is a correction.

    That is the face of somebody who was given a wrong name ("Not X"), kept also where ``enabled``
    is false.
    """


class EventSettings(_Table):
    """Who was seen with which emotion from when to when."""

    enabled: bool = True
    """false: no event is stored."""
    write_every_s: Annotated[float, Field(gt=0.0, le=3600.0)] = 30.0
    """Seconds between two writes to the disk; so much is lost in a power cut."""
    gap_s: PositiveFloat = 5.0
    """Seconds that somebody may be out of sight within one visit."""
    shortest_s: Annotated[float, Field(ge=0.0)] = 1.0
    """Seconds; a shorter visit is none, and a shorter emotion is no change."""
    keep_days: PositiveFloat = 30.0
    """Days after which a visit is deleted."""
    quota_mib: PositiveInt = 32
    """MiB that all visits take in the database at most; the oldest are deleted first."""


class MqttSettings(_Table):
    """The kiosk's state and visits for other programs, Home Assistant above all."""

    enabled: bool = False
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


class RecordingSettings(_Table):
    """Annotated video on the disk."""

    enabled: bool = False
    segment_s: Annotated[float, Field(ge=10.0)] = 300.0
    """Seconds of each file."""
    rate: Annotated[float, Field(gt=0.0, le=60.0)] = 5.0
    """Frames per second at most."""
    quota_mib: PositiveInt = 2048
    """MiB of all files together; the oldest go first, and earlier where the disk is nearly full."""


class SnapshotSettings(_Table):
    """Single pictures that somebody asked for."""

    quota_mib: PositiveInt = 256
    """MiB of all files together; the oldest go first, and earlier where the disk is nearly full."""


class ScreenSettings(_Table):
    """What the screen shows."""

    language: Language = "es"
    notice: bool = True
    """The notice that people are being recognised."""


class WebSettings(_Table):
    """The page for the kiosk's screen, phones and scripts."""

    enabled: bool = True
    host: str = "127.0.0.1"
    """Address to listen on; any but this machine's own needs a password."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    tls: bool = False
    """HTTPS with a certificate that the kiosk signs itself."""
    root_path: Annotated[str, Field(pattern=r"^((/[A-Za-z0-9._~-]+)+)?$")] = ""
    """Path prefix of a proxy that does not send X-Forwarded-Prefix."""


class LogSettings(_Table):
    """What goes to the journal. DEBUG may name people; INFO and above never do."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["json", "text"] = "text"
    repeat_s: Annotated[float, Field(ge=0.0)] = 60.0
    """Seconds for which the same message is not written again."""


class Settings(_Table):
    """The whole file."""

    state: StateSettings = StateSettings()
    source: SourceSettings = SourceSettings()
    detection: DetectionSettings = DetectionSettings()
    identity: IdentitySettings = IdentitySettings()
    emotions: EmotionSettings = EmotionSettings()
    button: ButtonSettings = ButtonSettings()
    enrolment: EnrolmentSettings = EnrolmentSettings()
    unknown: UnknownSettings = UnknownSettings()
    events: EventSettings = EventSettings()
    mqtt: MqttSettings = MqttSettings()
    recording: RecordingSettings = RecordingSettings()
    snapshots: SnapshotSettings = SnapshotSettings()
    screen: ScreenSettings = ScreenSettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()


def device_settings(path: Path | None = None) -> Settings:
    """The settings of a file; without one of the device's own, or the defaults where it has none.

    Raises ConfigError like ``load_settings``.
    """
    if path is None and not DEVICE_FILE.exists():
        return Settings()
    return load_settings(path or DEVICE_FILE)


def load_settings(path: Path) -> Settings:
    """Read and validate a settings file.

    Raises ConfigError for a file that is missing or no TOML, for an unknown key with the nearest
    name there is, and for a value that is not allowed, naming key, value and what is.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: expected a settings file, cannot read one ({error})") from error
    try:
        return parse_settings(text)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def parse_settings(text: str) -> Settings:
    """Settings from TOML. Raises ConfigError like ``load_settings``."""
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"expected TOML, found a mistake: {error}") from error
    except ValidationError as error:
        raise ConfigError("; ".join(map(_explain, error.errors()))) from error


def _explain(error: ErrorDetails) -> str:
    *tables, key = [str(part) for part in error["loc"]]
    where = f"[{'.'.join(tables)}] {key}" if tables else f"[{key}]"
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, _keys_of(tables), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"{where}: unknown key{hint}"
    return f"{where} = {error['input']!r}: {_lower_first(error['msg'])}"


def _keys_of(tables: list[str]) -> list[str]:
    """The keys that a table may have; the tables themselves for none."""
    model: type[BaseModel] = Settings
    for table in tables:
        annotation: Any = model.model_fields[table].annotation
        model = annotation
    return list(model.model_fields)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
