"""Commands beside the kiosk look where its settings say."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge_app.cli import main
from edge_app.core.errors import ConfigError
from edge_app.enrolment import gallery_identifier
from edge_app.kiosk import settings as kiosk_settings
from edge_app.storage.events import EventLog, Visit
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.vision.recognition.identifier import FaceSpace
from tests.stored import new_sample


@pytest.fixture
def kiosk_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state of a kiosk whose settings have a folder and a rate of their own."""
    folder = tmp_path / "elsewhere"
    settings = tmp_path / "config.toml"
    settings.write_text(f'[state]\ndirectory = "{folder}"\n[identity]\nfalse_accept_rate = 0.2\n')
    monkeypatch.setattr(kiosk_settings, "DEVICE_FILE", settings)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "usual"))
    with State(folder) as state:
        samples = [new_sample(seed, origin="upload") for seed in range(3)]
        ana = Gallery(state).enrol("Ana", samples)
        EventLog(state).write([Visit(1, ana.id, 1, 10.0, 20.0, (), is_over=True)])
    return folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["people", "list"], "Ana"),
        (["events", "export"], "Ana"),
        (["people", "unknown", "list"], "no stranger was kept"),
        (["web", "token", "script"], ""),
    ],
)
def test_commands_find_the_kiosks_own_state(
    words: list[str], said: str, kiosk_folder: Path, tmp_path: Path
) -> None:
    result = CliRunner().invoke(main.app, words)

    assert result.exit_code == 0, result.output
    assert said in result.output
    assert not (tmp_path / "usual").exists()


@pytest.mark.parametrize("words", [("add", "Eva", "photo.png"), ("import", "people")])
def test_commands_enrol_nobody_where_the_kiosk_has_identities_off(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text(f'[state]\ndirectory = "{tmp_path}"\n[identity]\nenabled = false\n')
    monkeypatch.setattr(kiosk_settings, "DEVICE_FILE", settings)

    result = CliRunner().invoke(main.app, ["people", *words])

    assert isinstance(result.exception, ConfigError)
    assert "nobody can be enrolled" in str(result.exception)


@pytest.mark.usefixtures("kiosk_folder")
def test_people_are_tested_with_the_kiosks_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    rates: list[float | None] = []
    build = gallery_identifier.identifier_for

    def note(gallery: Gallery, space: FaceSpace, rate: float | None) -> object:
        rates.append(rate)
        return build(gallery, space, rate)

    monkeypatch.setattr(gallery_identifier, "identifier_for", note)

    result = CliRunner().invoke(main.app, ["people", "retrain"])

    assert result.exit_code == 0, result.output
    assert rates == [0.2]
