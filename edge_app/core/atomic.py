"""Files that get their name only once they are whole."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edge_app.core.errors import OutputError

_MARK = ".unfinished"


class Unfinished:
    """A file under a hidden name beside its final one.

    path: the final name. working_path: where to write; same folder and same suffix, so that a
    format is told from it. Raises OutputError where the folder cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.working_path = working_path(path)
        with output_errors(path):
            if path.is_dir():
                raise OutputError(f"{path}: expected a file name, found a folder; add a name to it")
            path.parent.mkdir(parents=True, exist_ok=True)
            self.working_path.touch()

    def finish(self, name: Path | None = None) -> Path:
        """Give the file its final name, or another one in the same folder. Returns it."""
        final = name or self.path
        with output_errors(final):
            self.working_path.replace(final)
        return final

    def discard(self) -> None:
        """Throw the file away, if it was not finished."""
        self.working_path.unlink(missing_ok=True)


def working_path(path: Path) -> Path:
    """Where a file lies while it is written; it stays there if its writer is killed."""
    return path.with_name(f".{path.stem}{_MARK}{path.suffix}")


def unfinished_below(folder: Path) -> list[Path]:
    """Every file below a folder that is being written, or was when the power was cut."""
    return list(folder.rglob(f".*{_MARK}*"))


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write a file that gets its name once the block ends without an error.

    Raises OutputError for a place that cannot be written.
    """
    unfinished = Unfinished(path)
    try:
        with output_errors(path):
            yield unfinished.working_path
        unfinished.finish()
    finally:
        unfinished.discard()


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write into an OutputError that names the final file."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error}); choose another place"
        ) from error


def replace_text(path: Path, text: str, *, private: bool = False) -> None:
    """Replace a small file as a whole; it is on the disk when this returns, power cut or not.

    Who may read the one before may read the new one. private: its owner alone may, at every moment.
    """
    draft = path.with_name(f".{path.name}.new")
    if private:
        draft.unlink(missing_ok=True)  # one that was left may be readable by others
    before = path.stat() if path.exists() and not private else None
    mode = 0o600 if private or before else 0o666  # less the umask
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        if before:
            with suppress(PermissionError):  # who may not give it away keeps it
                os.fchown(handle, before.st_uid, before.st_gid)
            os.fchmod(handle, stat.S_IMODE(before.st_mode))
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Have a file's or folder's content on the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
