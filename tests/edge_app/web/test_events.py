import csv
import dataclasses
from datetime import datetime

import pytest
from starlette.testclient import TestClient

from edge_app.cli.events import export
from edge_app.storage.events import EmotionSpan, Visit
from edge_app.web.services import Services
from tests.edge_app.web.conftest import StillControls

DAY = 1_700_000_000.0


@pytest.fixture
def visits(services: Services) -> None:
    ana = services.gallery.add_person("Ana")
    other = services.gallery.add_person("=HYPERLINK(1)")
    services.events.write(
        [
            visit(1, ana.id, DAY, ("happy", 20.0), ("sad", 10.0)),
            visit(2, None, DAY + 60, ("happy", 5.0)),
            visit(3, other.id, DAY + 7200, ("angry", 5.0)),
        ]
    )


def visit(key: int, person_id: int | None, start: float, *emotions: tuple[str, float]) -> Visit:
    spans, at = [], start
    for emotion, seconds in emotions:
        spans.append(EmotionSpan(emotion, at, at + seconds))
        at += seconds
    return Visit(key, person_id, key, start, at, tuple(spans), is_over=True)


@pytest.mark.usefixtures("visits")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["happy", "sad", "happy", "angry"]),
        ({"person": "Ana"}, ["happy", "sad"]),
        ({"person": " ANA"}, ["happy", "sad"]),
        ({"emotion": "happy"}, ["happy", "happy"]),
        ({"start": DAY + 3600}, ["angry"]),
        ({"end": DAY + 30}, ["happy", "sad"]),
        ({"person": "nobody"}, []),
    ],
)
def test_events_are_filtered(
    client: TestClient, filters: dict[str, str], expected: list[str]
) -> None:
    rows = client.get("/api/events", params=filters).json()
    assert [row["emotion"] for row in rows] == expected
    lines = list(csv.DictReader(client.get("/api/events.csv", params=filters).text.splitlines()))
    assert [line["emotion"] for line in lines] == expected


@pytest.mark.usefixtures("visits")
def test_a_name_is_no_formula_in_a_spreadsheet(client: TestClient) -> None:
    lines = list(csv.DictReader(client.get("/api/events.csv").text.splitlines()))
    assert [line["name"] for line in lines] == ["Ana", "Ana", "", "'=HYPERLINK(1)"]


@pytest.mark.usefixtures("visits")
def test_the_download_is_what_the_command_exports(
    client: TestClient, controls: StillControls, capsys: pytest.CaptureFixture[str]
) -> None:
    export(state=controls.folder)
    exported = capsys.readouterr().out

    assert client.get("/api/events.csv").text == exported
    first = next(csv.DictReader(exported.splitlines()))
    began = datetime.fromisoformat(first["visit_started_at"])
    assert (began.timestamp(), began.utcoffset()) == (DAY, began.astimezone().utcoffset())


def test_a_download_of_nothing_has_its_columns(client: TestClient) -> None:
    assert client.get("/api/events.csv").text.startswith("visit,name,visit_started_at,emotion,")


@pytest.mark.usefixtures("visits")
def test_hours_are_counted_and_the_page_offers_the_names_that_came(
    client: TestClient, services: Services
) -> None:
    services.gallery.add_person("Eva")
    hours = client.get("/api/events/hours").json()
    assert sum(hour["seconds"] for hour in hours) == 40.0
    page = client.get("/events").text
    assert "<option>Ana</option>" in page
    assert "<option>=HYPERLINK(1)</option>" in page
    assert "Eva" not in page
    assert 'data-rows="5000"' in page


def test_an_emotion_without_a_text_is_shown_by_its_label(
    client: TestClient, controls: StillControls
) -> None:
    manifest = controls.bundle.manifest
    emotion = manifest.emotion.model_copy(update={"labels": ("happy", "contempt")})
    named = manifest.model_copy(update={"emotion": emotion})
    controls.bundle = dataclasses.replace(controls.bundle, manifest=named)
    page = client.get("/events").text
    assert '<option value="contempt">contempt</option>' in page
    assert '<option value="happy">alegría</option>' in page


def test_no_clear_emotion_is_offered_where_the_bundle_knows_it(
    client: TestClient, controls: StillControls
) -> None:
    option = '<option value="unclear">sin emoción clara</option>'
    assert option in client.get("/events").text
    manifest = controls.bundle.manifest
    emotion = manifest.emotion.model_copy(update={"clear": None})
    unbounded = manifest.model_copy(update={"emotion": emotion})
    controls.bundle = dataclasses.replace(controls.bundle, manifest=unbounded)
    assert option not in client.get("/events").text


def test_nonsense_is_refused(client: TestClient) -> None:
    for bad in ({"start": "yesterday"}, {"start": "nan"}, {"end": "inf"}, {"start": -1}):
        assert client.get("/api/events", params=bad).status_code == 422, bad
