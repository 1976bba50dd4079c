import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from edge_app.bundle import loader
from edge_app.bundle.loader import Bundle
from edge_app.core.atomic import Unfinished
from edge_app.core.errors import BundleError, ConfigError
from edge_app.core.types import Detection
from edge_app.kiosk.assembly import assembled
from edge_app.kiosk.controls import Controls
from edge_app.kiosk.settings import Settings, parse_settings
from edge_app.storage.events import EventLog
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from edge_app.updates.report import read_report
from edge_app.updates.rollback import Begun, Gate, Journal
from edge_app.updates.store import ROLLBACK, BundleStore
from tests.bundles import edit_manifest, unsigned_copy
from tests.edge_app.conftest import scene

QUICK = """
[source]
input = "pattern"
rate = 20
[button]
enabled = true
hold_s = 0.3
[enrolment]
countdown_s = 0.2
samples = 5
enough = 3
limit_s = 20
[events]
shortest_s = 0
"""


@pytest.fixture
def pins() -> Iterator[Any]:
    before, Device.pin_factory = Device.pin_factory, MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


def settings(folder: Path, text: str = QUICK) -> Settings:
    return parse_settings(f"{text}\n[state]\ndirectory = {json.dumps(str(folder))}")


def until(condition: Callable[[], Any], limit_s: float = 30.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def names(controls: Controls) -> tuple[str, ...]:
    return controls.kiosk.status.names


def test_a_press_enrols_who_stands_there_and_deleting_forgets_them(
    pins: Any, tmp_path: Path
) -> None:
    with assembled(settings(tmp_path)) as controls, State(tmp_path) as state:
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.faces == 1)
        pins.pin(17).drive_low()
        pins.pin(17).drive_high()
        until(lambda: controls.kiosk.status.prompt)
        until(lambda: names(controls) == ("Persona 1",))
        gallery = Gallery(state)
        person = gallery.find("Persona 1")
        assert person.sample_count >= 3
        gallery.rename(person.id, "Ana")
        controls.people_changed()
        until(lambda: names(controls) == ("Ana",))
        gallery.delete(person.id)
        controls.people_changed()
        until(lambda: names(controls) == ())
        assert controls.kiosk.status.faces == 1
    with State(tmp_path) as state:
        assert "Ana" not in {row.name for row in EventLog(state).visits()}


def test_a_press_of_who_is_enrolled_says_who_that_is(pins: Any, tmp_path: Path) -> None:
    with assembled(settings(tmp_path)) as controls, State(tmp_path) as state:
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.faces == 1)
        controls.enrol("Ana")
        until(lambda: names(controls) == ("Ana",))
        until(lambda: controls.kiosk.status.prompt is None)

        controls.enrol()
        until(lambda: (said := controls.kiosk.status.prompt) and said.text == "already_known")

        said = controls.kiosk.status.prompt
        assert said is not None and said.name == "Ana"
        assert [person.name for person in Gallery(state).people()] == ["Ana"]


def test_who_is_enrolled_and_renamed_in_view_has_one_visit(pins: Any, tmp_path: Path) -> None:
    with assembled(settings(tmp_path)) as controls, State(tmp_path) as state:
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.faces == 1)
        controls.enrol()
        until(lambda: names(controls) == ("Persona 1",))
        renamed_at = time.time()
        Gallery(state).rename(Gallery(state).find("Persona 1").id, "Ana")
        until(lambda: names(controls) == ("Ana",))
    with State(tmp_path) as state:
        rows = list(EventLog(state).visits())
    assert len({row.visit for row in rows}) == 1
    assert {row.name for row in rows} == {"Ana"}
    assert rows[0].visit_started_at < renamed_at < rows[-1].ended_at


def test_a_long_press_cancels_and_a_snapshot_is_kept(pins: Any, tmp_path: Path) -> None:
    with assembled(settings(tmp_path)) as controls:
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.healthy_frames > 3)
        assert controls.snapshot().parent == tmp_path / "snapshots"
        controls.enrol("Eva")
        pins.pin(17).drive_low()
        until(lambda: (prompt := controls.kiosk.status.prompt) and prompt.text == "cancelled")
    with State(tmp_path) as state:
        assert Gallery(state).people() == []


def test_what_is_switched_off_is_neither_computed_nor_stored(tmp_path: Path) -> None:
    off = "[source]\ninput = 'pattern'\nrate = 20\n" + "".join(
        f"[{table}]\nenabled = false\n" for table in ("identity", "emotions", "events")
    )
    off += "[unknown]\nenabled = true\nafter_s = 2\n"  # which needs identities
    with assembled(settings(tmp_path, off)) as controls:
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.faces == 1)
        view = controls.kiosk.views.newest
        assert view is not None
        (face,) = view.result.faces
        assert face.identity is None and face.emotion is None
        with pytest.raises(ConfigError, match="nobody can be enrolled"):
            controls.enrol()
    assert list(tmp_path.iterdir()) == []


