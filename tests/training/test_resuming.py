"""Runs that are stopped and go on."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.training.conftest import QUICK
from training import callbacks, runs
from training.runs import read_history
from training.train import train

_STOPS = ["after the last one", "in a checkpoint", "in history.csv", "finishing"]
_slow = pytest.mark.slow("trains runs twice, and parts of them")


@pytest.mark.parametrize(
    "where", ["in an epoch", *(pytest.param(where, marks=_slow) for where in _STOPS)]
)
@pytest.mark.usefixtures("tiny")
def test_a_run_that_is_stopped_anywhere_goes_on_and_ends_as_if_it_had_not_been(
    where: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(QUICK, data, tmp_path / "whole")
    stopped = tmp_path / "stopped"
    with monkeypatch.context() as patch:
        stop(where, patch)
        with pytest.raises(KeyboardInterrupt):
            train(QUICK, data, stopped)

    begun: list[int] = []
    note(begun, monkeypatch)
    resumed = train(QUICK, data, stopped)

    # in a checkpoint: the one of the epoch before; finishing: no epoch is missing
    assert begun == {"in a checkpoint": [1, 2], "finishing": []}.get(where, [2])
    history, expected = (
        read_history(folder / "history.csv") for folder in (stopped, tmp_path / "whole")
    )
    assert [row["epoch"] for row in history] == [1, 2, 3]
    for row, uninterrupted in zip(history, expected, strict=True):
        assert row == pytest.approx(uninterrupted, rel=1e-3)
    theirs, ours = (runs.read_report(folder) for folder in (tmp_path / "whole", stopped))
    assert ours["temperature"] == pytest.approx(theirs["temperature"], rel=1e-3)
    assert theirs["temperature"] != pytest.approx(1.0, abs=1e-3), "a second one would show"
    assert ours["before_new_statistics"] == theirs["before_new_statistics"]
    for found, wanted in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-5)


def stop(where: str, patch: pytest.MonkeyPatch) -> None:
    """Have a run of three epochs interrupted, after two or three of them."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    def on_last(self: callbacks.EpochCounter, epoch: int, logs: object = None) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    save, write = keras.Model.save_weights, runs.write_history

    def half(self: keras.Model, path: Path, overwrite: bool) -> None:
        save(self, path, overwrite=overwrite)
        if self.optimizer.iterations > 4:
            path.write_bytes(path.read_bytes()[:3000])
            raise KeyboardInterrupt

    def not_the_last(path: Path, rows: list[Mapping[str, float]]) -> None:
        if len(rows) == 3:
            raise KeyboardInterrupt
        write(path, rows)

    if where == "in an epoch":
        patch.setattr(callbacks.EpochCounter, "on_epoch_end", on_last)
    elif where == "after the last one":
        patch.setattr("training.train.shutil.copyfile", interrupt)
    elif where == "in a checkpoint":
        patch.setattr(keras.Model, "save_weights", half)
    elif where == "in history.csv":
        patch.setattr(callbacks, "write_history", not_the_last)
    else:
        patch.setattr(runs, "write_report", interrupt)


def note(begun: list[int], patch: pytest.MonkeyPatch) -> None:
    """Have every epoch that begins noted."""
    begin = callbacks.EpochCounter.on_epoch_begin

    def noting(self: callbacks.EpochCounter, epoch: int, logs: object = None) -> None:
        begun.append(epoch)
        begin(self, epoch)

    patch.setattr(callbacks.EpochCounter, "on_epoch_begin", noting)


@_slow
@pytest.mark.usefixtures("tiny")
def test_a_resumed_run_stops_where_the_whole_one_does(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(QUICK, epochs=8, schedule="plateau", plateau_patience=1, stop_patience=3,
                     peak_learning_rate=1e-6, ema_momentum=None)  # fmt: skip
    train(config, data, tmp_path / "whole")
    whole = read_history(tmp_path / "whole" / "history.csv")
    begin = callbacks.EpochCounter.on_epoch_begin

    def stop(
        self: callbacks.EpochCounter, epoch: int, logs: Mapping[str, float] | None = None
    ) -> None:
        if epoch == len(whole) - 1:
            raise KeyboardInterrupt
        begin(self, epoch, logs)

    with monkeypatch.context() as patch:
        patch.setattr(callbacks.EpochCounter, "on_epoch_begin", stop)
        with pytest.raises(KeyboardInterrupt):
            train(config, data, tmp_path / "stopped")
    train(config, data, tmp_path / "stopped")

    resumed = read_history(tmp_path / "stopped" / "history.csv")
    assert 3 < len(whole) < config.epochs
    assert len(resumed) == len(whole)
    assert [row["learning_rate"] for row in resumed] == [row["learning_rate"] for row in whole]
    assert whole[-1]["learning_rate"] < whole[0]["learning_rate"]
