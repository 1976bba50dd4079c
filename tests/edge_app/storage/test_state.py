import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge_app.core.errors import OutputError, StateError
from edge_app.storage.schema import SCHEMA_VERSION
from edge_app.storage.state import STATE_FILE, State, state_folder


def test_state_is_kept(tmp_path: Path) -> None:
    with State(tmp_path) as state, state.writing() as connection:
        connection.execute("INSERT INTO people (name, key, created_at) VALUES ('A', 'a', 0)")

    with State(tmp_path) as state, state.reading() as connection:
        assert connection.execute("SELECT name FROM people").fetchall() == [("A",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_settings_that_privacy_and_safety_stand_on(tmp_path: Path) -> None:
    with State(tmp_path) as state, state.reading() as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }

    assert settings == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1
    }  # fmt: skip


def test_a_new_file_is_opened_by_several_at_once(tmp_path: Path) -> None:
    def open_it(folder: Path, together: threading.Barrier) -> None:
        together.wait(10)
        with State(folder) as state, state.reading() as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    with ThreadPoolExecutor(6) as threads:
        for number in range(60):  # one in sixteen failed
            together = threading.Barrier(6)
            opened = [threads.submit(open_it, tmp_path / str(number), together) for _ in range(6)]
            for each in opened:
                each.result()


def test_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        with pytest.raises(RuntimeError), state.writing() as connection:
            connection.execute("INSERT INTO people (name, key, created_at) VALUES ('A', 'a', 0)")
            raise RuntimeError

        with state.reading() as connection:
            assert connection.execute("SELECT count(*) FROM people").fetchone() == (0,)


def test_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    State(tmp_path).close()
    with sqlite3.connect(tmp_path / STATE_FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(StateError, match="found 99; update reconocias"):
        State(tmp_path)

    check = sqlite3.connect(tmp_path / STATE_FILE)
    assert check.execute("PRAGMA user_version").fetchone() == (99,)
    check.close()


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / STATE_FILE).write_bytes(b"no database, but a text of some length" * 100)

    with pytest.raises(StateError, match="expected a database of reconocias"):
        State(tmp_path)


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    with pytest.raises(OutputError, match="choose another with --state"):
        State(tmp_path / "taken")


def test_full_disk_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        with state.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

        with (
            pytest.raises(OutputError, match=r"disk is full.*nothing changed"),
            state.writing() as connection,
        ):
            connection.execute(
                "INSERT INTO people (name, key, created_at) VALUES (?, 'a', 0)", ("A" * 100_000,)
            )

        with state.reading() as connection:
            assert connection.execute("SELECT count(*) FROM people").fetchone() == (0,)


def test_read_only_disk_says_so(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        with state.reading() as connection:
            connection.execute("PRAGMA query_only = ON")

        with pytest.raises(OutputError, match="readonly"), state.writing() as connection:
            connection.execute("INSERT INTO people (name, key, created_at) VALUES ('A', 'a', 0)")


def test_folder_is_the_given_then_systemds_then_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/reconocias:/var/lib/other")
    monkeypatch.setenv("XDG_DATA_HOME", "/home/ana/data")
    assert state_folder(Path("here")) == Path("here")
    assert state_folder() == Path("/var/lib/reconocias")

    monkeypatch.delenv("STATE_DIRECTORY")
    assert state_folder() == Path("/home/ana/data/reconocias")

    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/ana")
    assert state_folder() == Path("/home/ana/.local/share/reconocias")
