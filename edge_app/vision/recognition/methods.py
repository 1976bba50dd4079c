"""The ways to recognise people that a manifest may choose; see docs/decisions/0026."""

from edge_app.bundle.loader import Bundle
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from edge_app.vision.recognition.fisherfaces import FisherfaceBasis
from edge_app.vision.recognition.identifier import FaceSpace
from edge_app.vision.recognition.lbph import LbphSpace


def load_space(bundle: Bundle) -> FaceSpace:
    """What the bundle's method makes of faces.

    Raises BundleError for an eigenface basis that does not fit the manifest.
    """
    spec = bundle.manifest.identifier
    if spec.method == "lbph":
        return LbphSpace(spec)
    basis = FisherfaceBasis if spec.method == "fisherfaces" else EigenfaceBasis
    return basis(bundle.path(spec.file), spec)
