"""Copies of an enrolled face as the detector might have cut it, looking the other way or tilted.

They tell how much the same face varies, and so what must not count between two people.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.core.types import GrayImage

_SHIFT = 0.022
"""Of the crop's side: 3 % of a face with 40 % around it."""
_TURN_DEGREES = 5.0
_SCALE = 0.06
_SEED = 5


def jittered(crop: GrayImage, count: int) -> GrayImage:
    """uint8 (S, S) to (count, S, S): itself, its mirror image, then shifted, turned and scaled.

    Every second one is mirrored. The same for the same count and size, on every machine.
    """
    size = crop.shape[0]
    mirrored = np.ascontiguousarray(crop[:, ::-1])
    copies = [crop, mirrored][:count]
    for number, move in enumerate(_moves(count - len(copies), size)):
        original = mirrored if number % 2 else crop
        copies.append(
            cv2.warpAffine(original, move, (size, size), borderMode=cv2.BORDER_REPLICATE).astype(
                np.uint8, copy=False
            )
        )
    return np.stack(copies)


def _moves(count: int, size: int) -> list[NDArray[np.float64]]:
    """Affine matrices (2, 3)."""
    rng = np.random.default_rng(_SEED)
    middle = (size - 1) / 2
    moves = []
    for _ in range(count):
        shift = rng.uniform(-_SHIFT, _SHIFT, 2) * size
        turn = rng.uniform(-_TURN_DEGREES, _TURN_DEGREES)
        scale = 1.0 + rng.uniform(-_SCALE, _SCALE)
        move = cv2.getRotationMatrix2D((middle, middle), turn, scale)
        moves.append(move + np.array([[0.0, 0.0, shift[0]], [0.0, 0.0, shift[1]]]))
    return moves
