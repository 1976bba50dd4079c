import json
import os
import subprocess
import sys
from pathlib import Path

from tests.stress import FULL

_KILLS = 100 if FULL else 12


def test_a_kill_loses_nobody_who_was_confirmed(tmp_path: Path) -> None:
    options = ["--state", str(tmp_path), "--kills", str(_KILLS)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.stress.killed_galleries", *options],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )

    found = json.loads(done.stdout)
    print(found)
    assert found["broken"] == []
    assert found["killed"] == _KILLS
    assert found["confirmed"] > _KILLS // 4