def test_pictures_that_a_power_cut_left_half_written_are_deleted(tmp_path: Path) -> None:
    leftovers = [
        Unfinished(tmp_path / name).working_path
        for name in ("recordings/2026-01-01/100000.mp4", "snapshots/2026-01-01-100000-0.jpg")
    ]
    with assembled(settings(tmp_path, "[source]\ninput = 'pattern'")):  # recording is off
        assert not any(path.exists() for path in leftovers)


def test_a_stranger_is_kept_and_gone_once_somebody_says_who_they_are(
    pins: Any, tmp_path: Path
) -> None:
    text = f"{QUICK}\n[unknown]\nenabled = true\nafter_s = 2"
    with assembled(settings(tmp_path, text)) as controls, State(tmp_path) as state:
        controls.kiosk.start()
        unknown = UnknownPeople(state)
        until(unknown.people)
        (stranger,) = unknown.people()
        assert unknown.name(stranger.id, "Ana").sample_count == stranger.face_count >= 3
        until(lambda: names(controls) == ("Ana",))
        assert unknown.people() == []


def test_no_stranger_is_kept_unless_the_owner_says_so(pins: Any, tmp_path: Path) -> None:
    with assembled(settings(tmp_path)) as controls, State(tmp_path) as state:
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.healthy_frames > 60)
        assert UnknownPeople(state).people() == []


def test_a_phone_is_the_kiosks_camera(tmp_path: Path) -> None:
    text = '[source]\ninput = "phone"\n[events]\nenabled = false'
    with assembled(settings(tmp_path, text)) as controls:
        controls.kiosk.start()
        until(lambda: "waiting for one" in controls.kiosk.status.source.reason)
        view = controls.kiosk.views.newest
        assert view is not None and not view.is_picture
        assert controls.phone is not None
        with controls.phone.lend() as lending:
            until(
                lambda: lending.put(scene(1), time.monotonic()) and controls.kiosk.status.faces == 1
            )
        until(lambda: controls.kiosk.status.source.phase == "lost")


def test_a_phone_needs_the_page(tmp_path: Path) -> None:
    text = '[source]\ninput = "phone"\n[web]\nenabled = false'
    with (
        pytest.raises(ConfigError, match=r"set enabled = true below \[web\]"),
        assembled(settings(tmp_path, text)),
    ):
        pass


def test_emotions_and_language_change_while_it_runs(
    pins: Any, tmp_path: Path, bundle: Bundle
) -> None:
    doubting = unsigned_copy(bundle.folder, tmp_path / "bundle", version="1.0.0")
    edit_manifest(doubting, lambda manifest: manifest["emotion"].update(clear={"share": 0.999999}))
    with assembled(settings(tmp_path), doubting) as controls:
        controls.kiosk.start()
        until(lambda: emotions(controls) == {"unclear"})
        before = controls.settings
        controls.change(changed(before, "emotions", unclear=False))
        until(lambda: emotions(controls) & set(bundle.manifest.emotion.labels))
        off = before.emotions.model_copy(update={"enabled": False})
        english = before.screen.model_copy(update={"language": "en"})
        controls.change(before.model_copy(update={"emotions": off, "screen": english}))
        until(lambda: shown(controls) and not any(face.emotion for face in shown(controls)))
        until(lambda: (view := controls.kiosk.views.newest) and view.annotator.language == "en")
        controls.change(before)
        until(lambda: any(face.emotion for face in shown(controls)))
        other = before.source.model_copy(update={"input": "camera:0"})
        with pytest.raises(ConfigError, match=r"\[source\] input cannot change"):
            controls.change(before.model_copy(update={"source": other}))


def test_thresholds_change_while_it_runs(tmp_path: Path) -> None:
    enrolling = QUICK.replace("enabled = true", "enabled = false", 1)
    with assembled(settings(tmp_path, enrolling)) as controls:
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.faces == 1)
        controls.enrol("Ana")
        until(lambda: names(controls) == ("Ana",))
        usual, before = thresholds(controls), controls.settings

        controls.change(changed(before, "identity", false_accept_rate=1e-6))
        until(lambda: (now := thresholds(controls)) and now[0] < 0.9 * usual[0])
        controls.change(changed(before, "identity", false_accept_rate=None))
        until(lambda: thresholds(controls) == pytest.approx(usual, rel=0.01))

        controls.change(changed(before, "detection", every_s=5.0, share=1.0))
        assert controls.settings.detection.every_s == 5.0
        until(lambda: names(controls) == ("Ana",))
        with pytest.raises(ConfigError, match=r"\[identity\] enabled cannot change"):
            controls.change(changed(before, "identity", enabled=False))


def changed(settings: Settings, table: str, **values: Any) -> Settings:
    other = getattr(settings, table).model_copy(update=values)
    return settings.model_copy(update={table: other})


def emotions(controls: Controls) -> set[str]:
    return {face.emotion.label for face in shown(controls) if face.emotion}


def thresholds(controls: Controls) -> list[float]:
    """That the faces in view were held against."""
    return [face.identity.threshold for face in shown(controls) if face.identity]


