"""The command ``reconocias``: one module a command, put together in ``main``."""
