"""What a device keeps: one SQLite file, and how it is opened and written.

Every process and every long-lived thread opens its own ``State``: readers then never wait for a
writer (write-ahead log). Times are seconds since 1970 in UTC.
"""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_app.core.errors import OutputError, StateError
from edge_app.core.worker import Closing
from edge_app.storage.schema import MIGRATIONS, SCHEMA_VERSION

STATE_FILE = "reconocias.db"
_BUSY_TIMEOUT_S = 5.0
_ASK_AGAIN_S = 0.01

_log = logging.getLogger(__name__)


def state_folder(given: Path | None = None) -> Path:
    """Where state lies: the given folder, systemd's, or the user's own.

    ``STATE_DIRECTORY`` is set by systemd for a unit with StateDirectory=; without it,
    ``$XDG_DATA_HOME/reconocias``, by default ``~/.local/share/reconocias``.
    """
    if given is not None:
        return given
    systemd = os.environ.get("STATE_DIRECTORY")
    if systemd:
        return Path(systemd.split(":")[0])
    data_home = os.environ.get("XDG_DATA_HOME")
    return (Path(data_home) if data_home else Path.home() / ".local" / "share") / "reconocias"


class State(Closing):
    """The open file. May be shared between threads, which then wait for each other.

    Raises StateError for a file that is no database, damaged, or of a newer version;
    OutputError where it cannot be made or written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / STATE_FILE
        self._lock = threading.RLock()
        with self._errors():
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = _connect(self.path)
        try:
            with self._errors():
                _configure(self._connection)
            self._migrate()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for SELECT alone; what is read in one ``with`` belongs together."""
        with self._lock, self._errors():
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.rollback()

    @contextmanager
    def writing(self, *, erases: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: committed and on the disk at the end of the ``with``, or nothing of it.

        erases: something of a person goes; no copy of it may stay in the write-ahead log.
        """
        with self._lock, self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise
            if erases:
                self._empty_log()

    def _empty_log(self) -> None:
        """Raises nothing: the rows are gone, and the next erasing write empties the log too."""
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            _log.warning(
                "%s: another process is reading; what was deleted stays in its log until it ends",
                self.path,
            )

    def _migrate(self) -> None:
        if self._version() == SCHEMA_VERSION:
            return
        with self.writing() as connection:
            found = self._version()
            if found > SCHEMA_VERSION:
                raise StateError(
                    f"{self.path}: expected a database of version {SCHEMA_VERSION} or older, found "
                    f"{found}; update reconocias, or choose another folder with --state"
                )
            for number in range(found, SCHEMA_VERSION):
                for statement in _statements(MIGRATIONS[number]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")

    def _version(self) -> int:
        with self._errors():
            version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What SQLite and the system say, as the errors of this package."""
        try:
            yield
        except sqlite3.IntegrityError:  # a mistake of the caller, who knows what it means
            raise
        except sqlite3.OperationalError as error:
            raise OutputError(
                f"{self.path}: cannot be opened or written ({error}); nothing changed; "
                "check the disk's space, its mode and its owner"
            ) from error
        except sqlite3.DatabaseError as error:
            raise StateError(
                f"{self.path}: expected a database of reconocias, found none or a damaged one "
                f"({error}); put a copy in its place, or choose another folder with --state"
            ) from error
        except OutputError:
            raise
        except (FileExistsError, NotADirectoryError, PermissionError) as error:
            raise OutputError(
                f"{self.path.parent}: cannot be used as a folder ({error.strerror}); "
                "choose another with --state"
            ) from error


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )


def _configure(connection: sqlite3.Connection) -> None:
    """Settings of a connection. FULL: what is committed outlives a power cut."""
    _keep_log_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


def _keep_log_ahead(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log, within ``_BUSY_TIMEOUT_S``.

    SQLite itself waits for nobody here: of several who open a new file at once, as a kiosk's
    threads do, one switches and the others may be told at once that it is locked.
    """
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # extended codes as well
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(_ASK_AGAIN_S)
        else:
            return


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one (executescript would commit the transaction)."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
