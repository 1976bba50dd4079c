"""What is in a model bundle: its manifest, its files, who signed it.

``loader`` reads a folder whose files are whole, ``manifest`` is the schema, ``signature`` asks
OpenSSH who signed. Whether the models work on this device is for ``edge_app.updates`` to say.
"""
