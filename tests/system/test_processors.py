"""The shipped bundle gives the same answers on a processor that it was not made on."""

import json
import os
import platform
import subprocess
import sys

import pytest

from edge_app.bundle.loader import default_bundle_folder
from edge_app.vision.inference import available
from tests.tools import missing, require_tool

PROCESSOR = "Haswell-v4"
"""AVX2 and no VNNI: its 8-bit products are summed up in 16 bits, which clip."""
_LIMIT_S = 240


def verified(*emulator: str) -> dict[str, object]:
    """What ``reconocias bundle verify`` says of the bundle in the package."""
    command = [*emulator, sys.executable, "-m", "edge_app", "bundle", "verify"]
    done = subprocess.run(
        [*command, str(default_bundle_folder()), "--allow-unsigned", "--json"],
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, object] = json.loads(done.stdout)
    return found


def require_runtimes() -> None:
    for runtime in ("tflite", "onnx"):
        if available(runtime) is None:
            missing(f"a package that runs {runtime} files")


def test_every_file_that_ships_passes_here() -> None:
    require_runtimes()

    assert verified()["left_out"] == {}


@pytest.mark.slow("emulates a processor for minutes")
def test_every_file_that_ships_passes_without_vnni() -> None:
    require_runtimes()
    if platform.machine() != "x86_64":
        pytest.skip("emulates another x86-64 processor for this machine's own programs")
    emulator = require_tool("qemu-x86_64", "qemu-user")

    assert verified(emulator, "-cpu", PROCESSOR)["left_out"] == {}
