"""The picture that is shown while there is none."""

from functools import lru_cache

import numpy as np

from edge_app.core.types import ColorImage
from edge_app.media.annotators import Color, text_plate

_GROUND: Color = (50, 40, 35)
_TEXT_SHARE = 1 / 18
_SMALL_SHARE = 1 / 30
_MIN_TEXT_PX = 9


@lru_cache(maxsize=4)
def placard(size: tuple[int, int], lines: tuple[str, ...], small_print: str = "") -> ColorImage:
    """Lines of text in the middle of a dark ground, uint8 (H, W, 3) BGR; not to be drawn on.

    size: (width, height). small_print: below them, smaller; cut with an ellipsis where it is long.
    """
    width, height = size
    image = np.full((height, width, 3), _GROUND, np.uint8)
    shorter = min(size)
    plates = [_plate(tuple(filter(None, lines)), shorter * _TEXT_SHARE, width)]
    if small_print:
        plates.append(_plate((small_print,), shorter * _SMALL_SHARE, width))
    top = (height - sum(plate.shape[0] for plate in plates)) // 2
    for plate in plates:
        left = max(0, (width - plate.shape[1]) // 2)
        visible = image[max(0, top) : max(0, top) + plate.shape[0], left : left + plate.shape[1]]
        visible[:] = plate[: visible.shape[0], : visible.shape[1]]
        top += plate.shape[0]
    image.flags.writeable = False
    return image


def _plate(lines: tuple[str, ...], text_px: float, width: int) -> ColorImage:
    return text_plate(lines, max(_MIN_TEXT_PX, round(text_px)), _GROUND, width)
