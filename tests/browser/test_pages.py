"""Every page with something in it, in both languages, sizes and colours."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from edge_app.events import EventLog
from edge_app.gallery import Gallery, NewSample
from edge_app.photo import write_photo
from edge_app.samples.faces import drawn_face
from edge_app.state import State
from edge_app.visits import EmotionSpan, Visit
from tests.browser.conftest import PEOPLE, Site
from tests.browser.looks import LOOKS, PHONE, SCREEN, Look
from tests.browser.test_live_page import problems_of, wide
from tests.edge_app.conftest import scene

look_names = pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)


@pytest.fixture(scope="module")
def lived_in(start_site: Callable[..., Site]) -> Site:
    """A kiosk with people and a day of events."""
    site = start_site()
    now = time.time()
    with State(site.state) as state:
        gallery = Gallery(state)
        for seed, name in enumerate(("Ana", "Íñigo", "María del Carmen Fernández de la Vega"), 20):
            crops = [drawn_face(seed, side=32, mood=mood) for mood in (-1, 0, 1)]
            gallery.enrol(name, [NewSample(crop, 0.5, "upload") for crop in crops])
        names = [person.name for person in gallery.people()]
        EventLog(state).write([day_visit(key, names, now) for key in range(40)])
    return site


def day_visit(key: int, names: list[str], now: float) -> Visit:
    start = now - 80_000 + key * 1900
    labels = ("happy", "neutral", "surprise", "sad", "angry")
    spans = [
        EmotionSpan(labels[(key + place) % 5], start + 120 * place, start + 120 * (place + 1))
        for place in range(1 + key % 3)
    ]
    name = [*names, None][key % 4]
    return Visit(key, name, key, start, spans[-1].ended_at, tuple(spans), is_over=True)


@look_names
@pytest.mark.parametrize(
    "path", ["/people", "/people/3", "/events", "/settings", "/docs", "/annotate"]
)
def test_pages_fit_and_report_no_problem(
    browser: Browser, lived_in: Site, look: Look, path: str
) -> None:
    with look.context(browser) as context:
        page = context.new_page()
        problems = problems_of(page)
        page.goto(lived_in.address + path)
        page.wait_for_load_state("networkidle")
        if path == "/events":
            expect(page.locator("#timeline rect").first).to_be_visible()
            expect(page.locator("#bars rect").first).to_be_visible()
        look.keep(page, path.strip("/").replace("/", "-"))
        assert wide(page) <= 0
        assert problems == []


def photo_of(seed: int, path: Path) -> Path:
    write_photo(path, scene(seed, side=240))
    return path


def test_a_person_enrolled_from_an_upload_is_named_live_until_deleted(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with SCREEN.context(browser) as context:
        live = context.new_page()
        live.goto(site.address)
        expect(live.locator("#faces li")).to_have_count(2)
        page = context.new_page()
        page.goto(f"{site.address}/people")
        page.get_by_label("Name").fill("Ana")
        wall = tmp_path / "wall.png"
        write_photo(wall, scene(size=(300, 300)))
        page.locator("#photos").set_input_files([wall, photo_of(PEOPLE[0], tmp_path / "ana.png")])
        page.wait_for_url("**/people/1")
        live.bring_to_front()
        named = live.locator(".face-name", has_text="Ana")
        expect(named.first).to_be_visible(timeout=20_000)
        SCREEN.keep(live, "live-named")
        with live.expect_response("**/rejections") as answered:
            live.get_by_role("button", name="Not Ana").first.click()
        assert answered.value.status == 204

        page.bring_to_front()
        page.get_by_role("button", name="Delete Ana").click()
        SCREEN.keep(page, "delete")
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        page.wait_for_url("**/people")
        expect(page.get_by_text("Nobody is enrolled yet.")).to_be_visible()
        live.bring_to_front()
        expect(named).to_have_count(0, timeout=20_000)
    assert b"Ana" not in (site.state / "reconocias.db").read_bytes()


def test_photographs_that_will_not_do_are_told_why(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with PHONE.context(browser) as context:
        page = context.new_page()
        page.goto(f"{site.address}/people")
        page.get_by_label("Nombre").fill("Nadie")
        wall, crowd = tmp_path / "pared.png", tmp_path / "dos.png"
        write_photo(wall, scene(size=(300, 300)))
        write_photo(crowd, scene(1, 3))
        page.locator("#photos").set_input_files([wall, crowd])
        expect(page.get_by_text("pared.png: no se ve ninguna cara")).to_be_visible()
        expect(page.get_by_text("dos.png: Una sola persona")).to_be_visible()
        expect(page.get_by_text("No se ha añadido a nadie")).to_be_visible()
        PHONE.keep(page, "people-refused")


@look_names
def test_the_phone_lends_its_camera(browser: Browser, site: Site, look: Look) -> None:
    with look.context(browser) as context:
        page = context.new_page()
        problems = problems_of(page)
        page.goto(f"{site.address}/phone")
        page.get_by_role("button", name={"es": "Empezar", "en": "Start"}[look.language]).click()
        expect(page.locator("#rate")).to_contain_text(".", timeout=20_000)
        look.keep(page, "phone")
        assert wide(page) <= 0
        page.get_by_role("button", name={"es": "Parar", "en": "Stop"}[look.language]).click()
        assert page.evaluate("document.getElementById('video').srcObject") is None
        assert problems == []


@look_names
def test_a_photograph_is_annotated(
    browser: Browser, site: Site, tmp_path: Path, look: Look
) -> None:
    with look.context(browser) as context:
        page = context.new_page()
        problems = problems_of(page)
        page.goto(f"{site.address}/annotate")
        page.locator("#file").set_input_files(photo_of(5, tmp_path / "foto.png"))
        picture = page.locator("#preview img")
        expect(picture).to_be_visible(timeout=30_000)
        page.wait_for_function("document.querySelector('#preview img').naturalWidth === 640")
        look.keep(page, "annotated")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        assert download.value.suggested_filename == "foto.annotated.csv"
        page.get_by_role("button", name={"es": "Borrar", "en": "Delete"}[look.language]).click()
        expect(page.locator("#work")).to_be_hidden()
        assert problems == []


def test_settings_change_the_kiosk(browser: Browser, site: Site) -> None:
    with SCREEN.context(browser) as context:
        page: Page = context.new_page()
        page.goto(f"{site.address}/settings")
        page.get_by_label("Read emotions").uncheck()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.goto(site.address)
        expect(page.locator("#faces li")).to_have_count(2)
        expect(page.locator(".face-emotion").first).to_have_text("")
        page.goto(f"{site.address}/settings")
        page.get_by_label("Read emotions").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
