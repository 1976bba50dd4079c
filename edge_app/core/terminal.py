"""What commands print for people to read."""

from rich.console import Console


def plain_console() -> Console:
    """Of plain text: names of people and files may hold what rich would take for markup."""
    return Console(markup=False, emoji=False)