@pytest.fixture
def two_installed(bundle: Bundle, tmp_path: Path) -> BundleStore:
    """The default bundle as version 1.0.0, and then as 2.0.0."""
    store = BundleStore(tmp_path / "store")
    for version in ("1.0.0", "2.0.0"):
        store.install(unsigned_copy(bundle.folder, tmp_path / version, version=version), None)
    return store


def test_the_bundle_before_takes_effect_while_it_runs(
    two_installed: BundleStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = tmp_path / "published"
    published.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(published))
    enrolling = QUICK.replace("enabled = true", "enabled = false", 1)
    with assembled(settings(tmp_path, enrolling), two_installed.current()) as controls:
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.faces == 1)
        controls.enrol("Ana")
        until(lambda: names(controls) == ("Ana",))
        before = controls.kiosk.status.healthy_frames

        installed = controls.roll_back(two_installed)

        assert (installed.version, controls.bundle.manifest.version) == ("1.0.0", "1.0.0")
        assert controls.bundle.folder == two_installed.current()
        until(lambda: names(controls) == ("Ana",))
        until(lambda: (told := read_report(published)) and told.bundle == installed.digest)
        assert controls.kiosk.status.healthy_frames > before
        assert not (two_installed.root / "rollback/pending.json").exists()
        with pytest.raises(BundleError, match="expected an earlier bundle"):
            controls.roll_back(two_installed)


def test_a_bundle_that_does_not_run_is_not_gone_back_to(
    two_installed: BundleStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BundleError("no runtime for it")

    newest = two_installed.current()
    with assembled(settings(tmp_path, "[source]\ninput = 'pattern'"), newest) as controls:
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.faces == 1)
        monkeypatch.setattr("edge_app.kiosk.controls.build_classifier", refuse)
        with pytest.raises(BundleError, match="rolled back: no runtime"):
            controls.roll_back(two_installed)
        assert two_installed.current() == newest == controls.bundle.folder
        until(lambda: controls.kiosk.status.faces == 1)


def test_a_bundle_that_the_kiosk_is_not_healthy_with_is_left_again(
    two_installed: BundleStore, tmp_path: Path, slow_version: str
) -> None:
    """It verifies, is installed and loads; only frames tell."""
    newest = two_installed.current()
    quick = "[source]\ninput = 'pattern'\nrate = 20"
    with assembled(settings(tmp_path, quick), newest) as controls:
        controls.gate = Gate(frames=10, patience_s=3.0)
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.faces == 1)
        with pytest.raises(BundleError, match="rolled back: not healthy after 3 s: expected 10"):
            controls.roll_back(two_installed)
        assert two_installed.current() == newest == controls.bundle.folder
        assert controls.bundle.manifest.version != slow_version
        until(lambda: controls.kiosk.status.faces == 1)


def test_a_bundle_that_ends_the_kiosk_is_not_the_one_it_starts_with_next(
    two_installed: BundleStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crashing:
        def detect(self, gray: object) -> list[Detection]:
            raise ZeroDivisionError

    newest = two_installed.current()
    with assembled(settings(tmp_path, "[source]\ninput = 'pattern'"), newest) as controls:
        controls.kiosk.start()
        until(lambda: controls.kiosk.status.faces == 1)
        monkeypatch.setattr("edge_app.kiosk.controls.build_detector", lambda *_: Crashing())
        with pytest.raises(BundleError, match=r"broken: .* the kiosk has ended"):
            controls.roll_back(two_installed)
        assert two_installed.current() == newest
        with pytest.raises(ZeroDivisionError):
            controls.kiosk.wait(1.0)


def test_without_pictures_nothing_is_proved(two_installed: BundleStore, tmp_path: Path) -> None:
    newest = two_installed.current()
    with assembled(settings(tmp_path, '[source]\ninput = "phone"'), newest) as controls:
        controls.kiosk.start()
        with pytest.raises(BundleError, match="expected pictures"):
            controls.roll_back(two_installed)
        assert two_installed.current() == newest


@pytest.mark.parametrize("somebody_else_switched", [False, True])
def test_a_kiosk_that_died_of_an_older_bundle_starts_with_the_newer_one(
    two_installed: BundleStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    somebody_else_switched: bool,
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    two_installed.root.rename(tmp_path / "bundles")
    store = BundleStore(tmp_path / "bundles")
    newer, older = (each.digest for each in store.installed())
    journal = Journal(store.root / ROLLBACK)
    with journal.alone():
        journal.begin(Begun("another" if somebody_else_switched else older, newer))
    store.rollback(older)
    for _ in range(2):
        with assembled(settings(tmp_path, "[source]\ninput = 'pattern'")) as controls:
            used = loader.digest(controls.bundle)
            assert used == (older if somebody_else_switched else newer)
    assert journal.begun() is None


def shown(controls: Controls) -> Any:
    view = controls.kiosk.views.newest
    return view.result.faces if view else ()
