"""One training run: configuration in, weights, history and metrics out."""

import csv
import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import keras
import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from tensorboard.summary import Writer

from edge_app.preprocess import normalize
from training.augment import Augmentation
from training.batches import TrainingBatches, soft_targets
from training.datasets import fer2013, ferplus
from training.models import ARCHITECTURES

CONFIG_FILE = "config.json"
HISTORY_FILE = "history.csv"
MODEL_FILE = "model.keras"
REPORT_FILE = "trained.json"


@dataclass(frozen=True)
class TrainConfig:
    """All that decides a run. weight_decay is decoupled and scaled by the learning rate."""

    architecture: str = "compact"
    epochs: int = 45
    batch_size: int = 128
    peak_learning_rate: float = 0.12
    warmup_epochs: float = 4.0
    momentum: float = 0.9
    weight_decay: float = 1e-2
    ema_momentum: float = 0.998
    vote_weight: float = 0.3
    label_smoothing: float = 0.1
    seed: int = 2013
    augmentation: Augmentation = field(default_factory=Augmentation)


def train(config: TrainConfig, data: Path, run: Path) -> keras.Model:
    """Train on the Training split and keep the epoch that does best on PublicTest.

    data: folder with fer2013.csv and, if there, ferplus.csv. run: folder that receives config.json,
    history.csv, model.keras, trained.json and TensorBoard logs; a run that was stopped goes on
    from its last whole epoch. Returns the best model. Raises ValueError when the folder holds
    another run.
    """
    _claim(run, config)
    keras.utils.set_random_seed(config.seed)
    faces = fer2013.load(data / "fer2013.csv")
    training, public = faces.split("Training"), faces.split("PublicTest")
    votes_file = data / "ferplus.csv"
    votes = ferplus.load(votes_file)[training.rows] if votes_file.exists() else None

    architecture = ARCHITECTURES[config.architecture]
    num_classes = len(fer2013.LABELS)
    batches = TrainingBatches(
        training.images,
        soft_targets(
            training.labels,
            votes,
            num_classes=num_classes,
            vote_weight=config.vote_weight,
            smoothing=config.label_smoothing,
        ),
        batch_size=config.batch_size,
        augmentation=config.augmentation,
        normalization=architecture.normalization,
        seed=config.seed,
    )
    model = architecture.build(num_classes)
    model.compile(
        optimizer=_optimizer(config, steps_per_epoch=len(batches)),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(
        batches,
        validation_data=(
            normalize(public.images, architecture.normalization),
            np.eye(num_classes, dtype=np.float32)[public.labels],
        ),
        validation_batch_size=256,
        shuffle=False,  # the batches have an order of their own, which a resumed run repeats
        epochs=config.epochs,
        verbose=0,
        callbacks=_callbacks(run, config, batches),
    )
    _write_report(run)
    best: keras.Model = keras.models.load_model(run / MODEL_FILE, compile=False)
    return best


def _claim(run: Path, config: TrainConfig) -> None:
    """Write the configuration, or make sure that the one written there is the same."""
    run.mkdir(parents=True, exist_ok=True)
    path = run / CONFIG_FILE
    text = json.dumps(asdict(config), indent=2) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise ValueError(
            f"{path} was written by a run with other settings; "
            "choose another folder, or the same settings to resume"
        )
    path.write_text(text, encoding="utf-8")


def _write_report(run: Path) -> None:
    """Say when, with what and how well the run ended; a finished run keeps its first report."""
    path = run / REPORT_FILE
    if path.exists():
        return
    best = max(read_history(run / HISTORY_FILE), key=lambda row: row["val_accuracy"])
    report = {
        "finished": datetime.now(UTC).date().isoformat(),
        "git_commit": git_commit(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "best_epoch": int(best["epoch"]),
        "public_test_accuracy": round(best["val_accuracy"], 4),
    }
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def git_commit() -> str:
    """The commit of the source tree that this code runs from, or "unknown" outside of one."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _optimizer(config: TrainConfig, *, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    warmup = round(config.warmup_epochs * steps_per_epoch)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=config.peak_learning_rate / 25,
        warmup_target=config.peak_learning_rate,
        warmup_steps=warmup,
        decay_steps=max(1, config.epochs * steps_per_epoch - warmup),
        alpha=1e-3,
    )
    optimizer = keras.optimizers.SGD(
        schedule,
        momentum=config.momentum,
        nesterov=True,
        weight_decay=config.weight_decay,
        use_ema=True,
        ema_momentum=config.ema_momentum,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _callbacks(
    run: Path, config: TrainConfig, batches: TrainingBatches
) -> list[keras.callbacks.Callback]:
    """In this order: the checkpoint keeps the raw weights, what follows sees the averaged ones."""
    return [
        _Epochs(batches),
        keras.callbacks.BackupAndRestore(
            run / "checkpoint", double_checkpoint=True, delete_checkpoint=False
        ),
        keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
        _KeepBest(run),
        _TensorBoardLog(run / "tensorboard"),
        _ProgressLine(config.epochs, len(batches)),
    ]


class _Epochs(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no type hints
    """Tells the batches which epoch it is."""

    def __init__(self, batches: TrainingBatches) -> None:
        super().__init__()
        self._batches = batches

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self._batches.epoch = epoch


class _KeepBest(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes history.csv and keeps the model of the best epoch, over restarts too."""

    def __init__(self, run: Path) -> None:
        super().__init__()
        self._history = run / HISTORY_FILE
        self._best = run / MODEL_FILE

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        values = dict(logs or {})
        rows = [row for row in read_history(self._history) if row["epoch"] <= epoch]
        if not rows or values["val_accuracy"] > max(row["val_accuracy"] for row in rows):
            _without_optimizer(self.model).save(self._best)
        rows.append({"epoch": epoch + 1, **values})
        with self._history.open("w", encoding="ascii", newline="") as text:
            writer = csv.DictWriter(text, list(rows[-1]))
            writer.writeheader()
            writer.writerows(rows)


class _TensorBoardLog(keras.callbacks.Callback):  # type: ignore[misc]
    """The figures of every epoch for TensorBoard; Keras's own callback needs TensorFlow."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        self._writer = Writer(str(self._folder))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        for name, value in (logs or {}).items():
            self._writer.add_scalar(name, value, epoch + 1)
        self._writer.flush()

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        self._writer.close()


def _without_optimizer(model: keras.Model) -> keras.Model:
    """The same network as a file a third of the size: no momentum, no averages."""
    copy: keras.Model = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def read_history(path: Path) -> list[dict[str, float]]:
    """The rows of a run's history.csv, oldest first; none where there is no file yet."""
    if not path.exists():
        return []
    with path.open(encoding="ascii", newline="") as text:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(text)]


class _ProgressLine(keras.callbacks.Callback):  # type: ignore[misc]
    """A bar over the whole run with the time left, and a line an epoch that stays."""

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

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        self._progress.start()

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self._started = time.monotonic()
        self._progress.update(
            self._task,
            completed=epoch * self._steps,
            description=f"epoch {epoch + 1}/{self._epochs}",
        )

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self._progress.advance(self._task)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        values = logs or {}
        seconds = time.monotonic() - self._started
        left = seconds * (self._epochs - epoch - 1) / 60
        self._progress.console.print(
            f"epoch {epoch + 1}/{self._epochs}: loss {values['loss']:.3f}, "
            f"training accuracy {values['accuracy']:.4f}, "
            f"PublicTest accuracy {values['val_accuracy']:.4f}, "
            f"{seconds:.0f} s, about {left:.0f} min left"
        )

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        self._progress.stop()
