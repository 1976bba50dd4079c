import re
from pathlib import Path

import pytest

from edge_app.web.pages import STATIC
from edge_app.web.texts import LANGUAGES, texts_in

TEMPLATES = STATIC.parent / "templates"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_a_page_uses_has_a_text(language: str) -> None:
    texts = texts_in(language)  # type: ignore[arg-type]
    used = {key for path in TEMPLATES.glob("*.html") for key in keys(path, r"\bt\('([\w.]+)'\)")}
    used |= {key for path in STATIC.glob("*.js") for key in keys(path, r'\btext\("([\w.]+)"')}
    assert len(used) > 60
    assert used - set(texts) == set()


def keys(path: Path, pattern: str) -> set[str]:
    return set(re.findall(pattern, path.read_text(encoding="utf-8")))


def test_no_page_takes_anything_from_another_host_or_runs_inline_script() -> None:
    for path in [*TEMPLATES.glob("*.html"), *STATIC.glob("*")]:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://", text), path.name
        assert not re.search(r"\son\w+=|style=|<style|javascript:", text), path.name
    for path in TEMPLATES.glob("*.html"):
        for script in re.findall(r"<script[^>]*>", path.read_text(encoding="utf-8")):
            assert "src=" in script or 'type="application/json"' in script, path.name
