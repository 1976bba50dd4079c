"""What is written on pictures, in Spanish and English."""

from typing import Literal

Language = Literal["es", "en"]

_TEXTS: dict[Language, dict[str, str]] = {
    "es": {
        "unknown": "desconocido",
        "no_picture": "Sin imagen",
        "get_ready": "Prepárate: mira a la cámara",
        "look_here": "Mira aquí",
        "no_face": "Acércate y mira a la cámara",
        "come_closer": "Acércate",
        "turned": "Mira de frente",
        "one_person": "Una sola persona, por favor",
        "hold_still": "No te muevas tanto",
        "more_light": "Hace falta más luz",
        "less_light": "Hay demasiada luz",
        "turn_a_little": "Gira un poco la cabeza",
        "saving": "Guardando",
        "enrolled": "Listo",
        "cancelled": "Cancelado",
        "face_lost": "Ya no se ve la cara; no se ha guardado nada",
        "too_few": "No ha salido bien; no se ha guardado nada",
        "photo_no_face": "no se ve ninguna cara de frente",
        "photo_one_person": "se ve más de una cara",
        "photo_come_closer": "la cara es demasiado pequeña",
        "photo_turned": "la cara está girada",
        "photo_hold_still": "la cara no está nítida",
        "photo_more_light": "la cara está demasiado oscura",
        "photo_less_light": "la cara está demasiado clara",
        "photo_turn_a_little": "igual que otra foto ya guardada",
        "angry": "enfado",
        "disgust": "asco",
        "fear": "miedo",
        "happy": "alegría",
        "sad": "tristeza",
        "surprise": "sorpresa",
        "neutral": "neutral",
        "bored": "aburrimiento",
    },
    "en": {
        "unknown": "unknown",
        "no_picture": "No picture",
        "get_ready": "Get ready: look at the camera",
        "look_here": "Look here",
        "no_face": "Come closer and look at the camera",
        "come_closer": "Come closer",
        "turned": "Face the camera",
        "one_person": "One person only, please",
        "hold_still": "Hold still",
        "more_light": "More light is needed",
        "less_light": "There is too much light",
        "turn_a_little": "Turn your head a little",
        "saving": "Saving",
        "enrolled": "Done",
        "cancelled": "Cancelled",
        "face_lost": "The face was lost; nothing was kept",
        "too_few": "That did not work; nothing was kept",
        "photo_no_face": "no face from the front is seen",
        "photo_one_person": "more than one face is seen",
        "photo_come_closer": "the face is too small",
        "photo_turned": "the face is turned away",
        "photo_hold_still": "the face is not sharp",
        "photo_more_light": "the face is too dark",
        "photo_less_light": "the face is too bright",
        "photo_turn_a_little": "the same as a photo that was kept",
    },
}


def translate(key: str, language: Language) -> str:
    """The text for a key; a key without one is shown as it is (labels are English words)."""
    return _TEXTS[language].get(key, key)
