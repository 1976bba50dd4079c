import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from edge_app.web.reference import Operation, example, operations


@pytest.fixture
def described(client: TestClient) -> dict[tuple[str, str], Operation]:
    document = client.get("/openapi.json").json()
    return {(each.method, each.path): each for each in operations(document)}


def test_the_page_lists_every_operation_and_loads_nothing_from_elsewhere(
    client: TestClient, described: dict[tuple[str, str], Operation]
) -> None:
    page = client.get("/docs").text
    assert len(described) > 30
    for _, path in described:
        assert f"<code>{path}</code>" in page
    assert "http://" not in page and "https://" not in page


def test_an_operation_says_what_it_takes_and_gives(
    described: dict[tuple[str, str], Operation],
) -> None:
    change = described["PUT", "/api/settings"]
    assert change.body is not None and change.answer is not None
    assert set(json.loads(change.body)) == set(json.loads(change.answer))
    enrol = described["POST", "/api/people"]
    assert (enrol.takes_file, enrol.body) == (True, None)
    name, anyway = enrol.parameters
    assert (name.name, name.place, name.required) == ("name", "query", True)
    assert (anyway.name, anyway.place, anyway.required) == ("anyway", "query", False)
    assert dict(enrol.statuses)["409"].startswith("The name is taken")
    stream = described["GET", "/stream.mjpg"]
    assert (stream.is_endless, stream.answer) == (True, None)


def test_what_the_example_of_a_request_says_is_taken(
    client: TestClient, described: dict[tuple[str, str], Operation]
) -> None:
    body = described["PUT", "/api/settings"].body
    assert body is not None
    answer = client.put("/api/settings", json=json.loads(body))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "enum": ["es", "en"]}, "es"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1),
        ({"type": "array", "items": {"type": "boolean"}}, [True]),
        ({"type": "number", "default": 0.7}, 0.7),
        ({"type": "number", "exclusiveMinimum": 0.0, "exclusiveMaximum": 1.0}, 0.5),
        ({"$ref": "#/components/schemas/Face"}, {"name": "text"}),
        ({}, None),
    ],
)
def test_an_example_has_the_form_of_its_schema(schema: dict[str, Any], value: object) -> None:
    face = {"type": "object", "properties": {"name": {"type": "string"}}}
    assert example(schema, {"components": {"schemas": {"Face": face}}}) == value
