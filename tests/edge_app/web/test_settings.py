import time
from pathlib import Path

from starlette.testclient import TestClient

from edge_app.bundle.loader import Bundle
from edge_app.kiosk.assembly import assembled
from edge_app.kiosk.settings import parse_settings
from edge_app.updates.rollback import Gate
from edge_app.updates.store import BundleStore
from edge_app.web.routes.settings import figures_of
from edge_app.web.services import Services, open_services
from tests.bundles import unsigned_copy
from tests.edge_app.web.conftest import StillControls, client_of

WANTED = {
    "emotions": False,
    "unclear": False,
    "smoothing_s": 1.5,
    "false_accept_rate": 0.05,
    "search_every_s": 0.5,
    "keep_s": 2.0,
    "language": "en",
    "notice": False,
}


def test_settings_change_at_once(client: TestClient, controls: StillControls) -> None:
    before = client.get("/api/settings").json()
    assert before == {
        "emotions": True,
        "unclear": True,
        "smoothing_s": 0.5,
        "false_accept_rate": None,
        "search_every_s": 0.2,
        "keep_s": 1.0,
        "language": "es",
        "notice": True,
    }

    assert client.put("/api/settings", json=WANTED).json() == WANTED

    assert not controls.settings.emotions.enabled and not controls.settings.emotions.unclear
    assert controls.settings.identity.false_accept_rate == 0.05
    assert (controls.settings.detection.every_s, controls.settings.detection.keep_s) == (0.5, 2.0)
    assert controls.settings.screen.language == "en"
    assert 'class="notice"' not in client.get("/kiosk").text


def test_nothing_else_changes(client: TestClient, controls: StillControls) -> None:
    before = controls.settings
    for bad in (
        {**WANTED, "smoothing_s": -1},
        {**WANTED, "language": "fr"},
        {**WANTED, "false_accept_rate": 0.0},
        {**WANTED, "search_every_s": 0.0},
        {**WANTED, "web": {"host": "0.0.0.0"}},
        {"emotions": False},
    ):
        assert client.put("/api/settings", json=bad).status_code == 422
    assert controls.settings == before


def test_the_running_bundle_is_shown_with_its_figures(client: TestClient, bundle: Bundle) -> None:
    (running,) = client.get("/api/bundles").json()
    assert running["name"] == bundle.manifest.name
    assert running["metrics"] == bundle.manifest.metrics
    page = client.get("/settings").text
    for key, value in bundle.manifest.metrics.items():
        assert key.partition("/")[0] in page and f"<td>{value:.3f}</td>" in page


def test_figures_are_a_row_per_file() -> None:
    figures = figures_of({"a/Test/f1": 0.1, "b/Test/f1": 0.2, "b/Test/accuracy": 0.3, "size": 4.0})
    assert figures.measures == ["Test/f1", "Test/accuracy", ""]
    assert figures.rows == [
        ("a", [0.1, None, None]),
        ("b", [0.2, 0.3, None]),
        ("size", [None, None, 4.0]),
    ]


def test_rolling_back_goes_to_the_bundle_before(
    client: TestClient, services: Services, bundle: Bundle, tmp_path: Path
) -> None:
    for version in ("1.0.0", "2.0.0"):
        copy = unsigned_copy(bundle.folder, tmp_path / version, version=version)
        services.store.install(copy, None)

    answer = client.post("/api/bundles/rollback").json()

    assert (answer["version"], answer["running"]) == ("1.0.0", True)
    newer, older = client.get("/api/bundles").json()
    assert (newer["version"], newer["running"], newer["metrics"]) == ("2.0.0", False, {})
    assert older == answer
    assert "roll-back" not in client.get("/settings").text  # there is no earlier one
    answer = client.post("/api/bundles/rollback")
    assert answer.status_code == 409
    assert "expected an earlier bundle" in answer.json()["detail"]


def test_a_bundle_that_the_kiosk_is_not_healthy_with_is_said_to_be_left_again(
    bundle: Bundle, tmp_path: Path, slow_version: str
) -> None:
    store = BundleStore(tmp_path / "store")
    for version in (slow_version, "2.0.0"):
        store.install(unsigned_copy(bundle.folder, tmp_path / version, version=version), None)
    state = tmp_path / "state"
    pattern = "[source]\ninput = 'pattern'\nrate = 20\n[state]\ndirectory = '%s'"
    with (
        assembled(parse_settings(pattern % state), store.current()) as controls,
        open_services(controls, store) as services,
        client_of(services) as client,
    ):
        controls.gate = Gate(frames=10, patience_s=3.0)
        controls.kiosk.start()
        while not controls.kiosk.status.healthy_frames:
            time.sleep(0.05)
        answer = client.post("/api/bundles/rollback")
        assert answer.status_code == 409
        assert answer.json()["detail"].startswith("rolled back: not healthy after 3 s: expected 10")
        newer, older = client.get("/api/bundles").json()
        assert (newer["version"], newer["running"], older["running"]) == ("2.0.0", True, False)
