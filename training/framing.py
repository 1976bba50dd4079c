"""How FER2013 frames its faces: what the emotion crop of a photograph has to be like."""

import numpy as np

from edge_app.core.progress import Progress
from edge_app.core.types import Detector, GrayImage
from edge_app.vision.align import points
from training.eigenfaces import ENLARGED_SIDE, shown_faces


def spans(images: GrayImage, detector: Detector, progress: Progress) -> list[float]:
    """The side of an image in distances from its eyes to its mouth, wherever one face is found.

    images: uint8 (N, 48, 48). detector: one that knows landmarks.
    """
    progress.start(len(images))
    found = []
    for image in images:
        for _, face in shown_faces(image[np.newaxis], detector):
            place = points(face)
            down = (place[3] + place[4] - place[0] - place[1]) / 2
            found.append(ENLARGED_SIDE / float(np.linalg.norm(down)))
        progress.advance()
    return found
