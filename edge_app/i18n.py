"""What is written on pictures, in Spanish and English."""

from typing import Literal

Language = Literal["es", "en"]

_TEXTS: dict[Language, dict[str, str]] = {
    "es": {
        "unknown": "desconocido",
        "no_picture": "Sin imagen",
        "angry": "enfado",
        "disgust": "asco",
        "fear": "miedo",
        "happy": "alegría",
        "sad": "tristeza",
        "surprise": "sorpresa",
        "neutral": "neutral",
        "bored": "aburrimiento",
    },
    "en": {"unknown": "unknown", "no_picture": "No picture"},
}


def translate(key: str, language: Language) -> str:
    """The text for a key; a key without one is shown as it is (labels are English words)."""
    return _TEXTS[language].get(key, key)
