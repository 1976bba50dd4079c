"""How long a file takes for one face on one thread, measured once per file and kept in the run.

Kept, because the model card has the figures, and the same run gives the same bundle.
"""

import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

from edge_app.bundle import file_sha256
from edge_app.types import FloatArray
from training.network import Predict

LATENCY_FILE = "latency.json"
_ROUNDS = 15
_WARM_UP = 10


def latencies_ms(run: Path, files: Mapping[Path, Predict], inputs: FloatArray) -> dict[str, float]:
    """Median milliseconds of CPU time of each file, all of them in turn, round by round.

    Read from the run where all files were measured before; otherwise measured and written there.
    """
    digests = {path.name: file_sha256(path) for path in files}
    record = run / LATENCY_FILE
    if record.exists():
        kept = json.loads(record.read_text(encoding="utf-8"))
        if kept["sha256"] == digests:
            return dict(kept["milliseconds"])
    measured = {path.name: value for path, value in _measure(files, inputs).items()}
    text = json.dumps({"sha256": digests, "milliseconds": measured}, indent=2)
    record.write_text(text + "\n", encoding="utf-8")
    return measured


def _measure(files: Mapping[Path, Predict], inputs: FloatArray) -> dict[Path, float]:
    for predict in files.values():
        predict(inputs[:_WARM_UP])
    taken: dict[Path, list[float]] = {path: [] for path in files}
    for _ in range(_ROUNDS):
        for path, predict in files.items():
            for face in inputs:
                started = time.thread_time()
                predict(face[None])
                taken[path].append(time.thread_time() - started)
    return {path: round(statistics.median(times) * 1e3, 3) for path, times in taken.items()}
