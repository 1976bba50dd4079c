"""Why a face is not kept as a sample."""

from enum import StrEnum


class Refusal(StrEnum):
    """The value is the key of the text for who stands before the camera."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "one_person"
    TOO_SMALL = "come_closer"
    TOO_DARK = "more_light"
    TOO_BRIGHT = "less_light"
    BLURRED = "hold_still"
    TURNED = "turned"
    ALIKE = "turn_a_little"
    """As a sample that is kept already."""

    @property
    def about_photo(self) -> str:
        """The key of the text about a photograph."""
        return f"photo_{self}"
