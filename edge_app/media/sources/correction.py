"""Putting right how a camera stands and what it calls red."""

from collections.abc import Callable

import cv2
import numpy as np

from edge_app.core.types import ColorImage

_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def correction(
    *, turn: int = 0, mirror: bool = False, swap_red_blue: bool = False
) -> Callable[[ColorImage], ColorImage] | None:
    """What to do to every picture, or None where nothing is to be done.

    turn: 0, 90, 180 or 270 degrees clockwise; mirrored after that.
    """
    steps: list[Callable[[ColorImage], ColorImage]] = []
    if swap_red_blue:
        steps.append(lambda image: cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype(np.uint8))
    if turn:
        steps.append(lambda image: cv2.rotate(image, _TURNS[turn]).astype(np.uint8, copy=False))
    if mirror:
        steps.append(lambda image: cv2.flip(image, 1).astype(np.uint8, copy=False))
    if not steps:
        return None

    def correct(image: ColorImage) -> ColorImage:
        for step in steps:
            image = step(image)
        return image

    return correct
