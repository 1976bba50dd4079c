"""Pressing twice, choosing another file meanwhile, a kiosk that does not answer."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import Site
from tests.browser.looks import PHONE, SCREEN
from tests.browser.test_pages import photo_of

NO_ANSWER = {"es": "El quiosco no contesta.", "en": "The kiosk does not answer."}

SLOW_CAMERA = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.streams = [];
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  window.streams.push(stream);
  await new Promise((done) => setTimeout(done, 500));
  return stream;
};
"""
"""Asked for, it takes half a second, as somebody does who is asked for the permission."""

DARK_CAMERA = """
const toBlob = HTMLCanvasElement.prototype.toBlob;
let dark = 3;
HTMLCanvasElement.prototype.toBlob = function (done, ...how) {
  if (dark-- > 0) done(null);
  else toBlob.call(this, done, ...how);
};
"""


def crashes_of(page: Page) -> list[str]:
    """What no script caught, from now on."""
    crashes: list[str] = []
    page.on("pageerror", lambda error: crashes.append(str(error)))
    return crashes


def press_twice(page: Page, button: str) -> None:
    """Without waiting for the button to be pressable."""
    press = "document.getElementById(id).click();"
    page.evaluate(f"id => {{ {press} {press} }}", button)


def cameras(page: Page) -> list[bool]:
    """Of each that was opened, whether it is on."""
    is_on = "stream.getTracks().some((track) => track.readyState === 'live')"
    return page.evaluate(f"streams.map((stream) => {is_on})")


def page_with(context: BrowserContext, script: str) -> Page:
    page = context.new_page()
    page.add_init_script(script)
    return page


def test_starting_twice_opens_one_camera_and_stopping_turns_it_off(
    browser: Browser, site: Site
) -> None:
    with PHONE.context(browser) as context:
        page = page_with(context, SLOW_CAMERA)
        page.goto(f"{site.address}/phone")
        press_twice(page, "start")
        expect(page.locator("#rate")).to_contain_text(".")
        assert cameras(page) == [True]
        page.get_by_role("button", name="Parar").click()
        assert cameras(page) == [False]


def test_a_camera_that_cannot_be_shown_is_turned_off(browser: Browser, site: Site) -> None:
    with PHONE.context(browser) as context:
        refusing = "HTMLMediaElement.prototype.play = () => Promise.reject(new Error('not now'));"
        page = page_with(context, SLOW_CAMERA + refusing)
        page.goto(f"{site.address}/phone")
        page.get_by_role("button", name="Empezar").click()
        expect(page.locator("#state")).to_contain_text("no presta la cámara: not now")
        assert cameras(page) == [False]


def test_a_camera_without_a_picture_yet_is_asked_again(browser: Browser, site: Site) -> None:
    with PHONE.context(browser) as context:
        page = page_with(context, DARK_CAMERA)
        crashes = crashes_of(page)
        page.goto(f"{site.address}/phone")
        page.get_by_role("button", name="Empezar").click()
        expect(page.locator("#rate")).to_contain_text(".")
        assert crashes == []


@pytest.mark.usefixtures("nobody_stays")
def test_a_photograph_taken_twice_enrols_once(facing: Browser, site: Site) -> None:
    with PHONE.context(facing) as context:
        page = context.new_page()
        page.goto(f"{site.address}/people")
        methods: list[str] = []
        page.on("request", lambda request: methods.append(request.method))
        page.get_by_label("Nombre", exact=True).fill("Eva")
        page.get_by_role("button", name="Abrir la cámara").click()
        expect(page.locator("#take-photo")).to_be_visible()
        press_twice(page, "take-photo")
        expect(page.get_by_text("Eva está en la lista.")).to_be_visible()
        expect(page.locator("#take-photo")).to_be_enabled()
        page.wait_for_load_state("networkidle")
        expect(page.get_by_text("No se ha añadido a nadie")).to_have_count(0)
    assert methods.count("POST") == 1


