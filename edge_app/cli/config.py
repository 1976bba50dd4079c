"""``reconocias config``: read, change and check the settings file of a device."""

import json
import tomllib
from typing import Annotated, Any

import typer

from edge_app.cli.options import ConfigOption
from edge_app.core.atomic import output_errors, replace_text
from edge_app.core.config import unknown_key
from edge_app.core.errors import ConfigError
from edge_app.core.places import DEVICE_FILE

app = typer.Typer(
    help="Read, change and check the settings file.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def get(
    key: Annotated[str, typer.Argument(metavar="KEY", help="As in web.host.")],
    config: ConfigOption = None,
) -> None:
    """Print one setting: the file's, else the default; nothing for one that is not set."""
    from edge_app.kiosk.settings import Settings, device_settings

    table, name = _split(key)
    tables = Settings.model_fields
    if table not in tables:
        raise ConfigError(unknown_key(f"[{table}]", table, tables))
    values: dict[str, Any] = device_settings(config).model_dump(mode="json")[table]
    if name not in values:
        raise ConfigError(unknown_key(f"[{table}] {name}", name, values))
    value = values[name]
    print(value if isinstance(value, str) else "" if value is None else json.dumps(value))


@app.command("set")
def set_values(
    changes: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE...", help="As in web.host=0.0.0.0.")
    ],
    config: ConfigOption = None,
) -> None:
    """Change settings in the file, all of them or none; its comments and layout stay."""
    from edge_app.kiosk.settings import parse_settings, read_settings_text

    path = (config or DEVICE_FILE).resolve()
    before = read_settings_text(path)
    try:
        text = with_values(before, changes)
        parse_settings(text)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}; it stays as it was") from error
    if text == before:
        print(f"{path}: so already")
        return
    with output_errors(path):
        replace_text(path, text)
    print(f"{path}: changed; the kiosk reads it when it starts")


@app.command()
def check(config: ConfigOption = None) -> None:
    """Say whether the file is one that the kiosk starts with; exit code 2 where it is not."""
    from edge_app.kiosk.settings import load_settings

    path = config or DEVICE_FILE
    load_settings(path)
    print(f"{path}: as expected")


def with_values(text: str, changes: list[str]) -> str:
    """A settings file with other values, each as KEY=VALUE; the rest of it stays as it is.

    A VALUE is the text itself where the key takes one, else it is read as TOML. Raises ConfigError
    for what is no TOML or no KEY=VALUE; whether key and value are allowed is not looked at.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"expected TOML, found a mistake: {error}") from error
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals:
            raise ConfigError(f"expected KEY=VALUE, found {change}")
        table, name = _split(key)
        if table not in document:
            document[table] = tomlkit.table()
        section: Any = document[table]
        if not isinstance(section, dict):
            raise ConfigError(f"[{table}]: expected a table, found a value")
        section[name] = _value(table, name, value)
    return tomlkit.dumps(document)


def _split(key: str) -> tuple[str, str]:
    table, _, name = key.partition(".")
    if not (table and name):
        raise ConfigError(f"expected TABLE.KEY, as in web.host, found {key}")
    return table, name


def _value(table: str, name: str, text: str) -> Any:
    if _takes_text(table, name, text):
        return text
    try:
        read = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return read["value"] if read.keys() == {"value"} else text


def _takes_text(table: str, name: str, text: str) -> bool:
    """Whether the key is known and may have this very text."""
    from pydantic import TypeAdapter, ValidationError

    from edge_app.kiosk.settings import Settings

    fields = Settings.model_fields
    part: Any = fields[table].annotation if table in fields else None
    if part is None or name not in part.model_fields:
        return False
    try:
        TypeAdapter(part.model_fields[name].annotation).validate_python(text, strict=True)
    except ValidationError:
        return False
    return True
