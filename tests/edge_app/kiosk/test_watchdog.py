import socket
from pathlib import Path

import pytest

from edge_app.kiosk.watchdog import Heartbeat, notify


def test_ready_comes_with_the_first_frame_and_status_every_two_seconds() -> None:
    messages: list[str] = []
    now = [10.0]
    heartbeat = Heartbeat(messages.append, lambda: now[0])
    for status, moment in (("a", 10.0), ("b", 10.5), ("c", 12.1)):
        now[0] = moment
        heartbeat.beat(status)
    heartbeat.stopping()
    assert messages == [
        "WATCHDOG=1\nREADY=1\nSTATUS=a",
        "WATCHDOG=1",
        "WATCHDOG=1\nSTATUS=c",
        "STOPPING=1",
    ]


@pytest.mark.parametrize("abstract", [False, True])
def test_the_message_reaches_the_socket_that_systemd_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool
) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + path if abstract else path)
        manager.settimeout(5.0)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + path if abstract else path)
        notify("READY=1")
        assert manager.recv(100) == b"READY=1"


def test_a_manager_that_is_gone_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notify("READY=1", str(tmp_path / "nowhere"))
    assert "service manager not told" in caplog.text


def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
