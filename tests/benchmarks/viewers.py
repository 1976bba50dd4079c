"""Many viewers of the live picture at once: what they cost the kiosk, and how old their frames are.

The viewers are in this process, the kiosk in another. Two of them stop reading after the first
frame: one of the WebSocket, one of the MJPEG.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

_SETTLE_S = 4.0
_ADDRESS = "the page is at "


@dataclass(frozen=True)
class Crowd:
    """rate_alone, rate_watched: frames per second of the kiosk without and with the viewers.

    frames: that each viewer had, the fewest. p99_ms, oldest_ms: age of a frame when it was there.
    cpu_alone, cpu_watched: CPU seconds of the kiosk's process per second. grown_mib: memory of it
    that came with the viewers.
    """

    viewers: int
    rate_alone: float
    rate_watched: float
    frames: int
    p99_ms: float
    oldest_ms: float
    cpu_alone: float
    cpu_watched: float
    grown_mib: float

    @property
    def kept(self) -> float:
        """Share of the frame rate that the kiosk keeps."""
        return self.rate_watched / self.rate_alone


def measure(viewers: int, seconds: float) -> Crowd:
    """So many viewers for some seconds, after as long without any."""
    with _kiosk() as (address, pid), ExitStack() as stack:
        time.sleep(_SETTLE_S)
        before = _cpu_s(pid)
        alone, memory = _rate(address, seconds), _resident_mib(pid)
        cpu_alone = (_cpu_s(pid) - before) / seconds
        stack.enter_context(_stalled(address))
        before, started = _cpu_s(pid), time.monotonic()
        ages, watched = asyncio.run(_watch(address, viewers, seconds))
        cpu_watched = (_cpu_s(pid) - before) / (time.monotonic() - started)
        grown = _resident_mib(pid) - memory
    every = sorted(age for one in ages for age in one)
    p99 = statistics.quantiles(every, n=100)[98]
    fewest = min(len(one) for one in ages)
    return Crowd(viewers, alone, watched, fewest, p99, every[-1], cpu_alone, cpu_watched, grown)


@contextmanager
def _kiosk() -> Iterator[tuple[str, int]]:
    """A kiosk of the test pattern: address and process."""
    with tempfile.TemporaryDirectory() as state:
        command = [sys.executable, "-m", "edge_app", "serve", "pattern", "--port", "0"]
        process = subprocess.Popen(
            [*command, "--state", state],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield line.removeprefix(_ADDRESS).strip(), process.pid
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _rate(address: str, seconds: float) -> float:
    """Frames per second over a time."""
    before, started = _frames(address), time.monotonic()
    time.sleep(seconds)
    return (_frames(address) - before) / (time.monotonic() - started)


def _frames(address: str) -> float:
    with urllib.request.urlopen(f"{address}/metrics", timeout=30) as answer:
        text: str = answer.read().decode()
    (line,) = (line for line in text.splitlines() if line.startswith("reconocias_frames_total"))
    return float(line.split()[1])


def _cpu_s(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@contextmanager
def _stalled(address: str) -> Iterator[None]:
    """A viewer of the MJPEG that never reads."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET /stream.mjpg HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        yield


async def _watch(address: str, viewers: int, seconds: float) -> tuple[list[list[float]], float]:
    """Ages in milliseconds of each viewer's frames, and the kiosk's rate meanwhile."""
    socket_address = address.replace("http", "ws") + "/live"
    async with connect(socket_address) as silent:
        await silent.recv()
        until = time.monotonic() + seconds + 1.0
        watching = [asyncio.create_task(_viewer(socket_address, until)) for _ in range(viewers)]
        await asyncio.sleep(1.0)
        rate = await asyncio.to_thread(_rate, address, seconds)
        return list(await asyncio.gather(*watching)), rate


async def _viewer(address: str, until: float) -> list[float]:
    ages = []
    async with connect(address, max_size=None) as connection:
        while time.monotonic() < until:
            ages.append(await _age_of_next(connection))
            await connection.send("next")
    return ages


async def _age_of_next(connection: ClientConnection) -> float:
    """Both clocks are this machine's monotonic one."""
    message = await connection.recv()
    assert isinstance(message, bytes)
    facts = json.loads(message[4 : 4 + int.from_bytes(message[:4], "big")])
    age: float = (time.monotonic() - facts["captured_at"]) * 1e3
    return age
