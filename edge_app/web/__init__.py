"""The page on the phone and on the kiosk's screen: FastAPI, templates, plain JavaScript."""
