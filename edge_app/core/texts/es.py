"""What pictures and pages say, in Spanish. ``i18n.TEXTS`` lists the languages."""

TEXTS = {
    # on the picture
    "unknown": "desconocido",
    "no_picture": "Sin imagen",
    # while enrolling
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
    "two_people": "Se ha visto a dos personas; no se ha guardado nada. De una en una, por favor",
    "too_few": "No ha salido bien; no se ha guardado nada",
    # why a photograph is refused
    "photo_no_face": "no se ve ninguna cara de frente",
    "photo_one_person": "se ve más de una cara",
    "photo_come_closer": "la cara es demasiado pequeña",
    "photo_turned": "la cara está girada",
    "photo_hold_still": "la cara no está nítida",
    "photo_more_light": "la cara está demasiado oscura",
    "photo_less_light": "la cara está demasiado clara",
    "photo_turn_a_little": "igual que otra foto ya guardada",
    # emotions
    "emotion.angry": "enfado",
    "emotion.disgust": "asco",
    "emotion.fear": "miedo",
    "emotion.happy": "alegría",
    "emotion.sad": "tristeza",
    "emotion.surprise": "sorpresa",
    "emotion.neutral": "neutral",
    "emotion.bored": "aburrimiento",
    "emotion.unclear": "sin emoción clara",
    # every page
    "skip": "Ir al contenido",
    "menu": "Menú",
    "live": "En directo",
    "people": "Personas",
    "phone": "Cámara",
    "upload": "Anotar",
    "events": "Historial",
    "settings": "Ajustes",
    "log_in": "Entrar",
    "log_out": "Salir",
    "password": "Contraseña",
    "wrong_password": "Esa no es la contraseña.",
    "wait": "Demasiados intentos. Espera {seconds} segundos.",
    "other_language": "English",
    "error": "Algo no va",
    "to_start": "Volver al principio",
    "live_picture": "Imagen en directo con las caras marcadas",
    "not_them": "No es {name}",
    "noted_not_them": "Anotado: no es {name}.",
    "not_enrolled": "{name} ya no está en la lista.",
    "in_view": "A la vista",
    "nobody": "No hay nadie a la vista.",
    "face": "Cara",
    "connecting": "Conectando…",
    "no_connection": "Sin conexión; se reintenta.",
    "no_answer": "El quiosco no contesta.",
    "no_live_picture": "Sin imagen de la cámara.",
    "rate": "imágenes por segundo",
    "latency": "retraso",
    "keep_picture": "Guardar esta imagen",
    "picture_kept": "Guardada en el quiosco: {name}",
    "full_screen": "Vista de quiosco",
    "notice": "Aquí se reconocen caras y emociones.",
    "notice_more": (
        "Una emoción leída en una cara es una conjetura. Avisa si no quieres que se te reconozca."
    ),
    # people
    "people_none": "Todavía no hay nadie.",
    "samples": "Muestras",
    "enrol": "Añadir a una persona",
    "enrol_off": "Los ajustes tienen [identity] enabled = false: no se puede añadir a nadie.",
    "name": "Nombre",
    "choose_photos": "Elegir fotografías",
    "from_photos": "Con fotografías",
    "from_photos_hint": (
        "Una sola cara de frente en cada una; varias con distinta expresión funcionan mejor."
    ),
    "from_device": "Con la cámara de este aparato",
    "from_kiosk": "Ante la cámara del quiosco",
    "from_kiosk_hint": "La pantalla del quiosco dice qué hacer.",
    "take_photo": "Hacer fotografía",
    "open_camera": "Abrir la cámara",
    "start": "Empezar",
    "stop": "Parar",
    "cancel": "Cancelar",
    "photo_kept": "{name}: guardada",
    "enrolled_as": "{name} está en la lista.",
    "enrolled_nobody": "No se ha añadido a nadie: ninguna fotografía sirve.",
    "rename": "Cambiar el nombre",
    "save": "Guardar",
    "saved": "Guardado.",
    "add_photos": "Añadir fotografías",
    "merge": "Es la misma persona que…",
    "merge_hint": "Las muestras y el historial de esa persona pasan a {name}.",
    "merge_do": "Unir",
    "delete": "Borrar",
    "delete_person": "Borrar a {name}",
    "delete_hint": (
        "Se borran sus muestras ({count}) y su historial, también del disco. No se puede deshacer."
    ),
    "delete_sample": "Borrar la muestra {number}",
    "sample_of": "Muestra {number} de {name}",
    "origin.camera": "quiosco",
    "origin.upload": "fotografía",
    "origin.import": "importada",
    "origin.unknown": "desconocido con nombre nuevo",
    "origin.correction": "corrección",
    "corrections": "Correcciones",
    "corrections_hint": (
        "Caras a las que se dio este nombre y que no son de {name}; las que se les parecen "
        "quedan sin nombre. Si una es un error, se borra aquí. Días hasta que se borran solas: "
        "{days}."
    ),
    "correction_of": "Corrección {number}: no es {name}",
    "delete_correction": "Borrar la corrección {number}",
    "delete_corrections": "Borrar todas las correcciones",
    # what is wrong with the people who are enrolled
    "health": "Conviene revisar",
    "check.two_people": (
        "Las muestras de {name} parecen de dos personas ({similarity}): {count} no se parecen a "
        "las demás. Bórralas si no son suyas."
    ),
    "check.like_other": (
        "Muestras de {name} que se parecen más a {other}: {count}. Bórralas si no son suyas."
    ),
    "check.hard_to_tell": (
        "{name} y {other} se parecen mucho ({similarity}) y se pueden confundir. Si son la misma "
        "persona, únelas."
    ),
    "check.few_samples": (
        "{name} tiene pocas muestras que sirvan ({count}); con tres o más se le reconoce mucho "
        "mejor."
    ),
    "check.not_aligned": (
        "Muestras de {name} en las que no se encuentra bien la cara y que no se usan: {count}."
    ),
    "check.nearly_same": "Muestras de {name} casi iguales entre sí: {count}. Basta una.",
    "doubtful.two_people": "no se parece a las demás",
    "doubtful.like_other": "parece de {other}",
    "doubtful.not_aligned": "no se usa",
    "looks_like": "se parece a {name}",
    "doubt.looks_like": "Esta cara parece la de {name}, que ya está en la lista.",
    "doubt.unlike": "Esta cara no se parece a las demás muestras de {name}.",
    "doubt.two_people": "Estas imágenes parecen de dos personas.",
    "add_anyway": "Añadir de todos modos",
    "already_known": "Ya te conozco",
    # unknown faces
    "unknown_faces": "Caras sin nombre",
    "unknown_hint": (
        "Quien se quedó ante el quiosco y no está en la lista. Con el nombre de alguien que "
        "está, sus imágenes pasan a esa persona."
    ),
    "unknown_off": (
        "Ahora no se guarda a ningún desconocido. Se cambia en el archivo de ajustes, [unknown]; "
        "antes conviene leer docs/privacy.md."
    ),
    "unknown_none": "Todavía no se ha guardado a nadie.",
    "unknown_picture": "Imagen {number} de alguien sin nombre",
    "times_seen": "Visitas: {count}",
    "first_time": "primera",
    "last_time": "última",
    "who_is_it": "¿Quién es?",
    "give_name": "Poner nombre",
    "discard": "Descartar",
    # phone
    "phone_title": "La cámara de este aparato",
    "phone_hint": "Las imágenes van al quiosco, que contesta quién aparece. No se guardan.",
    "phone_use": "Qué se hace con las imágenes",
    "phone_look": "Contestar aquí quién aparece",
    "phone_lend": "Que sean la cámara del quiosco",
    "phone_lend_hint": (
        "El quiosco mira por este aparato: su pantalla, su historial y quien lo vea en directo "
        "muestran lo que enfoca. Hace falta dejar esta página abierta. Otro teléfono que lo haga "
        "después ocupa su lugar."
    ),
    "lending": "El quiosco mira por esta cámara.",
    "not_wanted": "El quiosco tiene una cámara propia.",
    "taken_over": "Otro teléfono es ahora la cámara del quiosco.",
    "authority": "Certificado del quiosco: instalado como de confianza, el navegador ya no avisa",
    "other_camera": "Cambiar de cámara",
    "needs_https": "El navegador solo presta la cámara por HTTPS. Inicia el servidor con --tls.",
    "camera_refused": "El navegador no presta la cámara: {reason}",
    "too_many_phones": "Ya hay demasiados teléfonos conectados.",
    # annotate
    "annotate_title": "Anotar una fotografía o un vídeo",
    "annotate_hint": (
        "Hasta 200 MB; un vídeo, hasta 5 minutos y 1920x1080. Se borra al cabo de una hora."
    ),
    "choose_file": "Elegir un archivo",
    "drop_here": "o arrástralo aquí",
    "sending": "Enviando {name}",
    "phase.waiting": "En espera",
    "phase.running": "Anotando",
    "phase.done": "Listo",
    "phase.failed": "No ha podido ser",
    "refused.404": "Eso ya no está.",
    "refused.409": "Así no puede ser.",
    "refused.413": "El archivo es demasiado grande.",
    "refused.422": "Este archivo no sirve.",
    "refused.429": "Ya hay demasiados archivos en espera; inténtalo dentro de un minuto.",
    "refused.507": "No queda sitio en el disco.",
    "annotated_file": "Archivo anotado",
    # events
    "person": "Persona",
    "emotion": "Emoción",
    "everybody": "Todas",
    "every_emotion": "Todas",
    "span": "Periodo",
    "last_hour": "Última hora",
    "last_day": "Último día",
    "last_week": "Última semana",
    "timeline": "Quién y cuándo",
    "by_hour": "Segundos de cada emoción por hora",
    "by_day": "Segundos de cada emoción por día",
    "no_events": "No hay nada en este periodo.",
    "many_events": "Aquí salen los {count} primeros del periodo. El CSV los tiene todos.",
    "download_csv": "Descargar CSV",
    "as_table": "Como tabla",
    "from_time": "Desde",
    "to_time": "Hasta",
    "seconds": "segundos",
    # settings
    "settings_live": "Cambian al momento",
    "settings_hint": (
        "Valen hasta que el programa termine. Los demás están en el archivo de ajustes."
    ),
    "emotions_on": "Leer emociones",
    "emotions_law": "En el trabajo y en la enseñanza la ley europea lo prohíbe.",
    "unclear_on": "Decir «sin emoción clara» donde ninguna lo es",
    "smoothing": "Segundos de suavizado",
    "strangers_named": "Desconocidos a los que se puede dar un nombre (%)",
    "strangers_hint": (
        "Con menos, más conocidos quedan sin nombre. Vacío: lo que dicen los modelos ({rate} %)."
    ),
    "search_every": "Segundos entre búsquedas de caras nuevas",
    "keep_face": "Segundos que se espera a una cara perdida",
    "language": "Idioma del quiosco",
    "notice_on": "Aviso en la pantalla del quiosco",
    "bundle": "Modelos",
    "bundle_running": "En uso",
    "part.detector": "Caras",
    "part.identifier": "Personas",
    "part.emotion": "Emociones",
    "figures": "Cifras",
    "file": "Archivo",
    "installed": "Instalados",
    "none_installed": "Ninguno: se usan los que vienen con el programa.",
    "roll_back": "Volver al anterior",
    "rolled_back": "{name} {version} está en uso desde este momento.",
    "api": "API para programas",
    "api_hint": (
        "Con la cabecera «Authorization: Bearer TOKEN»; el token lo da «reconocias web token»."
    ),
    "api_real": "Lo que se envía desde aquí se hace de verdad, con los permisos de esta sesión.",
}
