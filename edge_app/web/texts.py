"""What the pages say, in Spanish and English."""

from typing import get_args

from edge_app.core.i18n import Language, translate
from edge_app.enrolment.selection import Refusal

LANGUAGES: tuple[Language, ...] = get_args(Language)

_PROMPTS = (
    *Refusal, *(refusal.about_photo for refusal in Refusal),
    "get_ready", "look_here", "saving", "enrolled", "cancelled", "face_lost", "too_few",
)  # fmt: skip
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
    "not_them": ("No es {name}", "Not {name}"),
    "noted_not_them": ("Anotado: no es {name}.", "Noted: that is not {name}."),
    "not_enrolled": ("{name} ya no está en la lista.", "{name} is not enrolled any more."),
    "in_view": ("A la vista", "In view"),
    "nobody": ("No hay nadie a la vista.", "Nobody is in view."),
    "unknown": ("desconocido", "unknown"),
    "face": ("Cara", "Face"),
    "connecting": ("Conectando…", "Connecting…"),
    "no_connection": ("Sin conexión; se reintenta.", "No connection; trying again."),
    "no_answer": ("El quiosco no contesta.", "The kiosk does not answer."),
    "no_picture": ("Sin imagen de la cámara.", "No picture from the camera."),
    "rate": ("imágenes por segundo", "frames per second"),
    "latency": ("retraso", "delay"),
    "keep_picture": ("Guardar esta imagen", "Keep this picture"),
    "picture_kept": ("Guardada en el quiosco: {name}", "Kept on the kiosk: {name}"),
    "full_screen": ("Vista de quiosco", "Kiosk view"),
    "notice": (
        "Aquí se reconocen caras y emociones.",
        "Faces and emotions are recognised here.",
    ),
    "notice_more": (
        "Una emoción leída en una cara es una conjetura. Avisa si no quieres que se te reconozca.",
        "An emotion read off a face is a guess. Ask if you do not want to be recognised.",
    ),
    # people
    "people_none": ("Todavía no hay nadie.", "Nobody is enrolled yet."),
    "samples": ("Muestras", "Samples"),
    "enrol": ("Añadir a una persona", "Add a person"),
    "enrol_off": (
        "Los ajustes tienen [identity] enabled = false: no se puede añadir a nadie.",
        "The settings have [identity] enabled = false: nobody can be enrolled.",
    ),
    "name": ("Nombre", "Name"),
    "choose_photos": ("Elegir fotografías", "Choose photographs"),
    "from_photos": ("Con fotografías", "From photographs"),
    "from_photos_hint": (
        "Una sola cara de frente en cada una; varias con distinta expresión funcionan mejor.",
        "One face from the front in each; several with different expressions work best.",
    ),
    "from_device": ("Con la cámara de este aparato", "With this device's camera"),
    "from_kiosk": ("Ante la cámara del quiosco", "In front of the kiosk's camera"),
    "from_kiosk_hint": (
        "La pantalla del quiosco dice qué hacer.",
        "The kiosk's screen says what to do.",
    ),
    "take_photo": ("Hacer fotografía", "Take a photograph"),
    "open_camera": ("Abrir la cámara", "Open the camera"),
    "start": ("Empezar", "Start"),
    "stop": ("Parar", "Stop"),
    "cancel": ("Cancelar", "Cancel"),
    "photo_kept": ("{name}: guardada", "{name}: kept"),
    "enrolled_as": ("{name} está en la lista.", "{name} is enrolled."),
    "enrolled_nobody": (
        "No se ha añadido a nadie: ninguna fotografía sirve.",
        "Nobody was enrolled: none of the photographs will do.",
    ),
    "rename": ("Cambiar el nombre", "Rename"),
    "save": ("Guardar", "Save"),
    "saved": ("Guardado.", "Saved."),
    "add_photos": ("Añadir fotografías", "Add photographs"),
    "merge": ("Es la misma persona que…", "This is the same person as…"),
    "merge_hint": (
        "Las muestras y el historial de esa persona pasan a {name}.",
        "That person's samples and events go to {name}.",
    ),
    "merge_do": ("Unir", "Merge"),
    "delete": ("Borrar", "Delete"),
    "delete_person": ("Borrar a {name}", "Delete {name}"),
    "delete_hint": (
        "Se borran sus muestras ({count}) y su historial, también del disco. No se puede deshacer.",
        "The samples ({count}) and all events go, from the disk too. This cannot be undone.",
    ),
    "delete_sample": ("Borrar la muestra {number}", "Delete sample {number}"),
    "sample_of": ("Muestra {number} de {name}", "Sample {number} of {name}"),
    "origin.camera": ("quiosco", "kiosk"),
    "origin.upload": ("fotografía", "photograph"),
    "origin.import": ("importada", "imported"),
    "origin.unknown": ("desconocido con nombre nuevo", "a stranger who was named"),
    "origin.correction": ("corrección", "correction"),
    "corrections": ("Correcciones", "Corrections"),
    "corrections_hint": (
        "Caras a las que se dio este nombre y que no son de {name}; las que se les parecen quedan "
        "sin nombre. Si una es un error, se borra aquí. Días hasta que se borran solas: {days}.",
        "Faces that were given this name and are not {name}'s; those like them stay unnamed. "
        "Delete one here if it is a mistake. Days until they go by themselves: {days}.",
    ),
    "correction_of": ("Corrección {number}: no es {name}", "Correction {number}: not {name}"),
    "delete_correction": ("Borrar la corrección {number}", "Delete correction {number}"),
    "delete_corrections": ("Borrar todas las correcciones", "Delete all corrections"),
    # unknown faces
    "unknown_faces": ("Caras sin nombre", "Faces without a name"),
    "unknown_hint": (
        "Quien se quedó ante el quiosco y no está en la lista. Con el nombre de alguien que está, "
        "sus imágenes pasan a esa persona.",
        "Who stayed in front of the kiosk and is not enrolled. With the name of somebody enrolled, "
        "the pictures go to that person.",
    ),
    "unknown_off": (
        "Ahora no se guarda a ningún desconocido. Se cambia en el archivo de ajustes, [unknown]; "
        "antes conviene leer docs/privacy.md.",
        "No strangers are kept at present. That is changed in the settings file, below [unknown]; "
        "read docs/privacy.md first.",
    ),
    "unknown_none": ("Todavía no se ha guardado a nadie.", "Nobody was kept so far."),
    "unknown_picture": ("Imagen {number} de alguien sin nombre", "Picture {number} of a stranger"),
    "times_seen": ("Visitas: {count}", "Visits: {count}"),
    "first_time": ("primera", "first"),
    "last_time": ("última", "last"),
    "who_is_it": ("¿Quién es?", "Who is it?"),
    "give_name": ("Poner nombre", "Save name"),
    "discard": ("Descartar", "Discard"),
    # phone
    "phone_title": ("La cámara de este aparato", "This device's camera"),
    "phone_hint": (
        "Las imágenes van al quiosco, que contesta quién aparece. No se guardan.",
        "The pictures go to the kiosk, which answers who is in them. They are not kept.",
    ),
    "phone_use": ("Qué se hace con las imágenes", "What is done with the pictures"),
    "phone_look": (
        "Contestar aquí quién aparece",
        "Answer here who is in them",
    ),
    "phone_lend": ("Que sean la cámara del quiosco", "Be the kiosk's camera"),
    "phone_lend_hint": (
        "El quiosco mira por este aparato: su pantalla, su historial y quien lo vea en directo "
        "muestran lo que enfoca. Hace falta dejar esta página abierta. Otro teléfono que lo haga "
        "después ocupa su lugar.",
        "The kiosk looks through this device: its screen, its events and whoever watches live "
        "show what it sees. This page has to stay open. Another phone that does so later takes "
        "its place.",
    ),
    "lending": ("El quiosco mira por esta cámara.", "The kiosk looks through this camera."),
    "not_wanted": ("El quiosco tiene una cámara propia.", "The kiosk has a camera of its own."),
    "taken_over": (
        "Otro teléfono es ahora la cámara del quiosco.",
        "Another phone is the kiosk's camera now.",
    ),
    "authority": (
        "Certificado del quiosco: instalado como de confianza, el navegador ya no avisa",
        "The kiosk's certificate: installed as trusted, the browser warns no more",
    ),
    "other_camera": ("Cambiar de cámara", "Other camera"),
    "needs_https": (
        "El navegador solo presta la cámara por HTTPS. Inicia el servidor con --tls.",
        "The browser lends its camera over HTTPS alone. Start the server with --tls.",
    ),
    "camera_refused": (
        "El navegador no presta la cámara: {reason}",
        "The browser does not lend its camera: {reason}",
    ),
    "too_many_phones": (
        "Ya hay demasiados teléfonos conectados.",
        "Too many phones are connected already.",
    ),
    # annotate
    "annotate_title": ("Anotar una fotografía o un vídeo", "Annotate a photograph or video"),
    "annotate_hint": (
        "Hasta 200 MB; un vídeo, hasta 5 minutos y 1920x1080. Se borra al cabo de una hora.",
        "Up to 200 MB; a video, up to 5 minutes and 1920x1080. It is deleted after an hour.",
    ),
    "choose_file": ("Elegir un archivo", "Choose a file"),
    "drop_here": ("o arrástralo aquí", "or drop it here"),
    "sending": ("Enviando {name}", "Sending {name}"),
    "phase.waiting": ("En espera", "Waiting"),
    "phase.running": ("Anotando", "Annotating"),
    "phase.done": ("Listo", "Done"),
    "phase.failed": ("No ha podido ser", "It did not work"),
    "refused.404": ("Eso ya no está.", "That is not there any more."),
    "refused.409": ("Así no puede ser.", "That cannot be done."),
    "refused.413": ("El archivo es demasiado grande.", "The file is too large."),
    "refused.422": ("Este archivo no sirve.", "This file will not do."),
    "refused.429": (
        "Ya hay demasiados archivos en espera; inténtalo dentro de un minuto.",
        "Too many files are waiting; try again in a minute.",
    ),
    "refused.507": ("No queda sitio en el disco.", "There is no room on the disk."),
    "annotated_file": ("Archivo anotado", "Annotated file"),
    # events
    "person": ("Persona", "Person"),
    "emotion": ("Emoción", "Emotion"),
    "everybody": ("Todas", "Everybody"),
    "every_emotion": ("Todas", "All"),
    "span": ("Periodo", "Time"),
    "last_hour": ("Última hora", "Last hour"),
    "last_day": ("Último día", "Last day"),
    "last_week": ("Última semana", "Last week"),
    "timeline": ("Quién y cuándo", "Who and when"),
    "by_hour": ("Segundos de cada emoción por hora", "Seconds of each emotion by the hour"),
    "by_day": ("Segundos de cada emoción por día", "Seconds of each emotion by the day"),
    "no_events": ("No hay nada en este periodo.", "There is nothing in this time."),
    "many_events": (
        "Aquí salen los {count} primeros del periodo. El CSV los tiene todos.",
        "These are the first {count} of this time. The CSV has all of them.",
    ),
    "download_csv": ("Descargar CSV", "Download CSV"),
    "as_table": ("Como tabla", "As a table"),
    "from_time": ("Desde", "From"),
    "to_time": ("Hasta", "To"),
    "seconds": ("segundos", "seconds"),
    # settings
    "settings_live": ("Cambian al momento", "These change at once"),
    "settings_hint": (
        "Valen hasta que el programa termine. Los demás están en el archivo de ajustes.",
        "They last until the program ends. The others are in the settings file.",
    ),
    "emotions_on": ("Leer emociones", "Read emotions"),
    "emotions_law": (
        "En el trabajo y en la enseñanza la ley europea lo prohíbe.",
        "At work and in education European law prohibits it.",
    ),
    "smoothing": ("Segundos de suavizado", "Seconds of smoothing"),
    "strangers_named": (
        "Desconocidos a los que se puede dar un nombre (%)",
        "Strangers who may be given a name (%)",
    ),
    "strangers_hint": (
        "Con menos, más conocidos quedan sin nombre. Vacío: lo que dicen los modelos ({rate} %).",
        "With less, more of the enrolled stay unnamed. Empty: what the models say ({rate} %).",
    ),
    "search_every": (
        "Segundos entre búsquedas de caras nuevas",
        "Seconds between searches for new faces",
    ),
    "keep_face": (
        "Segundos que se espera a una cara perdida",
        "Seconds that a lost face is waited for",
    ),
    "language": ("Idioma del quiosco", "Language of the kiosk"),
    "notice_on": ("Aviso en la pantalla del quiosco", "Notice on the kiosk's screen"),
    "bundle": ("Modelos", "Models"),
    "bundle_running": ("En uso", "In use"),
    "figures": ("Cifras", "Figures"),
    "file": ("Archivo", "File"),
    "installed": ("Instalados", "Installed"),
    "none_installed": (
        "Ninguno: se usan los que vienen con el programa.",
        "None: those that came with the program are used.",
    ),
    "roll_back": ("Volver al anterior", "Roll back"),
    "rolled_back": (
        "{name} {version} está en uso desde este momento.",
        "{name} {version} is in use from this moment on.",
    ),
    "api": ("API para programas", "API for programs"),
    "api_hint": (
        "Con la cabecera «Authorization: Bearer TOKEN»; el token lo da «reconocias web token».",
        "With the header “Authorization: Bearer TOKEN”; “reconocias web token” gives the token.",
    ),
    "api_real": (
        "Lo que se envía desde aquí se hace de verdad, con los permisos de esta sesión.",
        "What is sent from here is done for real, with the rights of this session.",
    ),
}  # fmt: skip


def texts_in(language: Language) -> dict[str, str]:
    """Every text by its key; ``emotion.LABEL`` are the emotions."""
    place = LANGUAGES.index(language)
    texts = {key: both[place] for key, both in _TEXTS.items()}
    prompts = {key: translate(key, language) for key in _PROMPTS}
    emotions = {f"emotion.{label}": translate(label, language) for label in _EMOTIONS}
    return texts | prompts | emotions
