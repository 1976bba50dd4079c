"""Who is let in, how, and by which way; and that a screen reader gets along."""

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, running_site
from tests.browser.looks import LOOKS, PHONE, Look
from tests.browser.test_live_page import problems_of
from tests.tools import free_port, missing, require_tool, server

PASSWORD = "all of the buttons"
PATHS = (
    "/", "/kiosk", "/people", "/people/1", "/phone", "/annotate", "/events", "/settings", "/docs",
)  # fmt: skip
OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true"

_NGINX = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 100; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    {locations}
  }}
}}
"""


@pytest.fixture(scope="module")
def guarded(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(clip, tmp_path_factory.mktemp("state"), password=PASSWORD) as site:
        yield site


@pytest.fixture
def proxied(guarded: Site, tmp_path: Path) -> Iterator[str]:
    """The address below /hall of nginx, set up as docs/web.md says."""
    nginx = require_tool("nginx", "nginx-light")
    documented = Path("docs/web.md").read_text(encoding="utf-8")
    locations = documented.split("```nginx\n")[1].split("```")[0]
    port = free_port()
    config = tmp_path / "nginx.conf"
    config.write_text(
        _NGINX.format(
            folder=tmp_path,
            port=port,
            locations=locations.replace("http://127.0.0.1:8000", guarded.address),
        ),
        encoding="utf-8",
    )
    with server([nginx, "-c", str(config), "-g", "daemon off;"], port):
        yield f"http://127.0.0.1:{port}/hall"


def test_the_login_locks_out(browser: Browser, start_site: Callable[..., Site]) -> None:
    site = start_site(password=PASSWORD)
    with PHONE.context(browser) as context:
        page = context.new_page()
        page.goto(f"{site.address}/people")
        for _ in range(5):
            page.get_by_label("Contraseña").fill("a guess")
            page.get_by_role("button", name="Entrar").click()
            expect(page.get_by_role("alert")).to_have_text("Esa no es la contraseña.")
        page.get_by_label("Contraseña").fill(PASSWORD)
        page.get_by_role("button", name="Entrar").click()
        expect(page.get_by_role("alert")).to_contain_text("Demasiados intentos")
        PHONE.keep(page, "locked-out")


def test_everything_works_below_a_path_of_nginx(browser: Browser, proxied: str) -> None:
    with PHONE.context(browser) as context:
        page = context.new_page()
        problems = problems_of(page)
        page.goto(f"{proxied}/")
        expect(page).to_have_url(f"{proxied}/login?next=/")
        page.get_by_label("Contraseña").fill(PASSWORD)
        page.get_by_role("button", name="Entrar").click()
        expect(page).to_have_url(f"{proxied}/")
        expect(page.locator("#faces li")).to_have_count(2)
        page.get_by_role("link", name="Personas").click()
        expect(page).to_have_url(f"{proxied}/people")
        page.get_by_role("button", name="Salir").click()
        expect(page).to_have_url(f"{proxied}/login")
        assert problems == []


def test_a_logout_ends_what_is_open_in_other_tabs(browser: Browser, guarded: Site) -> None:
    with PHONE.context(browser) as context:
        live = context.new_page()
        live.goto(f"{guarded.address}/")
        live.get_by_label("Contraseña").fill(PASSWORD)
        live.get_by_role("button", name="Entrar").click()
        expect(live.locator("#faces li")).to_have_count(2)
        other = context.new_page()
        other.goto(f"{guarded.address}/events")
        other.get_by_role("button", name="Salir").click()
        live.bring_to_front()
        expect(live).to_have_url(f"{guarded.address}/login?next=/")


def test_without_a_password_nothing_comes_through_a_proxy(site: Site) -> None:
    request = urllib.request.Request(
        f"{site.address}/api/live", headers={"X-Forwarded-For": "203.0.113.9"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 403
    refused.value.close()


def test_over_https_the_phone_lends_its_camera(
    browser: Browser, start_site: Callable[..., Site]
) -> None:
    site = start_site("--tls")
    assert site.address.startswith("https://")
    with PHONE.context(browser) as context:
        page = context.new_page()
        page.goto(f"{site.address}/phone")
        page.get_by_role("button", name="Empezar").click()
        expect(page.locator("#rate")).to_contain_text(".", timeout=20_000)


def axe_script() -> Path:
    """axe-core as npm installs it. Where npm is not there or gives nothing: as ``missing``."""
    npm = require_tool("npm", "npm")
    folder = Path(".axe")
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        folder.mkdir(exist_ok=True)
        subprocess.run(
            [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", "axe-core@4"],
            cwd=folder,
            check=False,
            timeout=120,
        )
    if not script.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        missing("axe-core, which npm could not install")
    return script


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_axe_finds_nothing_serious(browser: Browser, lived_in: Site, look: Look) -> None:
    script = axe_script().read_text(encoding="utf-8")
    found = []
    with look.context(browser) as context:
        page = context.new_page()
        for path in PATHS:
            page.goto(lived_in.address + path)
            page.evaluate(OPEN_ALL)
            page.evaluate(script)
            result = page.evaluate("axe.run()")
            found += [
                (path, violation["id"], node["html"][:100])
                for violation in result["violations"]
                if violation["impact"] in ("serious", "critical")
                for node in violation["nodes"]
            ]
    assert found == [], json.dumps(found, indent=1)
