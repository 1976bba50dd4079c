"""The program that runs for months: one loop, and whoever is told what it sees.

``assembly`` puts it together as the settings say, ``loop`` owns the pipeline, ``controls`` is what
a page or a button may ask of it. The rest look at each frame: visits, strangers, MQTT, recordings.
"""
