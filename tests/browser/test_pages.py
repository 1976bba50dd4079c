"""Every page with something in it, in both languages, sizes and colours."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from edge_app.bundle import loader
from edge_app.media.photo import write_photo
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from edge_app.updates.store import BundleStore
from tests.browser.conftest import PEOPLE, Site, drawn_samples, running_site
from tests.browser.looks import LOOKS, PHONE, SCREEN, Look
from tests.browser.test_live_page import problems_of, wide
from tests.bundles import unsigned_copy
from tests.edge_app.conftest import scene

look_names = pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)


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


@pytest.mark.usefixtures("nobody_stays")
def test_a_person_enrolled_from_an_upload_is_named_live_until_deleted(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with SCREEN.context(browser) as context:
        live = context.new_page()
        live.goto(site.address)
        expect(live.locator("#faces li")).to_have_count(2)
        page = context.new_page()
        page.goto(f"{site.address}/people")
        page.get_by_label("Name", exact=True).fill("Ana")
        wall = tmp_path / "wall.png"
        write_photo(wall, scene(size=(300, 300)))
        photos = [photo_of(PEOPLE[0], tmp_path / name) for name in ("ana.png", "again.png")]
        page.locator("#photos").set_input_files([wall, *photos])
        expect(page.get_by_text("wall.png: no face from the front")).to_be_visible()
        expect(page.get_by_text("ana.png: kept")).to_be_visible()
        expect(page.locator(".verdicts .problem", has_text="again.png:")).to_be_visible()
        SCREEN.keep(page, "people-partly")
        page.get_by_role("link", name="Ana is enrolled.").click()
        page.wait_for_url(re.compile(r"/people/\d+$"))
        live.bring_to_front()
        named = live.locator(".face-name", has_text="Ana")
        expect(named.first).to_be_visible(timeout=20_000)
        SCREEN.keep(live, "live-named")
        live.route("**/api/people", lambda route: route.abort())
        live.get_by_role("button", name="Not Ana").first.click()
        expect(live.locator("#outcome")).to_have_text("The kiosk does not answer.")
        expect(live.get_by_role("button", name="Not Ana").first).to_be_enabled()
        live.unroute("**/api/people")
        with live.expect_response("**/rejections") as answered:
            live.get_by_role("button", name="Not Ana").first.click()
        assert answered.value.status == 204
        expect(live.locator("#outcome")).to_have_text("Noted: that is not Ana.")

        page.bring_to_front()
        page.reload()
        SCREEN.keep(page, "person-corrected")
        with page.expect_navigation():  # a click before the new page's script would be lost
            page.get_by_role("button", name="Delete correction 1").click()
        expect(page.get_by_role("heading", name="Corrections")).to_have_count(0)
        page.get_by_role("button", name="Delete Ana").click()
        SCREEN.keep(page, "delete")
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        page.wait_for_url("**/people")
        expect(page.get_by_text("Nobody is enrolled yet.")).to_be_visible()
        live.bring_to_front()
        expect(named).to_have_count(0, timeout=20_000)
    assert b"Ana" not in (site.state / "reconocias.db").read_bytes()


@pytest.mark.usefixtures("nobody_stays")
def test_strangers_are_named_and_discarded(browser: Browser, site: Site) -> None:
    with State(site.state) as state:
        gallery, unknown = Gallery(state), UnknownPeople(state)
        ana = gallery.enrol("Ana", drawn_samples(20))
        for seed in (20, 21, 22):
            unknown.see(drawn_samples(seed))
        with PHONE.context(browser) as context:
            page = context.new_page()
            page.goto(f"{site.address}/people")
            strangers = page.locator(".unknown li")
            expect(strangers).to_have_count(3)
            expect(strangers.first.locator("img")).to_have_count(3)
            strangers.first.get_by_label("¿Quién es?").fill("ana")
            strangers.first.get_by_role("button", name="Poner nombre").click()
            expect(strangers).to_have_count(2)
            strangers.first.get_by_label("¿Quién es?").fill("Begoña")
            strangers.first.get_by_role("button", name="Poner nombre").click()
            expect(page.get_by_text("Esta cara parece la de Ana")).to_be_visible()  # all drawn are
            page.get_by_role("button", name="Añadir de todos modos").click()
            expect(strangers).to_have_count(1)
            expect(page.locator("a.person", has_text="Begoña")).to_be_visible()
            strangers.first.get_by_role("button", name="Descartar").click()
            expect(strangers).to_have_count(0)
        assert gallery.person(ana.id).sample_count == 6
        assert gallery.find("Begoña").sample_count == 3


@pytest.mark.usefixtures("nobody_stays")
def test_somebody_is_enrolled_with_the_browsers_camera(facing: Browser, site: Site) -> None:
    with PHONE.context(facing) as context:
        page = context.new_page()
        problems = problems_of(page)
        page.goto(f"{site.address}/people")
        page.get_by_label("Nombre", exact=True).fill("Eva")
        page.get_by_role("button", name="Abrir la cámara").click()
        page.get_by_role("button", name="Hacer fotografía").click()
        expect(page.get_by_text("Eva está en la lista.")).to_be_visible()
        PHONE.keep(page, "people-camera")
        page.goto(f"{site.address}/phone")
        page.get_by_role("button", name="Empezar").click()
        expect(page.locator("#faces .face-name")).to_have_text("Eva")
        PHONE.keep(page, "phone-named")
        assert problems == []


def test_the_browsers_camera_is_the_kiosks(
    browser: Browser, facing: Browser, tmp_path: Path
) -> None:
    with (
        running_site("phone", tmp_path) as site,
        SCREEN.context(browser) as screen,
        PHONE.context(facing) as phone,
    ):
        live = screen.new_page()
        live.goto(site.address)
        expect(live.locator("#state")).to_have_text("No picture from the camera.")
        page = phone.new_page()
        problems = problems_of(page)
        page.goto(f"{site.address}/phone")
        expect(page.get_by_label("Que sean la cámara del quiosco")).to_be_checked()
        page.get_by_role("button", name="Empezar").click()
        expect(page.get_by_text("El quiosco mira por esta cámara.")).to_be_visible()
        expect(live.locator("#faces .face-name")).to_have_count(1)
        PHONE.keep(page, "phone-lent")
        SCREEN.keep(live, "live-lent")
        page.get_by_label("Contestar aquí quién aparece").check()
        expect(page.locator("#faces .face-name")).to_have_count(1)
        expect(live.locator("#state")).to_have_text("No picture from the camera.")
        assert problems == []


def test_photographs_that_will_not_do_are_told_why(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with PHONE.context(browser) as context:
        page = context.new_page()
        page.goto(f"{site.address}/people")
        page.get_by_label("Nombre", exact=True).fill("Nadie")
        wall, crowd = tmp_path / "pared.png", tmp_path / "dos.png"
        write_photo(wall, scene(size=(300, 300)))
        write_photo(crowd, scene(1, 3))
        page.locator("#photos").set_input_files([wall, crowd])
        expect(page.get_by_text("pared.png: no se ve ninguna cara")).to_be_visible()
        expect(page.get_by_text("dos.png: se ve más de una cara")).to_be_visible()
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


def test_a_video_that_was_cut_off_is_refused(
    browser: Browser, site: Site, clip: Path, tmp_path: Path
) -> None:
    whole = clip.read_bytes()
    cut = tmp_path / "cortado.mp4"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    with PHONE.context(browser) as context:
        page = context.new_page()
        page.goto(f"{site.address}/annotate")
        page.locator("#file").set_input_files(cut)
        expect(page.locator("#phase")).to_have_text("No ha podido ser", timeout=60_000)
        expect(page.get_by_role("alert")).to_contain_text("Este archivo no sirve.")
        said = re.compile("found damaged data|the file was cut short")
        expect(page.get_by_role("alert")).to_contain_text(said)
        PHONE.keep(page, "annotate-refused")
    assert [path for path in (site.state / "uploads").rglob("*") if path.is_file()] == []


def opened(page: Page, operation: str) -> Locator:
    """The card of a request on the API's page."""
    heading = page.get_by_role("heading", name=operation, exact=True)
    card = page.locator("details", has=heading)
    card.locator("summary").click()
    return card


