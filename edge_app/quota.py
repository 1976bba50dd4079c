"""Keeping a folder of files small: the oldest go first."""

from pathlib import Path


def trim(folder: Path, pattern: str, max_bytes: int) -> list[Path]:
    """Delete the oldest files (by name) below a folder until the rest is small enough.

    pattern: of ``Path.rglob``. Hidden files are left alone: they are being written. Folders that
    become empty go as well. Returns what was deleted.
    """
    files = sorted(
        path for path in folder.rglob(pattern) if path.is_file() and not path.name.startswith(".")
    )
    sizes = {path: path.stat().st_size for path in files}
    total = sum(sizes.values())
    deleted = []
    for path in files:
        if total <= max_bytes:
            break
        path.unlink(missing_ok=True)
        total -= sizes[path]
        deleted.append(path)
        if path.parent != folder and not any(path.parent.iterdir()):
            path.parent.rmdir()
    return deleted
