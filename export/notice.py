"""The NOTICE of the repository, which every bundle and the wheel carry."""

from pathlib import Path

NOTICE_FILE = "NOTICE"


def notice() -> str:
    """Whose work is in a bundle, and the licences, as text."""
    return (Path(__file__).parent.parent / NOTICE_FILE).read_text(encoding="utf-8")
