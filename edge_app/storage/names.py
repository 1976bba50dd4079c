"""What may be somebody's name, and when two names are the same."""

import unicodedata

from edge_app.core.errors import PeopleError

MAX_NAME_LENGTH = 100


def clean_name(name: str) -> str:
    """A name as it is stored: NFC, without space around it, single spaces inside.

    Any script will do. Raises PeopleError for one that is empty, longer than ``MAX_NAME_LENGTH``
    characters, or holds something that cannot be printed.
    """
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not cleaned:
        raise PeopleError("expected a name, found an empty one; type at least one letter")
    if len(cleaned) > MAX_NAME_LENGTH:
        raise PeopleError(
            f"expected a name of at most {MAX_NAME_LENGTH} characters, found {len(cleaned)}; "
            "shorten it"
        )
    if any(unicodedata.category(character) in _UNPRINTABLE for character in cleaned):
        raise PeopleError(
            f"expected a name that can be printed, found control characters in {cleaned!r}"
        )
    return cleaned


_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}
"""Control, surrogate, private and unassigned; joiners (Cf) belong to several scripts."""


def name_key(name: str) -> str:
    """What two names must share to be the same name."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
