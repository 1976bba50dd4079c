"""Programs outside of Python that some tests need."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import pytest


def require_tool(name: str, package: str) -> str:
    """Path of a program; skips the test without it, or fails it where everything is required."""
    return shutil.which(name) or missing(f"{name} (apt-get install {package})")


def missing(what: str) -> NoReturn:
    """Skip the test for want of something, or fail it where everything is required."""
    message = f"this test needs {what}"
    if os.environ.get("RECONOCIAS_REQUIRE_ALL") == "1":
        pytest.fail(message)
    pytest.skip(message)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def server(command: Sequence[str], port: int) -> Iterator[None]:
    """A program that listens on a port of loopback: from then on, until the end of the with."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not _listens(port):
            assert process.poll() is None, f"{command[0]} ended with status {process.returncode}"
            assert time.monotonic() < deadline, f"{command[0]} does not listen on port {port}"
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
