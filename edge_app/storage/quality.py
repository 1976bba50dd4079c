"""How good a face is for recognising somebody by it."""

from dataclasses import dataclass

_ENOUGH_PX = 160.0
"""The side of a sample: a larger face shows no more in it."""
_ENOUGH_SHARPNESS = 600.0
_MIDDLE_GREY, _ENOUGH_LIGHT = 127.5, 80.0
"""A mean grey level this far from black and from white costs nothing."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of a face in the picture it came from.

    size_px: side of the face's box there. sharpness: variance of the Laplacian of the grey face at
    64 pixels. yaw: -1.0 to 1.0 by the landmarks, 0.0 from the front; None without landmarks.
    light: mean grey level, 0.0 to 255.0.
    """

    size_px: int
    sharpness: float
    yaw: float | None
    light: float

    @property
    def score(self) -> float:
        """0.0 to 1.0, larger is better: the product of four shares of what is enough.

        Of 160 pixels, of a sharpness of 600, of a face from the front (who was found without
        landmarks is taken for one), and of a grey level at least 80 from black and from white. So
        it never falls as any of them gets better, and one that is bad spoils it.
        """
        size = min(1.0, self.size_px / _ENOUGH_PX)
        sharpness = min(1.0, self.sharpness / _ENOUGH_SHARPNESS)
        frontal = 1.0 - min(1.0, abs(self.yaw or 0.0))
        light = (_MIDDLE_GREY - abs(self.light - _MIDDLE_GREY)) / _ENOUGH_LIGHT
        return size * sharpness * frontal * min(1.0, max(0.0, light))
