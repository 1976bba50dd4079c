"""What pictures and pages say, in English. ``i18n.TEXTS`` lists the languages."""

TEXTS = {
    # on the picture
    "unknown": "unknown",
    "no_picture": "No picture",
    # while enrolling
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
    "two_people": "Two people were seen; nothing was kept. One at a time, please",
    "too_few": "That did not work; nothing was kept",
    # why a photograph is refused
    "photo_no_face": "no face from the front is seen",
    "photo_one_person": "more than one face is seen",
    "photo_come_closer": "the face is too small",
    "photo_turned": "the face is turned away",
    "photo_hold_still": "the face is not sharp",
    "photo_more_light": "the face is too dark",
    "photo_less_light": "the face is too bright",
    "photo_turn_a_little": "the same as a photo that was kept",
    # emotions
    "emotion.angry": "angry",
    "emotion.disgust": "disgust",
    "emotion.fear": "fear",
    "emotion.happy": "happy",
    "emotion.sad": "sad",
    "emotion.surprise": "surprise",
    "emotion.neutral": "neutral",
    "emotion.bored": "bored",
    "emotion.unclear": "no clear emotion",
    # every page
    "skip": "Skip to the content",
    "menu": "Menu",
    "live": "Live",
    "people": "People",
    "phone": "Camera",
    "upload": "Annotate",
    "events": "Events",
    "settings": "Settings",
    "log_in": "Log in",
    "log_out": "Log out",
    "password": "Password",
    "wrong_password": "That is not the password.",
    "wait": "Too many attempts. Wait {seconds} seconds.",
    "other_language": "Español",
    "error": "Something is wrong",
    "to_start": "Back to the start",
    "live_picture": "Live picture with faces marked",
    "not_them": "Not {name}",
    "noted_not_them": "Noted: that is not {name}.",
    "not_enrolled": "{name} is not enrolled any more.",
    "in_view": "In view",
    "nobody": "Nobody is in view.",
    "face": "Face",
    "connecting": "Connecting…",
    "no_connection": "No connection; trying again.",
    "no_answer": "The kiosk does not answer.",
    "no_live_picture": "No picture from the camera.",
    "rate": "frames per second",
    "latency": "delay",
    "keep_picture": "Keep this picture",
    "picture_kept": "Kept on the kiosk: {name}",
    "full_screen": "Kiosk view",
    "notice": "Faces and emotions are recognised here.",
    "notice_more": (
        "An emotion read off a face is a guess. Ask if you do not want to be recognised."
    ),
    # people
    "people_none": "Nobody is enrolled yet.",
    "samples": "Samples",
    "enrol": "Add a person",
    "enrol_off": "The settings have [identity] enabled = false: nobody can be enrolled.",
    "name": "Name",
    "choose_photos": "Choose photographs",
    "from_photos": "From photographs",
    "from_photos_hint": (
        "One face from the front in each; several with different expressions work best."
    ),
    "from_device": "With this device's camera",
    "from_kiosk": "In front of the kiosk's camera",
    "from_kiosk_hint": "The kiosk's screen says what to do.",
    "take_photo": "Take a photograph",
    "open_camera": "Open the camera",
    "start": "Start",
    "stop": "Stop",
    "cancel": "Cancel",
    "photo_kept": "{name}: kept",
    "enrolled_as": "{name} is enrolled.",
    "enrolled_nobody": "Nobody was enrolled: none of the photographs will do.",
    "rename": "Rename",
    "save": "Save",
    "saved": "Saved.",
    "add_photos": "Add photographs",
    "merge": "This is the same person as…",
    "merge_hint": "That person's samples and events go to {name}.",
    "merge_do": "Merge",
    "delete": "Delete",
    "delete_person": "Delete {name}",
    "delete_hint": (
        "The samples ({count}) and all events go, from the disk too. This cannot be undone."
    ),
    "delete_sample": "Delete sample {number}",
    "sample_of": "Sample {number} of {name}",
    "origin.camera": "kiosk",
    "origin.upload": "photograph",
    "origin.import": "imported",
    "origin.unknown": "a stranger who was named",
    "origin.correction": "correction",
    "corrections": "Corrections",
    "corrections_hint": (
        "Faces that were given this name and are not {name}'s; those like them stay unnamed. "
        "Delete one here if it is a mistake. Days until they go by themselves: {days}."
    ),
    "correction_of": "Correction {number}: not {name}",
    "delete_correction": "Delete correction {number}",
    "delete_corrections": "Delete all corrections",
    # what is wrong with the people who are enrolled
    "health": "Worth a look",
    "check.two_people": (
        "The samples of {name} look like two people ({similarity}): {count} are unlike the others. "
        "Delete those that are not theirs."
    ),
    "check.like_other": (
        "Samples of {name} that look more like {other}: {count}. Delete those that are not theirs."
    ),
    "check.hard_to_tell": (
        "{name} and {other} look much alike ({similarity}) and may be confused. If they are the "
        "same person, merge them."
    ),
    "check.few_samples": (
        "{name} has few usable samples ({count}); with three or more, recognition is far better."
    ),
    "check.not_aligned": (
        "Samples of {name} in which the face cannot be made out, and which are not used: {count}."
    ),
    "check.nearly_same": "Samples of {name} that are nearly the same: {count}. One of them does.",
    "doubtful.two_people": "unlike the others",
    "doubtful.like_other": "looks like {other}",
    "doubtful.not_aligned": "not used",
    "looks_like": "looks like {name}",
    "doubt.looks_like": "This face looks like that of {name}, who is enrolled.",
    "doubt.unlike": "This face does not look like {name}'s other samples.",
    "doubt.two_people": "These pictures look like two people.",
    "add_anyway": "Add all the same",
    "already_known": "I know you already",
    # unknown faces
    "unknown_faces": "Faces without a name",
    "unknown_hint": (
        "Who stayed in front of the kiosk and is not enrolled. With the name of somebody "
        "enrolled, the pictures go to that person."
    ),
    "unknown_off": (
        "No strangers are kept at present. That is changed in the settings file, below "
        "[unknown]; read docs/privacy.md first."
    ),
    "unknown_none": "Nobody was kept so far.",
    "unknown_picture": "Picture {number} of a stranger",
    "times_seen": "Visits: {count}",
    "first_time": "first",
    "last_time": "last",
    "who_is_it": "Who is it?",
    "give_name": "Save name",
    "discard": "Discard",
    # phone
    "phone_title": "This device's camera",
    "phone_hint": "The pictures go to the kiosk, which answers who is in them. They are not kept.",
    "phone_use": "What is done with the pictures",
    "phone_look": "Answer here who is in them",
    "phone_lend": "Be the kiosk's camera",
    "phone_lend_hint": (
        "The kiosk looks through this device: its screen, its events and whoever watches live "
        "show what it sees. This page has to stay open. Another phone that does so later takes "
        "its place."
    ),
    "lending": "The kiosk looks through this camera.",
    "not_wanted": "The kiosk has a camera of its own.",
    "taken_over": "Another phone is the kiosk's camera now.",
    "authority": "The kiosk's certificate: installed as trusted, the browser warns no more",
    "other_camera": "Other camera",
    "needs_https": "The browser lends its camera over HTTPS alone. Start the server with --tls.",
    "camera_refused": "The browser does not lend its camera: {reason}",
    "too_many_phones": "Too many phones are connected already.",
    # annotate
    "annotate_title": "Annotate a photograph or video",
    "annotate_hint": (
        "Up to 200 MB; a video, up to 5 minutes and 1920x1080. It is deleted after an hour."
    ),
    "choose_file": "Choose a file",
    "drop_here": "or drop it here",
    "sending": "Sending {name}",
    "phase.waiting": "Waiting",
    "phase.running": "Annotating",
    "phase.done": "Done",
    "phase.failed": "It did not work",
    "refused.404": "That is not there any more.",
    "refused.409": "That cannot be done.",
    "refused.413": "The file is too large.",
    "refused.422": "This file will not do.",
    "refused.429": "Too many files are waiting; try again in a minute.",
    "refused.507": "There is no room on the disk.",
    "annotated_file": "Annotated file",
    # events
    "person": "Person",
    "emotion": "Emotion",
    "everybody": "Everybody",
    "every_emotion": "All",
    "span": "Time",
    "last_hour": "Last hour",
    "last_day": "Last day",
    "last_week": "Last week",
    "timeline": "Who and when",
    "by_hour": "Seconds of each emotion by the hour",
    "by_day": "Seconds of each emotion by the day",
    "no_events": "There is nothing in this time.",
    "many_events": "These are the first {count} of this time. The CSV has all of them.",
    "download_csv": "Download CSV",
    "as_table": "As a table",
    "from_time": "From",
    "to_time": "To",
    "seconds": "seconds",
    # settings
    "settings_live": "These change at once",
    "settings_hint": "They last until the program ends. The others are in the settings file.",
    "emotions_on": "Read emotions",
    "emotions_law": "At work and in education European law prohibits it.",
    "unclear_on": "Say “no clear emotion” where none is",
    "smoothing": "Seconds of smoothing",
    "strangers_named": "Strangers who may be given a name (%)",
    "strangers_hint": (
        "With less, more of the enrolled stay unnamed. Empty: what the models say ({rate} %)."
    ),
    "search_every": "Seconds between searches for new faces",
    "keep_face": "Seconds that a lost face is waited for",
    "language": "Language of the kiosk",
    "notice_on": "Notice on the kiosk's screen",
    "bundle": "Models",
    "bundle_running": "In use",
    "part.detector": "Faces",
    "part.identifier": "People",
    "part.emotion": "Emotions",
    "figures": "Figures",
    "file": "File",
    "installed": "Installed",
    "none_installed": "None: those that came with the program are used.",
    "roll_back": "Roll back",
    "rolled_back": "{name} {version} is in use from this moment on.",
    "api": "API for programs",
    "api_hint": (
        "With the header “Authorization: Bearer TOKEN”; “reconocias web token” gives the token."
    ),
    "api_real": "What is sent from here is done for real, with the rights of this session.",
}
