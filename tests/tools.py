"""Programs outside of Python that some tests need."""

import os
import shutil

import pytest


def require_tool(name: str, package: str) -> str:
    """Path of a program; skips the test without it, or fails it where everything is required."""
    path = shutil.which(name)
    if path is not None:
        return path
    message = f"{name} is not installed; apt-get install {package}"
    if os.environ.get("RECONOCIAS_REQUIRE_ALL") == "1":
        pytest.fail(message)
    pytest.skip(message)
