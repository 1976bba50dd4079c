"""``reconocias run``: the program that systemd starts on the device."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edge_app import __version__
from edge_app.annotate import FaceAnnotator
from edge_app.config import Settings, load_settings
from edge_app.event_writer import EventWriter
from edge_app.events import EventLog
from edge_app.jobs import interrupt_flag
from edge_app.kiosk import Kiosk
from edge_app.live import build_live_pipeline
from edge_app.logs import set_up_logging
from edge_app.sources import ReconnectingSource, live_source
from edge_app.sources.correct import correction
from edge_app.sources.reconnect import Backoff
from edge_app.state import State, state_folder
from edge_app.store import bundle_in_use
from edge_app.visits import VisitRecorder

_log = logging.getLogger(__name__)

DEFAULT_CONFIG = Path("/etc/reconocias/config.toml")
_LOOK_EVERY_S = 0.2


def settings_from(path: Path | None, source: str | None) -> Settings:
    """The settings of a file, or the defaults where the usual file is not there.

    source: takes the place of the file's. Raises ConfigError.
    """
    if path is None and not DEFAULT_CONFIG.exists():
        settings = Settings()
    else:
        settings = load_settings(path or DEFAULT_CONFIG)
    if source is None:
        return settings
    changed = settings.source.model_copy(update={"input": source})
    return settings.model_copy(update={"source": changed})


@contextmanager
def opened_kiosk(settings: Settings, bundle: Path | None = None) -> Iterator[Kiosk]:
    """A kiosk as the settings describe it, not started; what it writes to is closed afterwards.

    Raises what the bundle's parts raise.
    """
    source = settings.source
    with ExitStack() as stack:
        observers = []
        if settings.events.enabled:
            events = stack.enter_context(event_writer(settings))
            observers.append(events.observe_frame)
        kiosk = Kiosk(
            ReconnectingSource(
                live_source(source),
                stall_s=source.stall_s,
                backoff=Backoff(source.retry_first_s, source.retry_longest_s),
                correct=correction(
                    turn=source.turn, mirror=source.mirror, swap_red_blue=source.swap_red_blue
                ),
            ),
            build_live_pipeline(bundle_in_use(bundle), settings),
            FaceAnnotator(settings.screen.language),
            size=(source.width, source.height),
            observers=observers,
        )
        stack.callback(kiosk.stop)
        yield kiosk


def event_writer(settings: Settings) -> EventWriter:
    """Writes to the device's database, which is opened in the writer's own thread."""
    events = settings.events
    folder = state_folder(settings.state.directory)
    return EventWriter(
        lambda: EventLog(State(folder)),
        recorder=VisitRecorder(gap_s=events.gap_s, shortest_s=events.shortest_s),
        every_s=events.write_every_s,
        keep_days=events.keep_days,
        keep=events.keep_visits,
    )


def run(settings: Settings, bundle: Path | None = None, *, duration_s: float | None = None) -> None:
    """Run until SIGTERM, Ctrl-C, the end of a video without ``loop``, or after ``duration_s``."""
    set_up_logging(settings.log)
    _log.info("start", extra={"version": __version__, "input": settings.source.input})
    with interrupt_flag() as interrupted, opened_kiosk(settings, bundle) as kiosk:
        kiosk.start()
        left_s = float("inf") if duration_s is None else duration_s
        while not interrupted() and left_s > 0 and not kiosk.wait(min(_LOOK_EVERY_S, left_s)):
            left_s -= _LOOK_EVERY_S
        kiosk.stop()
        _log.info("stop", extra={"status": kiosk.status.line()})
