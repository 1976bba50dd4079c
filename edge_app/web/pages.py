"""Renders the templates in the visitor's language."""

import json
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from edge_app import __version__
from edge_app.core.i18n import LANGUAGES, TEXTS, Language, emotion_name
from edge_app.web.security.access import Role
from edge_app.web.security.users import user_of
from edge_app.web.services import services_of

_FOLDER = Path(str(resources.files("edge_app.web")))
STATIC = _FOLDER / "static"
LANGUAGE_COOKIE = "language"


class Link(NamedTuple):
    """A page's place in the navigation. text: its key. role: who is shown it."""

    address: str
    text: str
    role: Role


_environment = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def language_of(connection: HTTPConnection) -> Language:
    """What the visitor chose, else what the browser asks for, else the kiosk's own."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    for wanted in _accepted(connection.headers.get("accept-language", "")):
        if wanted in LANGUAGES:
            return wanted
    return services_of(connection).settings.screen.language


def _accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header without their regions, most wanted first."""
    weighted = []
    for part in header.split(","):
        language, _, parameters = part.partition(";")
        try:
            weight = float(parameters.partition("q=")[2] or 1.0)
        except ValueError:
            weight = 0.0
        weighted.append((weight, language.strip().partition("-")[0].lower()))
    return [language for _, language in sorted(weighted, key=lambda pair: -pair[0])]


def page(
    connection: HTTPConnection,
    template: str,
    status: int = 200,
    /,
    language: Language | None = None,
    **values: Any,
) -> HTMLResponse:
    """A template as an answer.

    In it ``t(key)`` is a text, ``emotion_name(label)`` what an emotion is called, which for labels
    that have no text is the label, and ``url(path)`` an address here.

    language: in place of the visitor's.
    """
    language = language or language_of(connection)
    texts = TEXTS[language]
    root = connection.scope.get("root_path", "")
    html = _environment.get_template(template).render(
        t=texts.__getitem__,
        emotion_name=lambda label: emotion_name(label, language),
        url=lambda path: f"{root}{path}",
        root=root,
        path=connection.scope["path"].removeprefix(root),
        language=language,
        texts=json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c"),
        user=user_of(connection),
        navigation=connection.app.state.navigation,
        version=__version__,
        **values,
    )
    return HTMLResponse(html, status, {"Vary": "Cookie, Accept-Language"})
