"""Tables of settings: read from TOML, with errors that say what to put right."""

import difflib
import tomllib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from edge_app.core.errors import ConfigError


class Table(BaseModel):
    """One table of the file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


T = TypeVar("T", bound=Table)


def parse_table(text: str, model: type[T]) -> T:
    """What TOML says, as the model has it.

    Raises ConfigError for no TOML, for an unknown key with the nearest name there is, and for a
    value that is not allowed, naming key, value and what is.
    """
    try:
        return model.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"expected TOML, found a mistake: {error}") from error
    except ValidationError as error:
        found = (_explain(each, model) for each in error.errors())
        raise ConfigError("; ".join(found)) from error


def _explain(error: ErrorDetails, model: type[BaseModel]) -> str:
    *tables, key = [str(part) for part in error["loc"]]
    where = f"[{'.'.join(tables)}] {key}" if tables else f"[{key}]"
    if error["type"] == "extra_forbidden":
        return unknown_key(where, key, _keys_of(model, tables))
    return f"{where} = {error['input']!r}: {_lower_first(error['msg'])}"


def unknown_key(where: str, key: str, known: Iterable[str]) -> str:
    """What to say of a key that there is none of, with the nearest one there is."""
    near = difflib.get_close_matches(key, list(known), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{where}: unknown key{hint}"


def _keys_of(model: type[BaseModel], tables: list[str]) -> list[str]:
    """The keys that a table may have; the tables themselves for none."""
    for table in tables:
        annotation: Any = model.model_fields[table].annotation
        model = annotation
    return list(model.model_fields)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
