"""Enrolling in front of the kiosk, started from a phone; the kiosk's screen says what to do."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from tests.browser.conftest import running_site
from tests.browser.looks import PHONE, SCREEN


def test_the_screen_prompts_and_the_new_person_is_named(browser: Browser, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[enrolment]\nsamples = 5\nenough = 3\ncountdown_s = 3.0\n", encoding="utf-8")
    with (
        running_site("pattern", tmp_path / "state", "--config", str(config)) as site,
        SCREEN.context(browser) as screen,
        PHONE.context(browser) as phone,
    ):
        kiosk = screen.new_page()
        kiosk.goto(f"{site.address}/kiosk")
        expect(kiosk.locator("#faces li")).to_have_count(1)
        page = phone.new_page()
        page.goto(f"{site.address}/people")
        page.get_by_label("Nombre", exact=True).fill("Begoña")
        page.get_by_role("button", name="Empezar").click()
        expect(kiosk.locator("#prompt-text")).to_have_text("Prepárate: mira a la cámara")
        expect(kiosk.locator("#prompt-count")).to_have_text("2")
        SCREEN.keep(kiosk, "kiosk-countdown")
        expect(kiosk.locator("#prompt-progress")).to_be_visible()
        SCREEN.keep(kiosk, "kiosk-progress")
        expect(kiosk.locator("#prompt-text")).to_have_text("Listo: Begoña", timeout=30_000)
        SCREEN.keep(kiosk, "kiosk-done")
        expect(page.get_by_role("link", name="Begoña")).to_be_visible(timeout=20_000)
        expect(kiosk.get_by_text("Begoña").first).to_be_attached(timeout=20_000)
        with State(site.state) as state:
            assert Gallery(state).find("begoña").sample_count >= 3
