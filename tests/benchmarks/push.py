"""How long a push takes, on a machine of the test bed."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from edge_app.bundle.loader import default_bundle_folder
from tests.bundles import make_signer, signed_copy
from tests.system.testbed.fleet import Bundles, push
from tests.system.testbed.machine import Bed, cached_archive
from tests.system.testbed.provisioned import build_wheel, provision


@dataclass(frozen=True)
class Row:
    """One push. down_s: from the restart until the first live frame with the new bundle."""

    megabytes: float
    seconds: float
    down_s: float


def measure(rounds: int) -> Iterator[Row]:
    """Push another version of the default bundle, so many times."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        signer = make_signer(folder)
        first = signed_copy(default_bundle_folder(), folder / "first", signer.key)
        bundles = Bundles(folder, first, signer)
        bed = Bed(folder / "bed", cached_archive())
        with bed.machine("kiosk0") as machine:
            provision(machine, build_wheel(folder), signer.allowed, first)
            for number in range(rounds):
                bundle = bundles.better(f"9.0.{number}")
                started = time.perf_counter()
                pushed = push([machine], bundle)
                seconds = time.perf_counter() - started
                result, reason = pushed.rows[machine.name]
                down = re.search(r"down for ([\d.]+) s", reason)
                if result != "committed" or down is None:
                    raise RuntimeError(pushed.said)
                size = sum(file.stat().st_size for file in bundle.iterdir())
                yield Row(size / 1e6, seconds, float(down[1]))
