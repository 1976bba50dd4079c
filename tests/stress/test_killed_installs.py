import json
import os
import subprocess
import sys
from pathlib import Path

from edge_app.updates.store import KEPT
from tests.bundles import Signer, signed_copy
from tests.stress import FULL

_KILLS = 200 if FULL else 8
_CUT_EVERY = 1 if FULL else 7


def test_a_killed_install_leaves_a_device_that_serves(
    tiny_bundle: Path, signer: Signer, tmp_path: Path
) -> None:
    versions = [f"1.0.{number}" for number in range(KEPT + 2)]
    bundles = [
        signed_copy(tiny_bundle, tmp_path / version, signer.key, version=version)
        for version in versions
    ]
    options = ["--store", str(tmp_path / "store"), "--allowed-signers", str(signer.allowed)]
    options += ["--kills", str(_KILLS), "--cut-every", str(_CUT_EVERY)]

    done = subprocess.run(
        [sys.executable, "-m", "tests.stress.killed_installs", *options, *map(str, bundles)],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )

    found = json.loads(done.stdout)
    print(found)
    assert found["broken"] == []
    assert found["killed"] > _KILLS // 2
    assert found["finished"] > len(bundles)
