"""Programs outside of Python that some tests need."""

import os
import shutil
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
