"""The kiosk's settings: one TOML file, a table for each part, its class beside the part.

``deploy/config.example.toml`` has every key with its default and says what it does.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from edge_app.core.config import Table, parse_table
from edge_app.core.errors import ConfigError
from edge_app.core.i18n import Language
from edge_app.core.logs import LogSettings
from edge_app.core.places import DEVICE_FILE
from edge_app.enrolment.gallery_identifier import IdentitySettings
from edge_app.enrolment.session import EnrolmentSettings
from edge_app.kiosk.button import ButtonSettings
from edge_app.kiosk.event_writer import EventSettings
from edge_app.kiosk.outlets import OutletTables
from edge_app.kiosk.recorder import RecordingSettings, SnapshotSettings
from edge_app.kiosk.unknown_keeper import UnknownSettings
from edge_app.media.sources import SourceSettings
from edge_app.vision.live import DetectionSettings, EmotionSettings
from edge_app.vision.parts import RecognitionSettings


class StateSettings(Table):
    """Where the device keeps people, events and recordings; bundles stay where systemd says."""

    directory: Path | None = None
    """None: systemd's StateDirectory, else the user's own (see ``storage.state.state_folder``)."""


class ScreenSettings(Table):
    """What the screen shows."""

    language: Language = "es"
    notice: bool = True
    """The notice that people are being recognised."""


class WebSettings(Table):
    """The page for the kiosk's screen, phones and scripts."""

    enabled: bool = True
    host: str = "127.0.0.1"
    """Address to listen on; any but this machine's own needs a password."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    tls: bool = False
    """HTTPS with a certificate that the kiosk signs itself."""
    root_path: Annotated[str, Field(pattern=r"^((/[A-Za-z0-9._~-]+)+)?$")] = ""
    """Path prefix of a proxy that does not send X-Forwarded-Prefix."""


class Settings(OutletTables):
    """The whole file: a table for each part, and one for each outlet."""

    state: StateSettings = StateSettings()
    source: SourceSettings = SourceSettings()
    recognition: RecognitionSettings = RecognitionSettings()
    detection: DetectionSettings = DetectionSettings()
    identity: IdentitySettings = IdentitySettings()
    emotions: EmotionSettings = EmotionSettings()
    button: ButtonSettings = ButtonSettings()
    enrolment: EnrolmentSettings = EnrolmentSettings()
    unknown: UnknownSettings = UnknownSettings()
    events: EventSettings = EventSettings()
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
    text = read_settings_text(path)
    try:
        return parse_settings(text)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def read_settings_text(path: Path) -> str:
    """What a settings file says, right or wrong. Raises ConfigError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: expected a settings file, cannot read one ({error})") from error


def parse_settings(text: str) -> Settings:
    """Settings from TOML. Raises ConfigError like ``load_settings``."""
    return parse_table(text, Settings)
