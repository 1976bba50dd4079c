import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edge_app.kiosk.settings import Settings
from tests.benchmarks.kiosk import soak

RUN = [sys.executable, "-m", "edge_app", "run"]


def test_run_tells_systemd_and_stops_on_sigterm(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(60.0)
        config = tmp_path / "config.toml"
        config.write_text("[web]\nenabled = false\n", encoding="utf-8")
        kiosk = subprocess.Popen(
            [*RUN, "--config", str(config), "--input", "pattern"],
            env={**os.environ, "NOTIFY_SOCKET": str(path), "XDG_DATA_HOME": str(tmp_path)},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert "READY=1" in manager.recv(1000).decode()
            while "frames per second, 1 people" not in manager.recv(1000).decode():
                pass
            kiosk.send_signal(signal.SIGTERM)
            _, log = kiosk.communicate(timeout=30)
        finally:
            kiosk.kill()
    assert kiosk.returncode == 0
    assert "info start" in log and "source=pattern" in log and "info stop" in log


def test_settings_that_are_not_allowed_end_it_with_2(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[source]\ninptu = 'pattern'\n", encoding="utf-8")
    done = subprocess.run([*RUN, "--config", str(config)], capture_output=True, text=True)
    assert done.returncode == 2
    assert "[source] inptu: unknown key; did you mean input?" in done.stderr
    assert Settings().source.input not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_small_and_stays_so() -> None:
    result = soak(12.0)

    assert result.resident_mib < 180
    assert result.growth_mib < 4  # the allocator's last pages; a kept frame each would be 150
