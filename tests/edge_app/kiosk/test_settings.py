import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from edge_app.core.errors import ConfigError
from edge_app.kiosk.settings import Settings, load_settings, parse_settings

EXAMPLE = Path(__file__).parents[3] / "deploy" / "config.example.toml"


def test_example_holds_every_key_with_its_default() -> None:
    assert load_settings(EXAMPLE) == Settings()
    tables = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    optional = set(re.findall(r"^# (\w+) = ", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    for name, field in Settings.model_fields.items():
        model = field.annotation
        assert isinstance(model, type) and issubclass(model, BaseModel)
        assert set(model.model_fields) - optional <= set(tables[name]), name


def test_every_key_of_the_example_has_a_comment_before_its_group() -> None:
    previous = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            assert previous.startswith("#") or "=" in previous, line
        previous = line


def test_empty_file_gives_the_defaults() -> None:
    assert parse_settings("") == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[source]\nwidht = 640", r"\[source\] widht: unknown key; did you mean width\?"),
        ("[sorce]\nwidth = 640", r"\[sorce\]: unknown key; did you mean source\?"),
        ("[source]\nzzz = 1", r"\[source\] zzz: unknown key$"),
        ("[source]\nwidth = -3", r"\[source\] width = -3: .*greater than 0"),
        ("[source]\nturn = 45", r"\[source\] turn = 45: .*0, 90, 180 or 270"),
        ("[source]\nrate = nan", r"\[source\] rate = nan: .*finite"),
        ("[emotions]\nenabled = 'perhaps'", r"\[emotions\] enabled = 'perhaps'"),
        ("[screen]\nlanguage = 'fr'", r"'es' or 'en'"),
        ("source = 1", r"\[source\] = 1"),
        ("[source]\nwidth = = 3", r"expected TOML, found a mistake: .*line 2"),
    ],
)
def test_mistakes_name_the_key_the_value_and_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_settings(text)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ConfigError, match=r"width.*; .*turn"):
        parse_settings("[source]\nwidth = 0\nturn = 1")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_settings(tmp_path / "nowhere.toml")
