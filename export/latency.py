"""How long a file takes for one face on one thread, measured once per file and kept in the run.

Kept, because the model card has the figures, and the same run gives the same bundle.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from edge_app.bundle.loader import file_sha256
from edge_app.core.atomic import whole_file
from edge_app.core.types import FloatArray
from training.latency import medians_ms
from training.network import Predict

LATENCY_FILE = "latency.json"
_ROUNDS = 15


def latencies_ms(run: Path, files: Mapping[Path, tuple[Predict, FloatArray]]) -> dict[str, float]:
    """Median milliseconds of CPU time of each file for one of its inputs, in turn, round by round.

    Read from the run where all files were measured before; otherwise measured and written there.
    """
    digests = {path.name: file_sha256(path) for path in files}
    record = run / LATENCY_FILE
    if record.exists():
        kept = json.loads(record.read_text(encoding="utf-8"))
        if kept["sha256"] == digests:
            return dict(kept["milliseconds"])
    medians = medians_ms(list(files.values()), rounds=_ROUNDS)
    measured = {path.name: round(value, 3) for path, value in zip(files, medians, strict=True)}
    text = json.dumps({"sha256": digests, "milliseconds": measured}, indent=2)
    with whole_file(record) as draft:
        draft.write_text(text + "\n", encoding="utf-8")
    return measured
