"""What the page of the API shows, from the OpenAPI document."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
_ENDLESS = "multipart/x-mixed-replace"


@dataclass(frozen=True)
class Parameter:
    """place: path or query."""

    name: str
    place: str
    required: bool
    description: str


@dataclass(frozen=True)
class Operation:
    """One request. body: an example of the JSON to send, None where there is none.

    takes_file: whether the body is a file. answer: an example of the JSON that comes back, None for
    other answers. statuses: each with what it means. is_endless: its answer never ends.
    """

    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    body: str | None
    takes_file: bool
    answer: str | None
    statuses: tuple[tuple[str, str], ...]
    is_endless: bool


def operations(document: Schema) -> list[Operation]:
    """Every request of an OpenAPI 3.1 document as FastAPI makes it, in its order."""
    return [
        _operation(method, path, described, document)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def _operation(method: str, path: str, described: Schema, document: Schema) -> Operation:
    body = described.get("requestBody", {}).get("content", {})
    responses = described["responses"]
    answer: Schema = next((responses[code].get("content", {}) for code in sorted(responses)), {})
    return Operation(
        method.upper(),
        path,
        described.get("description") or described["summary"],
        tuple(map(_parameter, described.get("parameters", ()))),
        _json(body, document),
        "application/octet-stream" in body,
        _json(answer, document),
        tuple((code, response["description"]) for code, response in sorted(responses.items())),
        any(kind.startswith(_ENDLESS) for kind in answer),
    )


def _parameter(described: Schema) -> Parameter:
    return Parameter(
        described["name"],
        described["in"],
        described.get("required", False),
        described.get("description", ""),
    )


def _json(content: Schema, document: Schema) -> str | None:
    schema = content.get("application/json", {}).get("schema")
    if not schema:
        return None
    return json.dumps(example(schema, document), indent=2, ensure_ascii=False)


def example(schema: Schema, document: Schema) -> Any:
    """A value that has the form of a schema; its references lead into the document."""
    if "$ref" in schema:
        return example(_resolved(schema["$ref"], document), document)
    if "default" in schema:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], document)
    match schema.get("type"):
        case "object":
            known = schema.get("properties", {})
            return {name: example(each, document) for name, each in known.items()}
        case "array":
            return [example(schema["items"], document)]
        case "number":
            return min(1.5, schema.get("maximum", schema.get("exclusiveMaximum", 3.0)) / 2)
        case kind:
            return _PLAIN.get(kind or "")


_PLAIN: dict[str, object] = {"string": "text", "integer": 1, "boolean": True}


def _resolved(reference: str, document: Schema) -> Schema:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found
