import re
from pathlib import Path

import edge_app
from edge_app.bundle.loader import Bundle
from edge_app.core.i18n import LANGUAGES, TEXTS, emotion_name, translate
from edge_app.enrolment.selection import Refusal

CODE = Path(edge_app.__file__).parent
TABLES = CODE / "core" / "texts"

FAMILIES = r"(check|doubt|doubtful|emotion|origin|part|phase|refused)\."
"""Keys that are put together from what is shown: ``emotion.LABEL``, ``refused.STATUS``."""


def read(*patterns: str) -> dict[Path, str]:
    paths = [path for pattern in patterns for path in CODE.rglob(pattern)]
    return {path: path.read_text(encoding="utf-8") for path in paths if path.parent != TABLES}


def test_every_language_has_the_same_keys_and_a_text_for_each() -> None:
    for language in LANGUAGES:
        assert list(TEXTS[language]) == list(TEXTS["es"])
        assert all(TEXTS[language].values())


def test_a_text_says_the_same_values_in_every_language() -> None:
    for key in TEXTS["es"]:
        said = {tuple(sorted(re.findall(r"{\w+}", texts[key]))) for texts in TEXTS.values()}
        assert len(said) == 1, key


def test_every_key_that_is_used_has_a_text() -> None:
    used = set()
    for pattern, call in (
        ("*.html", r"\bt\('([\w.]+)'\)"),
        ("*.js", r'\btext\("([\w.]+)"'),
        ("*.py", r'\btranslate\("([\w.]+)"'),
    ):
        found = {key for text in read(pattern).values() for key in re.findall(call, text)}
        assert found, pattern
        used |= found
    assert used - set(TEXTS["es"]) == set()


def test_every_text_is_used() -> None:
    quoted = set(re.findall(r"[\"'](\w+)[\"']", "".join(read("*.py", "*.html", "*.js").values())))
    photos = {refusal.about_photo for refusal in Refusal}
    alone = {key for key in TEXTS["es"] if not re.match(FAMILIES, key)}
    assert alone - quoted - photos == set()


def test_every_label_of_the_bundle_has_a_spanish_word(bundle: Bundle) -> None:
    for label in (*bundle.manifest.emotion.labels, "bored"):
        assert label == "neutral" or emotion_name(label, "es") != label


def test_english_shows_the_label_itself() -> None:
    assert emotion_name("happy", "en") == "happy"


def test_a_word_nobody_knows_is_shown_as_it_is() -> None:
    assert translate("puzzled", "es") == "puzzled"
    assert emotion_name("people", "es") == "people"


def test_every_refusal_has_its_own_words_for_people_and_for_photos() -> None:
    keys = [key for refusal in Refusal for key in (str(refusal), refusal.about_photo)]
    for language in LANGUAGES:
        texts = [translate(key, language) for key in keys]
        assert len(set(texts)) == len(texts) and not set(texts) & set(keys)
