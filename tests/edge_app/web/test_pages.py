import re

from starlette.testclient import TestClient

from edge_app.web.pages import STATIC

TEMPLATES = STATIC.parent / "templates"

PAGES = ["/", "/people", "/phone", "/annotate", "/events", "/settings"]


def navigation(client: TestClient, path: str) -> str:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, path
    return answer.text.split("<nav", 1)[1].split("</nav>", 1)[0]


def test_the_navigation_leads_to_pages_that_each_mark_themselves(client: TestClient) -> None:
    links = re.findall(r'href="([^"]*)"', navigation(client, "/"))
    assert [link for link in links if link in PAGES] == PAGES
    for link in links:
        marked = re.findall(r'href="([^"]*)" aria-current="page"', navigation(client, link))
        assert marked == [link]


def test_no_page_takes_anything_from_another_host_or_runs_inline_script() -> None:
    for path in [*TEMPLATES.glob("*.html"), *STATIC.glob("*")]:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://", text), path.name
        assert not re.search(r"\son\w+=|style=|<style|javascript:", text), path.name
    for path in TEMPLATES.glob("*.html"):
        for script in re.findall(r"<script[^>]*>", path.read_text(encoding="utf-8")):
            assert "src=" in script or 'type="application/json"' in script, path.name
