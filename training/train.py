"""One training run: configuration in, weights, history and report out."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from rich.progress import track

from edge_app.bundle.loader import file_sha256
from edge_app.core.atomic import whole_file
from edge_app.vision.preprocess import normalize
from training import runs
from training.batches import TrainingBatches, class_weights, smoothed
from training.calibrate import as_report, calibrate
from training.callbacks import ProgressLine, callbacks
from training.checkpoint import whole_epochs
from training.config import TrainConfig
from training.datasets.label_sets import LABEL_SETS, LabelledFaces
from training.evaluate import Evaluation, evaluate
from training.fused import fused_batch_normalization
from training.models import ARCHITECTURES, computing_in
from training.network import network_file
from training.statistics import renew_statistics
from training.teachers import Teaching
from training.transfer import start_from

if TYPE_CHECKING:
    from training.accelerator import CompiledEpochs

_STATISTICS_BATCHES = 32


def train(config: TrainConfig, data: Path, run: Path) -> keras.Model:
    """Train on the Training split and keep the epoch that does best on PublicTest.

    data: folder with the csv of the labels (label_sets) and, if there, ferplus.csv. run: folder
    that receives config.json, history.csv, model.keras, trained.json and TensorBoard logs; a run
    that was stopped goes on from its last whole epoch, a finished one is left as it is. Returns the
    best model, its scores calibrated. Raises ValueError when the folder holds another run.
    """
    runs.claim(run, config)
    if not (run / runs.REPORT_FILE).exists():
        _train(config, data, run)
    trained: keras.Model = keras.models.load_model(run / runs.MODEL_FILE, compile=False)
    return trained


def _train(config: TrainConfig, data: Path, run: Path) -> None:
    """Fit, keep the best network as training left it, and make it ready for use.

    Whatever of that was stopped can be done again.
    """
    keras.utils.set_random_seed(config.seed)
    label_set = LABEL_SETS[config.labels]
    model = _start(config, len(label_set.labels))
    faces = label_set.load(data)
    teaching = _teaching(config, faces.labels)
    batches = _batches(config, faces, teaching)
    learned_from = _digests(config)
    best = run / runs.BEST_FILE
    if not best.exists():
        _fit(model, config, batches, faces, run, teaching if config.teacher_views else None)
        with whole_file(best) as draft:
            shutil.copyfile(run / runs.MODEL_FILE, draft)
    _finish(best, config, batches, faces, run, learned_from)


def _fit(
    model: keras.Model,
    config: TrainConfig,
    batches: TrainingBatches,
    faces: LabelledFaces,
    run: Path,
    of_views: Teaching | None,
) -> None:
    public = faces.agreed("PublicTest")
    model.compile(
        optimizer=_optimizer(config, steps_per_epoch=len(batches)),
        loss="categorical_crossentropy",
        metrics=["accuracy", keras.metrics.F1Score(average="macro", name="macro_f1")],
    )
    source = _source(model, batches, of_views)
    with fused_batch_normalization(), ProgressLine(config.epochs, len(source)) as progress:
        model.fit(
            source,
            validation_data=(
                normalize(public.images, ARCHITECTURES[config.architecture].normalization),
                np.eye(len(faces.labels), dtype=np.float32)[public.labels],
            ),
            validation_batch_size=256,
            shuffle=False,  # the batches have an order of their own, which a resumed run repeats
            initial_epoch=whole_epochs(run / runs.CHECKPOINT_FOLDER),
            epochs=config.epochs,
            verbose=0,
            callbacks=[*callbacks(run, config, source), progress],
        )


def _source(
    model: keras.Model, batches: TrainingBatches, of_views: Teaching | None
) -> "TrainingBatches | CompiledEpochs":
    """The batches as they are, or compiled into whole epochs where JAX has an accelerator."""
    if keras.backend.backend() != "jax":
        return batches
    from training.accelerator import CompiledEpochs, has_accelerator

    return CompiledEpochs(model, batches, of_views) if has_accelerator() else batches


def _batches(
    config: TrainConfig, faces: LabelledFaces, teaching: Teaching | None
) -> TrainingBatches:
    asked = faces.targets("Training", vote_weight=config.vote_weight)
    targets = smoothed(asked.targets, config.label_smoothing)
    if teaching is not None and not config.teacher_views:
        targets = teaching.of_faces(asked.faces, targets)
    weights = None
    if config.class_balance or np.ptp(asked.worth):
        weights = class_weights(asked.targets, asked.worth, config.class_balance)
    return TrainingBatches(
        asked.faces.images,
        targets,
        weights=weights,
        batch_size=config.batch_size,
        augmentation=config.augmentation,
        mixup=config.mixup,
        teacher=teaching.of_views if teaching is not None and config.teacher_views else None,
        normalization=ARCHITECTURES[config.architecture].normalization,
        seed=config.seed,
    )


def _teaching(config: TrainConfig, labels: tuple[str, ...]) -> Teaching | None:
    if not config.teachers:
        return None
    views_of = ARCHITECTURES[config.architecture].normalization if config.teacher_views else None
    return Teaching(
        [Path(run) for run in config.teachers],
        labels,
        weight=config.teacher_weight,
        temperature=config.teacher_temperature,
        precision=config.precision,
        views_of=views_of,
    )


def _start(config: TrainConfig, num_classes: int) -> keras.Model:
    """A new network, or one that begins where another run ended."""
    with computing_in(config.precision):
        model = ARCHITECTURES[config.architecture].build(num_classes)
    if config.init is not None:
        source = keras.models.load_model(Path(config.init) / runs.MODEL_FILE, compile=False)
        start_from(source, model, config.seed)
    return model


def _optimizer(config: TrainConfig, *, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    rate = config.peak_learning_rate
    if config.schedule == "cosine":
        warmup = round(min(config.warmup_epochs, config.epochs / 4) * steps_per_epoch)
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=config.peak_learning_rate / 25,
            warmup_target=config.peak_learning_rate,
            warmup_steps=warmup,
            decay_steps=max(1, config.epochs * steps_per_epoch - warmup),
            alpha=1e-3,
        )
    settings: dict[str, Any] = {"weight_decay": config.weight_decay}
    if config.ema_momentum is not None:
        settings |= {"use_ema": True, "ema_momentum": config.ema_momentum}
    if config.optimizer == "adam":
        optimizer = keras.optimizers.Adam(rate, **settings)
    else:
        optimizer = keras.optimizers.SGD(rate, momentum=config.momentum, nesterov=True, **settings)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _finish(
    best: Path,
    config: TrainConfig,
    batches: TrainingBatches,
    faces: LabelledFaces,
    run: Path,
    learned_from: dict[str, str],
) -> None:
    """Make the best network ready for use, and say when, with what and how well the run ended."""
    batches.epoch = config.epochs  # variations that no epoch saw, and the same on resuming
    public = faces.agreed("PublicTest")
    inputs = normalize(public.images, ARCHITECTURES[config.architecture].normalization)

    def on_public(model: keras.Model) -> Evaluation:
        return evaluate(model.predict(inputs, batch_size=256, verbose=0), public, faces.labels)

    model = keras.models.load_model(best, compile=False)
    before = found = on_public(model)
    renewed = _with_new_statistics(best, batches)
    after = on_public(renewed)
    if getattr(after, config.monitor) > getattr(before, config.monitor):
        model, found = renewed, after
    calibration = calibrate(model, faces, ARCHITECTURES[config.architecture].normalization)
    runs.save_network(model, run / runs.MODEL_FILE)
    history = runs.read_history(run / runs.HISTORY_FILE)
    epoch = max(history, key=lambda row: row[f"val_{config.monitor}"])["epoch"]
    report = {
        "finished": datetime.now(UTC).date().isoformat(),
        "git_commit": runs.git_commit(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "best_epoch": int(epoch),
        "epochs": len(history),
        "votes": faces.has_votes,
        "learned_from": learned_from,
        "statistics_renewed": found is after,
        "before_new_statistics": _figures(before),
        **_figures(on_public(model)),
        **as_report(calibration),
    }
    runs.write_report(run, report)


def _digests(config: TrainConfig) -> dict[str, str]:
    """SHA-256 of the networks that a run began with or was taught by: their files may change."""
    networks = [name for name in (config.init, *config.teachers) if name is not None]
    return {name: file_sha256(network_file(Path(name))) for name in networks}


def _figures(evaluation: Evaluation) -> dict[str, float]:
    return {
        "public_test_accuracy": round(evaluation.accuracy, 4),
        "public_test_mean_recall": round(evaluation.mean_recall, 4),
        "public_test_macro_f1": round(evaluation.macro_f1, 4),
    }


def _with_new_statistics(path: Path, batches: TrainingBatches) -> keras.Model:
    """The network of a file, its batch normalisation measured again."""
    model = keras.models.load_model(path, compile=False)
    count = min(len(batches), _STATISTICS_BATCHES)
    steps = track(range(count), description="measuring the activations")
    renew_statistics(model, (batches.views(index)[0] for index in steps))
    return model