def test_another_file_takes_the_place_of_the_first(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    phases = {"first": "running", "second": "running"}
    deleted = []

    def answer(route: Route) -> None:
        number = "second" if "second" in route.request.url else "first"
        if route.request.method == "DELETE":
            deleted.append(number)
            route.fulfill(status=204)
            return
        record: dict[str, object] = {"id": number, "name": number, "kind": "photo"}
        record |= {"phase": phases[number], "frames": 0, "total": 0, "error": ""}
        status = 202 if route.request.method == "POST" else 200
        route.fulfill(status=status, content_type="application/json", body=json.dumps(record))

    with SCREEN.context(browser) as context:
        page = context.new_page()
        page.route(re.compile(r"/api/annotations[/?]"), answer)
        page.goto(f"{site.address}/annotate")
        for name in phases:
            page.locator("#file").set_input_files(photo_of(5, tmp_path / f"{name}.png"))
            expect(page.locator("#phase")).to_have_text("Annotating")
        phases["first"] = "done"
        page.wait_for_timeout(1500)
        expect(page.locator("#what")).to_have_text("second.png")
        expect(page.locator("#phase")).to_have_text("Annotating")
        expect(page.locator("#result")).to_be_hidden()
        phases["second"] = "done"
        expect(page.locator("#file-link")).to_have_attribute("href", re.compile("/second/"))
        page.get_by_role("button", name="Delete").click()
        expect(page.locator("#work")).to_be_hidden()
    assert deleted == ["second"]


def test_a_file_that_cannot_be_deleted_is_said(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with SCREEN.context(browser) as context:
        page = context.new_page()
        crashes = crashes_of(page)
        page.goto(f"{site.address}/annotate")
        page.locator("#file").set_input_files(photo_of(5, tmp_path / "photo.png"))
        page.route(
            "**/api/annotations/*",
            lambda route: route.abort() if route.request.method == "DELETE" else route.continue_(),
        )
        page.get_by_role("button", name="Delete").click()
        expect(page.locator("#outcome")).to_have_text(NO_ANSWER["en"])
        page.unroute("**/api/annotations/*")
        page.get_by_role("button", name="Delete").click()
        expect(page.locator("#work")).to_be_hidden()
        assert crashes == []


@pytest.mark.parametrize(
    ("path", "request_", "button"),
    [
        ("/events", "**/api/events?*", None),
        ("/people", "**/api/enrolment", "kiosk-cancel"),
        ("/", "**/api/snapshots", "keep"),
    ],
)
def test_a_kiosk_that_does_not_answer_is_said(
    browser: Browser, site: Site, path: str, request_: str, button: str | None
) -> None:
    with PHONE.context(browser) as context:
        page = context.new_page()
        crashes = crashes_of(page)
        page.route(request_, lambda route: route.abort())
        page.goto(site.address + path)
        if button:
            page.locator(f"#{button}").dispatch_event("click")
        expect(page.locator("#outcome")).to_have_text(NO_ANSWER["es"])
        assert crashes == []


def test_a_picture_is_kept(browser: Browser, site: Site) -> None:
    with SCREEN.context(browser) as context:
        page = context.new_page()
        page.goto(site.address)
        expect(page.locator("#faces li")).to_have_count(2)
        page.get_by_role("button", name="Keep this picture").click()
        expect(page.locator("#outcome")).to_contain_text("Kept on the kiosk: 20")
        SCREEN.keep(page, "live-kept")
    assert len(list((site.state / "snapshots").iterdir())) == 1


@pytest.mark.parametrize(
    ("doubt", "about", "words"),
    [
        ("looks_like", {"id": 3, "name": "Eva"}, "Esta cara parece la de Eva, que ya está"),
        ("unlike", {"id": 1, "name": "Ana"}, "no se parece a las demás muestras de Ana"),
        ("two_people", None, "Estas imágenes parecen de dos personas"),
    ],
)
@pytest.mark.usefixtures("nobody_stays")
def test_a_doubtful_face_is_added_when_that_is_said(
    browser: Browser, site: Site, tmp_path: Path, doubt: str, about: object, words: str
) -> None:
    def answer(route: Route) -> None:
        if "anyway=true" in route.request.url:
            route.fulfill(status=201, json={"id": 1, "name": "Ana"})
        else:
            route.fulfill(status=409, json={"detail": "expected", doubt: about})

    photo = photo_of(1, tmp_path / "ana.png")
    with PHONE.context(browser) as context:
        page = context.new_page()
        page.goto(f"{site.address}/people")
        page.route("**/api/people?**", answer)
        page.get_by_label("Nombre", exact=True).fill("Ana")
        page.locator("#photos").set_input_files(photo)
        expect(page.locator(".verdicts")).to_contain_text(words)
        page.get_by_role("button", name="Añadir de todos modos").click()
        page.wait_for_url("**/people/1")  # where the page goes once all are kept
