from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.browser.looks import LOOKS, PHONE, Look

PIXELS = """
() => {
  const canvas = document.getElementById('picture');
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 97) sum = (sum * 31 + pixels[i]) % 1000000007;
  return sum;
}
"""


def wide(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def problems_of(page: Page) -> list[str]:
    """Errors that the page reports from now on."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    return problems


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_the_stream_moves_and_lists_who_is_in_view(
    browser: Browser, site: Site, look: Look
) -> None:
    with look.context(browser) as context:
        page = context.new_page()
        problems = problems_of(page)
        page.goto(site.address)
        expect(page.locator("#faces li")).to_have_count(2)
        first = page.evaluate(PIXELS)
        page.wait_for_timeout(500)
        assert page.evaluate(PIXELS) != first
        heading = {"es": "A la vista", "en": "In view"}[look.language]
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        expect(page.locator("#rate")).to_contain_text(".")
        assert wide(page) <= 0
        look.keep(page, "live")
        assert problems == []


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_the_kiosk_view_fills_the_screen(browser: Browser, site: Site, look: Look) -> None:
    with look.context(browser) as context:
        page = context.new_page()
        page.goto(f"{site.address}/kiosk")
        expect(page.locator("#faces li")).to_have_count(2)
        expect(page.get_by_text("Aquí se reconocen caras")).to_be_visible()
        height = page.evaluate("document.documentElement.scrollHeight - window.innerHeight")
        assert (wide(page), height) == (0, 0)
        look.keep(page, "kiosk")


def test_the_login_refuses_and_lets_in(browser: Browser, start_site: Callable[..., Site]) -> None:
    site = start_site(password="all of the buttons")
    with PHONE.context(browser) as context:
        page = context.new_page()
        page.goto(f"{site.address}/kiosk")
        page.get_by_label("Contraseña").fill("wrong")
        page.get_by_role("button", name="Entrar").click()
        expect(page.get_by_role("alert")).to_have_text("Esa no es la contraseña.")
        PHONE.keep(page, "login")
        page.get_by_label("Contraseña").fill("all of the buttons")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site.address}/kiosk")
        expect(page.locator("#faces li")).to_have_count(2)
