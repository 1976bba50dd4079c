"""What the pages say, in Spanish and English."""

from typing import get_args

from edge_app.i18n import Language, translate

LANGUAGES: tuple[Language, ...] = get_args(Language)

_EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "bored")

_TEXTS: dict[str, tuple[str, str]] = {
    # key: (Spanish, English)
    "skip": ("Ir al contenido", "Skip to the content"),
    "menu": ("Menú", "Menu"),
    "live": ("En directo", "Live"),
    "people": ("Personas", "People"),
    "phone": ("Cámara", "Camera"),
    "upload": ("Anotar", "Annotate"),
    "events": ("Historial", "Events"),
    "settings": ("Ajustes", "Settings"),
    "log_in": ("Entrar", "Log in"),
    "log_out": ("Salir", "Log out"),
    "password": ("Contraseña", "Password"),
    "wrong_password": ("Esa no es la contraseña.", "That is not the password."),
    "wait": (
        "Demasiados intentos. Espera {seconds} segundos.",
        "Too many attempts. Wait {seconds} seconds.",
    ),
    "other_language": ("English", "Español"),
    "error": ("Algo no va", "Something is wrong"),
    "to_start": ("Volver al principio", "Back to the start"),
    "live_picture": ("Imagen en directo con las caras marcadas", "Live picture with faces marked"),
    "in_view": ("A la vista", "In view"),
    "nobody": ("No hay nadie a la vista.", "Nobody is in view."),
    "unknown": ("desconocido", "unknown"),
    "face": ("Cara", "Face"),
    "connecting": ("Conectando…", "Connecting…"),
    "no_connection": ("Sin conexión; se reintenta.", "No connection; trying again."),
    "no_picture": ("Sin imagen de la cámara.", "No picture from the camera."),
    "rate": ("imágenes por segundo", "frames per second"),
    "latency": ("retraso", "delay"),
    "full_screen": ("Vista de quiosco", "Kiosk view"),
    "notice": (
        "Aquí se reconocen caras y emociones.",
        "Faces and emotions are recognised here.",
    ),
    "notice_more": (
        "Una emoción leída en una cara es una conjetura. Avisa si no quieres que se te reconozca.",
        "An emotion read off a face is a guess. Ask if you do not want to be recognised.",
    ),
}  # fmt: skip


def texts_in(language: Language) -> dict[str, str]:
    """Every text by its key; ``emotion.LABEL`` are the names of the emotions."""
    place = LANGUAGES.index(language)
    texts = {key: both[place] for key, both in _TEXTS.items()}
    emotions = {f"emotion.{label}": translate(label, language) for label in _EMOTIONS}
    return texts | emotions
