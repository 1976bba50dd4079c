"""How somebody comes to be known: from photographs, from a folder, or in front of the camera.

``selection`` says what a good sample is, ``variety`` which of many are kept, ``photographs`` reads
photographs, finds the one face in each and takes samples from those and cameras, ``folders`` does
so for folders of people, ``session`` enrols at the kiosk step by step, ``groups`` and
``resemblance`` compare faces, ``doubts`` says what speaks against storing some, ``aligning`` brings
faces upright that were stored without landmarks, ``gallery_identifier`` turns who is stored into an
identifier that knows them.
"""
