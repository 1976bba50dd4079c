"""What happens around every epoch of a run: schedule, best model, history, checkpoint, progress."""

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import keras
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from tensorboard.summary import Writer

from edge_app.core.worker import Closing
from training.checkpoint import Checkpoint, whole_epochs
from training.config import TrainConfig
from training.models import in_precision
from training.runs import (
    CHECKPOINT_FOLDER,
    HISTORY_FILE,
    MODEL_FILE,
    read_history,
    save_network,
    write_history,
)

_MIN_DELTA = 5e-5
_MIN_LEARNING_RATE = 1e-7


class CountsEpochs(Protocol):
    """Batches that differ from epoch to epoch."""

    epoch: int


Logs = Mapping[str, float] | None


def callbacks(
    run: Path, config: TrainConfig, batches: CountsEpochs
) -> list[keras.callbacks.Callback]:
    """Their order matters.

    On resuming the schedule counts the past epochs before the checkpoint puts the kept learning
    rate back. At an epoch's end the best model is that of the averaged weights; the checkpoint,
    which follows as the next one begins, has the raw ones.
    """
    folder, monitor = run / CHECKPOINT_FOLDER, f"val_{config.monitor}"
    past = [row for row in read_history(run / HISTORY_FILE) if row["epoch"] <= whole_epochs(folder)]
    return [
        StopDiverged(),
        EpochCounter(batches),
        *_schedule(config, past, monitor),
        *([keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if config.ema_momentum else []),
        Checkpoint(folder),
        KeepBest(run, monitor),
        TensorBoardLog(run / "tensorboard"),
    ]


def _schedule(
    config: TrainConfig, past: Sequence[Mapping[str, float]], monitor: str
) -> list[keras.callbacks.Callback]:
    settings: dict[str, Any] = {"monitor": monitor, "mode": "max", "min_delta": _MIN_DELTA}
    chosen: list[keras.callbacks.Callback] = []
    if config.schedule != "plateau":  # a cosine does its best at its end
        return chosen
    plateau = ReduceOnPlateau(
        factor=0.5, patience=config.plateau_patience, min_lr=_MIN_LEARNING_RATE, **settings
    )
    plateau.past = past
    chosen.append(plateau)
    if config.stop_patience is not None:
        stopping = StopEarly(patience=config.stop_patience, **settings)
        stopping.past = past
        chosen.append(stopping)
    return chosen


class _RemembersPast(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no type hints
    """Counts the past epochs first: Keras's own forget them when a run is resumed."""

    past: Sequence[Mapping[str, float]]

    def on_train_begin(self, logs: Logs = None) -> None:
        super().on_train_begin(logs)
        for row in self.past:
            self.on_epoch_end(int(row["epoch"]) - 1, dict(row))


class ReduceOnPlateau(_RemembersPast, keras.callbacks.ReduceLROnPlateau):  # type: ignore[misc]
    """Halves the learning rate where a run no longer gets better."""


class StopEarly(_RemembersPast, keras.callbacks.EarlyStopping):  # type: ignore[misc]
    """Ends a run that no longer gets better; KeepBest has its best epoch."""


class StopDiverged(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends a run whose loss is no number any more, before anything of that epoch is kept.

    Raises ValueError.
    """

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if logs and not math.isfinite(logs["loss"]):
            raise ValueError(
                f"expected a loss that is a number, found {logs['loss']} after epoch {epoch + 1}; "
                "train in another folder with a smaller --learning-rate"
            )


class EpochCounter(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells the batches which epoch it is."""

    def __init__(self, batches: CountsEpochs) -> None:
        super().__init__()
        self._batches = batches

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._batches.epoch = epoch


class KeepBest(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes history.csv and keeps the model of the best epoch, over restarts too."""

    def __init__(self, run: Path, monitor: str) -> None:
        super().__init__()
        self._history = run / HISTORY_FILE
        self._best = run / MODEL_FILE
        self._monitor = monitor
        self._kept: keras.Model | None = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        values = dict(logs or {})
        rows = [row for row in read_history(self._history) if row["epoch"] <= epoch]
        if not rows or values[self._monitor] > max(row[self._monitor] for row in rows):
            save_network(self._in_single_precision(), self._best)
        write_history(self._history, [*rows, {"epoch": epoch + 1, **values}])

    def _in_single_precision(self) -> keras.Model:
        """Built once: that takes as long as a quick epoch."""
        if self._kept is None:
            self._kept = in_precision(self.model, "float32")
        else:
            self._kept.set_weights(self.model.get_weights())
        return self._kept


class TensorBoardLog(keras.callbacks.Callback):  # type: ignore[misc]
    """The figures of every epoch for TensorBoard; Keras's own callback needs TensorFlow."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def on_train_begin(self, logs: Logs = None) -> None:
        self._writer = Writer(str(self._folder))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        for name, value in (logs or {}).items():
            self._writer.add_scalar(name, value, epoch + 1)
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self._writer.add_scalar("learning_rate", rate, epoch + 1)
        self._writer.flush()

    def on_train_end(self, logs: Logs = None) -> None:
        self._writer.close()


class ProgressLine(keras.callbacks.Callback, Closing):  # type: ignore[misc]
    """A bar over the whole run with the time left, and a line an epoch that stays.

    Held by ``with``: Keras tells callbacks of no end where a run is stopped.
    """

    def __init__(self, epochs: int, steps_per_epoch: int) -> None:
        super().__init__()
        self._epochs = epochs
        self._steps = steps_per_epoch
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:.0f} %"),
            TimeElapsedColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
        )
        self._task = self._progress.add_task("training", total=epochs * steps_per_epoch)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def close(self) -> None:
        self._progress.stop()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._started = time.monotonic()
        self._progress.update(
            self._task,
            completed=epoch * self._steps,
            description=f"epoch {epoch + 1}/{self._epochs}",
        )

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._progress.advance(self._task)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        values = logs or {}
        seconds = time.monotonic() - self._started
        left = seconds * (self._epochs - epoch - 1) / 60
        self._progress.console.print(
            f"epoch {epoch + 1}/{self._epochs}: loss {values['loss']:.3f}, "
            f"agreement with the targets {values['accuracy']:.4f}, "
            f"PublicTest accuracy {values['val_accuracy']:.4f}, "
            f"macro-F1 {values['val_macro_f1']:.4f}, "
            f"{seconds:.0f} s, about {left:.0f} min left",
            soft_wrap=True,
        )
