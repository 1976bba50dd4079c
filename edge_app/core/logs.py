"""The kiosk's log: one line per event with named fields, and no line twice in a minute.

Fields are given as ``extra``: ``_log.info("source live", extra={"source": "camera:0"})``. Nothing
at INFO and above names a person.
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from typing import Annotated, Literal, TextIO

from pydantic import Field

from edge_app.core.config import Table

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "repeated"}


class LogSettings(Table):
    """What goes to the journal. DEBUG may name people; INFO and above never do."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["json", "text"] = "text"
    repeat_s: Annotated[float, Field(ge=0.0)] = 60.0
    """Seconds for which the same message is not written again."""


def set_up_logging(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Send everything to the journal (stderr), in the settings' format."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.format == "json" else TextFormatter())
    handler.addFilter(RepeatFilter(settings.repeat_s))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)


def fields(record: logging.LogRecord) -> dict[str, object]:
    """What was given as ``extra``, and how often the message was held back since the last one."""
    given = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    repeated = getattr(record, "repeated", 0)
    return {**given, "repeated": repeated} if repeated else given


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """``level message key=value ...``; the journal adds the time."""

    def format(self, record: logging.LogRecord) -> str:
        pairs = [f"{key}={_quoted(value)}" for key, value in fields(record).items()]
        line = " ".join([record.levelname.lower(), record.getMessage(), *pairs])
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or set(text) & set(' "=\n') else text


class RepeatFilter(logging.Filter):
    """Holds the same message of the same logger back for a while, and says later how many.

    repeat_s: seconds. The same is: logger, level and message before its arguments; fields differ.
    """

    def __init__(self, repeat_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._repeat_s = repeat_s
        self._clock = clock
        self._last: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        key = (record.name, record.levelno, str(record.msg))
        now = self._clock()
        said_at, held_back = self._last.get(key, (-float("inf"), 0))
        if now - said_at < self._repeat_s:
            self._last[key] = (said_at, held_back + 1)
            return False
        self._last[key] = (now, 0)
        record.repeated = held_back
        return True
