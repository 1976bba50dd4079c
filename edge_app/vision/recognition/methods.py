"""The ways to recognise people that a manifest may choose; see docs/decisions/0026."""

from edge_app.bundle.loader import Bundle, read_part
from edge_app.vision.recognition.eigenfaces import EigenfaceSpec
from edge_app.vision.recognition.fisherfaces import FisherfaceSpec
from edge_app.vision.recognition.identifier import FaceSpace, IdentifierSpec
from edge_app.vision.recognition.lbph import LbphSpec

METHODS: dict[str, type[IdentifierSpec]] = {
    "eigenfaces": EigenfaceSpec,
    "fisherfaces": FisherfaceSpec,
    "lbph": LbphSpec,
}
"""By ``identifier.kind`` of the manifest."""


def identifier_spec(bundle: Bundle) -> IdentifierSpec:
    """How the bundle has people recognised. Raises BundleError as ``read_part`` does."""
    return read_part(bundle, "identifier", METHODS)


def load_space(bundle: Bundle) -> FaceSpace:
    """What the bundle's method makes of faces.

    Raises BundleError for a manifest that does not fit the method, or a file that does not fit it.
    """
    return identifier_spec(bundle).load(bundle)
