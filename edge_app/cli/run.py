"""``reconocias run``: the program that systemd starts on the device."""

import logging
from pathlib import Path

from edge_app import __version__
from edge_app.cli.serve import page_beside
from edge_app.core.logs import set_up_logging
from edge_app.kiosk.assembly import assembled
from edge_app.kiosk.settings import Settings, device_settings
from edge_app.media.annotate import interrupt_flag
from edge_app.media.sources.stream import without_password

_log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.2


def settings_from(path: Path | None, source: str | None) -> Settings:
    """The device's settings (see ``device_settings``). source: takes the place of the file's."""
    settings = device_settings(path)
    if source is None:
        return settings
    changed = settings.source.model_copy(update={"input": source})
    return settings.model_copy(update={"source": changed})


def run(settings: Settings, bundle: Path | None = None, *, duration_s: float | None = None) -> None:
    """Run until SIGTERM, Ctrl-C, the end of a video without ``loop``, or after ``duration_s``."""
    set_up_logging(settings.log)
    _log.info(
        "start", extra={"version": __version__, "input": without_password(settings.source.input)}
    )
    with (
        interrupt_flag() as interrupted,
        assembled(settings, bundle) as controls,
        page_beside(controls),
    ):
        kiosk = controls.kiosk
        kiosk.start()
        left_s = float("inf") if duration_s is None else duration_s
        while not interrupted() and left_s > 0 and not kiosk.wait(min(_LOOK_EVERY_S, left_s)):
            left_s -= _LOOK_EVERY_S
        kiosk.stop()
        _log.info("stop", extra={"status": kiosk.status.line()})
