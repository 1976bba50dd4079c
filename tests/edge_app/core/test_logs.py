import io
import json
import logging
from collections.abc import Iterator

import pytest

from edge_app.core.logs import LogSettings, RepeatFilter, set_up_logging


@pytest.fixture(autouse=True)
def _restored_root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_lines_carry_the_fields() -> None:
    stream = io.StringIO()
    set_up_logging(LogSettings(format="json"), stream)
    logging.getLogger("x").warning("source lost", extra={"source": "camera:0", "reason": "gone"})
    line = json.loads(stream.getvalue())
    assert line["message"] == "source lost" and line["level"] == "warning"
    assert line["source"] == "camera:0" and line["reason"] == "gone"


def test_text_lines_quote_what_has_spaces_and_keep_the_traceback() -> None:
    stream = io.StringIO()
    set_up_logging(LogSettings(), stream)
    logger = logging.getLogger("x")
    logger.info("seen", extra={"rate": 3, "reason": 'he said "no"'})
    logger.debug("not at this level")
    try:
        raise ValueError("why")
    except ValueError:
        logger.exception("broke")
    text = stream.getvalue()
    assert text.startswith('info seen rate=3 reason="he said \\"no\\""\n')
    assert "not at this level" not in text
    assert "ValueError: why" in text


def test_the_same_message_is_held_back_and_counted() -> None:
    now = [0.0]
    held = RepeatFilter(60.0, lambda: now[0])

    def passes(message: str) -> logging.LogRecord | None:
        record = logging.makeLogRecord({"name": "x", "levelno": 30, "msg": message})
        return record if held.filter(record) else None

    assert passes("lost")
    assert passes("other")
    for moment in (1.0, 30.0, 59.0):
        now[0] = moment
        assert not passes("lost")
    now[0] = 61.0
    again = passes("lost")
    assert again and again.__dict__["repeated"] == 3
