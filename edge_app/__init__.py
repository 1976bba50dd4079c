"""The light runtime of ReconocIAs: who is in the picture, and with which emotion."""

__version__ = "0.1.0"
