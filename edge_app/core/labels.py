"""The one label of an emotion that is no network's own."""

from typing import Final

UNCLEAR: Final = "unclear"
"""Of a face that shows no clear emotion; it has no score."""