def test_a_request_is_tried_on_the_apis_page(browser: Browser, lived_in: Site) -> None:
    with PHONE.context(browser) as context:
        page = context.new_page()
        problems = problems_of(page)
        page.goto(f"{lived_in.address}/docs")
        samples = opened(page, "GET /api/people/{person_id}/samples")
        samples.get_by_label("person_id").fill("1")
        samples.get_by_role("button", name="Send").click()
        expect(samples.locator(".answer code")).to_have_text("200 OK")
        expect(samples.locator(".answer pre")).to_contain_text('"quality": 0.75')
        picture = opened(page, "GET /api/people/{person_id}/samples/{sample_id}/picture")
        for label in ("person_id", "sample_id"):
            picture.get_by_label(label).fill("1")
        picture.get_by_role("button", name="Send").click()
        expect(picture.locator(".answer img")).to_be_visible()
        PHONE.keep(page, "docs-tried")
        assert wide(page) <= 0
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


def test_a_bundle_is_rolled_back_at_once(browser: Browser, tmp_path: Path) -> None:
    home = {"STATE_DIRECTORY": str(tmp_path / "device")}
    store = BundleStore(tmp_path / "device" / "bundles")
    for version in ("1.0.0", "2.0.0"):
        store.install(
            unsigned_copy(loader.load().folder, tmp_path / version, version=version), None
        )
    with (
        running_site("pattern", tmp_path / "state", environment=home) as site,
        SCREEN.context(browser) as context,
    ):
        page = context.new_page()
        page.goto(f"{site.address}/settings")
        expect(page.locator("#running")).to_contain_text("2.0.0")
        page.get_by_role("button", name="Roll back").click()
        expect(page.locator("#running")).to_contain_text("1.0.0")
        expect(page.get_by_text("1.0.0 is in use from this moment on.")).to_be_visible()
        expect(page.get_by_role("button", name="Roll back")).to_have_count(0)
        SCREEN.keep(page, "settings-rolled-back")
        page.goto(site.address)
        expect(page.locator("#faces li")).to_have_count(1)
