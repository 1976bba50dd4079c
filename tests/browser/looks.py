"""How a page is opened: language, size, colours; and the screenshots of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import ARTEFACTS


@dataclass(frozen=True)
class Look:
    name: str
    language: str
    size: tuple[int, int]
    dark: bool

    @contextmanager
    def context(self, browser: Browser) -> Iterator[BrowserContext]:
        context = browser.new_context(
            locale={"es": "es-ES", "en": "en-GB"}[self.language],
            viewport={"width": self.size[0], "height": self.size[1]},
            color_scheme="dark" if self.dark else "light",
            permissions=["camera"],
            ignore_https_errors=True,
        )
        context.set_default_timeout(15_000)
        yield context
        context.close()

    def keep(self, page: Page, name: str) -> None:
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{name}.{self.name}.png", full_page=True)


PHONE = Look("phone-es-light", "es", (360, 740), dark=False)
SCREEN = Look("screen-en-dark", "en", (1920, 1080), dark=True)
LOOKS = (PHONE, pytest.param(SCREEN, marks=pytest.mark.slow("the pages once more")))
