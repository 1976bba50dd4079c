"""How a face is seen, judged from its landmarks alone."""

import numpy as np

from edge_app.core.types import FloatArray


def yaw(landmarks: FloatArray) -> float:
    """How far a face is turned to the side: 0.0 from the front, -1.0 and 1.0 in profile.

    landmarks: (5, 2) in pixels, as in ``Detection``. It is where the nose stands between the eyes,
    along the line through them, so that a tilted head changes nothing; positive where it is nearer
    to the person's left eye. A measure to compare faces by, and no angle.
    """
    right, left, nose = landmarks[:3].astype(np.float64)
    across = left - right
    apart = max(float(across @ across), 1e-6)
    to_right = float((nose - right) @ across) / apart
    to_left = 1.0 - to_right
    return min(1.0, max(-1.0, to_right - to_left))


def eyes_to_mouth(landmarks: FloatArray) -> float:
    """Pixels between the middle of the eyes and that of the mouth: the size of a face.

    It hardly changes when a face is turned to the side. landmarks: (5, 2).
    """
    found = landmarks.astype(np.float64)
    return float(np.linalg.norm(found[3] + found[4] - found[0] - found[1])) / 2
