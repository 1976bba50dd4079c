import re

from starlette.testclient import TestClient

from edge_app.web.pages import STATIC

TEMPLATES = STATIC.parent / "templates"

PAGES = ["/", "/people", "/phone", "/annotate", "/events", "/settings"]


def test_the_navigation_leads_to_every_page_and_marks_the_one_that_is_shown(
    client: TestClient,
) -> None:
    for path in PAGES:
        answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": "en"})
        assert answer.status_code == 200
        navigation = answer.text.split("<nav", 1)[1].split("</nav>", 1)[0]
        assert re.findall(r'href="([^"]*)"', navigation) == PAGES
        assert re.findall(r'href="([^"]*)" aria-current="page"', navigation) == [path]


def test_no_page_takes_anything_from_another_host_or_runs_inline_script() -> None:
    for path in [*TEMPLATES.glob("*.html"), *STATIC.glob("*")]:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://", text), path.name
        assert not re.search(r"\son\w+=|style=|<style|javascript:", text), path.name
    for path in TEMPLATES.glob("*.html"):
        for script in re.findall(r"<script[^>]*>", path.read_text(encoding="utf-8")):
            assert "src=" in script or 'type="application/json"' in script, path.name
