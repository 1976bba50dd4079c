"""Whether a face looks into the camera: a turned one is unlike its mirror image.

docs/decisions/0027 has what else was tried.
"""

import numpy as np

from edge_app.bundle.manifest import LbpSpec
from edge_app.core.types import BBox, GrayImage
from edge_app.vision.preprocess import crop_square, resize
from edge_app.vision.recognition.lbp import lbp_features

_SIDE_PX = 84
_MARGIN = 0.4
_CELLS = LbpSpec(radii=(1,), rows=4, columns=4, width=80, height=80, lower=2)
"""Large cells forgive a box that sits a little beside the middle."""


def symmetry(gray: GrayImage, bbox: BBox) -> float:
    """How alike the face in the box of uint8 (H, W) and its mirror image are, 0.0 to 1.0.

    The cosine of their local binary patterns. Strong light from one side takes a few points off it.
    """
    face = resize(crop_square(gray, bbox, _MARGIN), _SIDE_PX, "area")
    one, other = lbp_features(np.stack([face, face[:, ::-1]]), _CELLS)
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
