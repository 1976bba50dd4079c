"""What is written on pictures and pages, in the languages of ``texts/``."""

from collections.abc import Mapping
from typing import Literal, get_args

from edge_app.core.texts import en, es

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

TEXTS: dict[Language, Mapping[str, str]] = {"es": es.TEXTS, "en": en.TEXTS}


def translate(key: str, language: Language) -> str:
    """The text for a key; a key without one is shown as it is: some are what the system said."""
    return TEXTS[language].get(key, key)


def emotion_name(label: str, language: Language) -> str:
    """What an emotion is called; a label that has no text is an English word itself."""
    return TEXTS[language].get(f"emotion.{label}", label)
