"""How somebody comes to be known: from photographs, from a folder, or in front of the camera.

``selection`` says what a good sample is, ``enroller`` takes samples from photographs and cameras,
``session`` enrols at the kiosk step by step, ``gallery_identifier`` turns who is stored into an
identifier that knows them.
"""
