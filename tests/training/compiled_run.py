"""Trains the small network in compiled epochs: ``python -m tests.training.compiled_run SETTINGS``.

A process of its own, as Keras chooses its backend once: KERAS_BACKEND=jax in its environment.
SETTINGS is JSON: data, run, stop_after (epochs, or null) and what differs from conftest's QUICK.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from tests.training.conftest import QUICK, build_tiny
from training import runs
from training.models import ARCHITECTURES, Architecture
from training.train import train


def _main(data: str, run: str, stop_after: int | None, **settings: Any) -> None:
    def write_history(path: Path, rows: Sequence[Mapping[str, float]]) -> None:
        runs.write_history(path, rows)
        if len(rows) == stop_after:
            raise KeyboardInterrupt

    settings["teachers"] = tuple(settings.get("teachers", ()))
    with (
        mock.patch.dict(ARCHITECTURES, compact=Architecture(build_tiny, "standard")),
        mock.patch("training.accelerator.has_accelerator", lambda: True),
        mock.patch("training.callbacks.write_history", write_history),
    ):
        try:
            train(replace(QUICK, **settings), Path(data), Path(run))
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    _main(**json.loads(sys.argv[1]))
