"""The ways to recognise people that a bundle may have; see docs/decisions/0045."""

from edge_app.vision.recognition.eigenfaces import EigenfaceSpec
from edge_app.vision.recognition.identifier import IdentifierSpec
from edge_app.vision.recognition.sface import SfaceSpec

METHODS: dict[str, type[IdentifierSpec]] = {"sface": SfaceSpec, "eigenfaces": EigenfaceSpec}
"""By ``kind`` of the manifest's identifiers."""
