"""Keeping a folder of files small: the oldest go first."""

import shutil
from pathlib import Path

from edge_app.core.atomic import unfinished_below

_KEPT_FREE = 256 << 20
"""Bytes of the disk that are left to the database and the system, whatever the quota is."""


def trim(folder: Path, pattern: str, max_bytes: int, *, kept_free: int = _KEPT_FREE) -> list[Path]:
    """Delete the oldest files (by name) below a folder until the rest is small enough.

    Small enough is at most ``max_bytes``, and less where the disk has fewer than ``kept_free``
    bytes left. pattern: of ``Path.rglob``. Hidden files are left alone: they are being written.
    Folders that become empty go as well. Returns what was deleted.
    """
    files = sorted(
        path for path in folder.rglob(pattern) if path.is_file() and not path.name.startswith(".")
    )
    sizes = {path: path.stat().st_size for path in files}
    total = sum(sizes.values())
    if files:
        max_bytes = min(max_bytes, total + shutil.disk_usage(folder).free - kept_free)
    deleted = []
    for path in files:
        if total <= max_bytes:
            break
        _delete(path, folder)
        total -= sizes[path]
        deleted.append(path)
    return deleted


def discard_unfinished(folder: Path) -> list[Path]:
    """Delete what a run that was cut off left half-written below a folder: no quota counts it.

    For a start, when nothing is being written there yet. Returns what was deleted.
    """
    leftovers = unfinished_below(folder)
    for path in leftovers:
        _delete(path, folder)
    return leftovers


def _delete(path: Path, folder: Path) -> None:
    """Delete a file below a folder, and its own folder where that becomes empty."""
    path.unlink(missing_ok=True)
    if path.parent != folder and not any(path.parent.iterdir()):
        path.parent.rmdir()
