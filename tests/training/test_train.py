import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

from edge_app.bundle.loader import file_sha256
from edge_app.core.types import FloatArray
from edge_app.vision.preprocess import normalize
from tests.training.conftest import QUICK, build_tiny
from tests.training.datasets.test_ferplus import HEADER
from tests.training.faces import write_fer2013
from training import callbacks, runs
from training import train as training
from training.augment import Augmentation
from training.config import ArchitectureName, TrainConfig, read_config, recipe
from training.datasets import fer2013
from training.datasets.label_sets import LABEL_SETS
from training.evaluate import evaluate
from training.models import ARCHITECTURES, Architecture
from training.runs import read_history
from training.train import train


@pytest.mark.usefixtures("tiny")
def test_a_run_leaves_its_configuration_history_weights_and_report(
    data: Path, tmp_path: Path
) -> None:
    model = train(QUICK, data, tmp_path)

    history = read_history(tmp_path / "history.csv")
    report = json.loads((tmp_path / "trained.json").read_text())
    best = max(history, key=lambda row: row["val_accuracy"])
    assert json.loads((tmp_path / "config.json").read_text())["epochs"] == 3
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert report["best_epoch"] == best["epoch"]
    assert report["public_test_accuracy"] >= best["val_accuracy"] - 1e-4
    assert report["temperature"] > 0
    assert model.output_shape == (None, 7)
    assert list((tmp_path / "tensorboard").rglob("events*"))


@pytest.mark.usefixtures("tiny")
def test_the_report_has_the_figures_of_the_network_that_is_kept(data: Path, tmp_path: Path) -> None:
    model = train(QUICK, data, tmp_path)

    report = json.loads((tmp_path / "trained.json").read_text())
    public = fer2013.load(data / "fer2013.csv").split("PublicTest")
    scores = model.predict(normalize(public.images, "standard"), verbose=0)
    found = evaluate(scores, public, fer2013.LABELS)
    assert report["public_test_accuracy"] == pytest.approx(found.accuracy, abs=1e-4)
    assert report["public_test_macro_f1"] == pytest.approx(found.macro_f1, abs=1e-4)


@pytest.mark.parametrize(("before", "after"), [(0.2, 0.3), (0.3, 0.2)])
@pytest.mark.usefixtures("tiny")
def test_new_statistics_are_kept_where_they_serve(
    before: float, after: float, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = (
        SimpleNamespace(accuracy=found, mean_recall=0.2, macro_f1=0.1)
        for found in (before, after, 0.4)
    )
    monkeypatch.setattr(training, "evaluate", lambda *_: next(figures))
    monkeypatch.setattr(training, "renew_statistics", forget_statistics)

    model = train(replace(QUICK, epochs=1), data, tmp_path)

    report = json.loads((tmp_path / "trained.json").read_text())
    normalization = next(
        layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)
    )
    forgotten = bool(np.all(normalization.get_weights()[2] == 7.0))
    assert report["public_test_accuracy"] == 0.4, "of the network as it is kept"
    assert report["before_new_statistics"]["public_test_accuracy"] == before
    assert report["statistics_renewed"] is forgotten is (after > before)


def forget_statistics(model: keras.Model, batches: Iterable[FloatArray]) -> None:
    assert all(inputs.shape[1:] == (48, 48, 1) for inputs in batches)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(np.full(layer.moving_mean.shape, 7.0))


@pytest.mark.parametrize(
    "architecture",
    [
        name if name == "compact" else pytest.param(name, marks=pytest.mark.slow("a real network"))
        for name in ARCHITECTURES
    ],
)
def test_every_recipe_trains_its_real_network(
    architecture: ArchitectureName, data: Path, tmp_path: Path
) -> None:
    config = replace(recipe(architecture, "fer7"), epochs=1, batch_size=8)

    model = train(config, data, tmp_path)

    assert model.count_params() == ARCHITECTURES[architecture].build(7).count_params()
    assert runs.read_report(tmp_path)["epochs"] == 1


@pytest.mark.usefixtures("tiny")
def test_a_finished_run_is_not_trained_again(data: Path, tmp_path: Path) -> None:
    train(QUICK, data, tmp_path)
    history = (tmp_path / "history.csv").read_bytes()
    model = (tmp_path / "model.keras").read_bytes()

    train(QUICK, data, tmp_path)

    assert (tmp_path / "history.csv").read_bytes() == history
    assert (tmp_path / "model.keras").read_bytes() == model


def test_other_settings_do_not_overwrite_a_run(data: Path, tmp_path: Path) -> None:
    other = replace(QUICK, seed=1).to_json()
    (tmp_path / "config.json").write_text(other)
    (tmp_path / "history.csv").write_text("epoch\n1\n")

    with pytest.raises(ValueError, match="other settings"):
        train(QUICK, data, tmp_path)

    assert (tmp_path / "config.json").read_text() == other


@pytest.mark.usefixtures("tiny")
def test_a_run_that_never_began_takes_other_settings(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        train(replace(QUICK, init="nowhere"), data, tmp_path)

    train(replace(QUICK, epochs=1), data, tmp_path)

    assert read_config(tmp_path / "config.json") == replace(QUICK, epochs=1)


def test_a_start_that_is_not_there_is_found_before_the_data_is_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        train(replace(QUICK, init="nowhere"), tmp_path / "no data", tmp_path / "run")


@pytest.mark.usefixtures("tiny")
def test_a_run_that_diverges_ends_and_says_what_helps(data: Path, tmp_path: Path) -> None:
    wild = replace(QUICK, peak_learning_rate=1e30, warmup_epochs=0.0)

    with pytest.raises(ValueError, match="smaller --learning-rate"):
        train(wild, data, tmp_path)

    assert not (tmp_path / "model.keras").exists()


@pytest.mark.parametrize("epochs", [1, 4, 12])
@pytest.mark.usefixtures("tiny")
def test_the_learning_rate_falls_in_runs_of_any_length(
    epochs: int, data: Path, tmp_path: Path
) -> None:
    config = replace(QUICK, epochs=epochs, warmup_epochs=4.0, peak_learning_rate=0.1)

    train(config, data, tmp_path)

    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    rates = [float(make_ndarray(each.tensor_proto)) for each in events.Tensors("learning_rate")]
    assert rates[-1] < 0.001
    assert epochs == 1 or max(rates) == pytest.approx(0.1, rel=0.05)


def test_weight_decay_leaves_biases_and_normalisation_alone(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(num_classes: int) -> keras.Model:
        inputs = keras.Input((48, 48, 1))
        x = keras.layers.Conv2D(4, 8, 8, bias_initializer="ones")(inputs)
        x = keras.layers.BatchNormalization(beta_initializer="ones")(x)
        x = keras.layers.Flatten()(x)
        return keras.Model(inputs, keras.layers.Dense(num_classes, activation="softmax")(x))

    monkeypatch.setitem(ARCHITECTURES, "compact", Architecture(build, "standard"))
    keras.utils.set_random_seed(QUICK.seed)
    kernel = build(7).layers[1].get_weights()[0]

    config = replace(QUICK, epochs=1, peak_learning_rate=1e-3, weight_decay=900.0,
                     ema_momentum=None)  # fmt: skip
    _, convolution, normalization, *_ = train(config, data, tmp_path).layers

    decayed, bias = convolution.get_weights()
    gamma, beta, *_ = normalization.get_weights()
    assert np.linalg.norm(decayed) < 0.3 * np.linalg.norm(kernel)
    for kept in (bias, gamma, beta):
        np.testing.assert_allclose(kept, 1.0, atol=0.2)


@pytest.mark.usefixtures("tiny")
def test_a_run_that_no_longer_gets_better_ends(data: Path, tmp_path: Path) -> None:
    still = replace(QUICK, epochs=9, schedule="plateau", peak_learning_rate=0.0, stop_patience=2,
                    plateau_patience=1, ema_momentum=None)  # fmt: skip

    train(still, data, tmp_path)

    report = json.loads((tmp_path / "trained.json").read_text())
    assert len(read_history(tmp_path / "history.csv")) < still.epochs
    assert report["epochs"] == len(read_history(tmp_path / "history.csv"))


@pytest.mark.usefixtures("tiny")
def test_a_cosine_is_not_ended_early(data: Path, tmp_path: Path) -> None:
    still = replace(QUICK, schedule="cosine", peak_learning_rate=0.0, stop_patience=1)

    train(still, data, tmp_path)

    assert len(read_history(tmp_path / "history.csv")) == still.epochs


@pytest.mark.parametrize("momentum", [None, 0.99999])
@pytest.mark.usefixtures("tiny")
def test_the_network_that_is_kept_has_the_averaged_weights(
    momentum: float | None, data: Path, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(QUICK.seed)
    start = head_of(ARCHITECTURES["compact"].build(7))

    found = head_of(train(replace(QUICK, ema_momentum=momentum), data, tmp_path))

    # calibration scales the head, so that only its direction tells
    cosine = start @ found / np.linalg.norm(start) / np.linalg.norm(found)
    assert bool(cosine > 0.9999) is (momentum is not None)


def head_of(model: keras.Model) -> FloatArray:
    return np.asarray(model.layers[-1].get_weights()[0]).ravel()


@pytest.mark.usefixtures("tiny")
def test_a_run_may_start_where_another_ended(data: Path, run: Path, tmp_path: Path) -> None:
    same = replace(QUICK, epochs=1, peak_learning_rate=0.0, init=str(run), warmup_epochs=0.0)

    model = train(same, data, tmp_path)

    started = keras.models.load_model(run / "model.keras", compile=False)
    expected = [layer.get_weights() for layer in started.layers if layer.name.startswith("dense")]
    found = [layer.get_weights() for layer in model.layers if layer.name.startswith("dense")]
    # calibration scales the head once more, so that only its direction is kept
    ours, theirs = (np.concatenate([w.ravel() for w in side[0]]) for side in (found, expected))
    cosine = ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)
    assert cosine == pytest.approx(1.0, abs=1e-5)


@pytest.mark.usefixtures("tiny")
def test_every_option_trains(data: Path, run: Path, tmp_path: Path) -> None:
    config = replace(
        QUICK, epochs=1, mixup=0.4, class_balance=0.5, teachers=(str(run),), teacher_weight=0.7,
        teacher_temperature=2.0, augmentation=None, optimizer="adam", peak_learning_rate=1e-3,
        weight_decay=None, ema_momentum=None, monitor="macro_f1",
    )  # fmt: skip

    train(config, data, tmp_path)

    history = read_history(tmp_path / "history.csv")
    assert np.isfinite(history[0]["loss"])
    teacher = runs.read_report(tmp_path)["learned_from"]
    assert teacher == {str(run): file_sha256(run / "model.keras")}


def test_a_run_in_bfloat16_leaves_a_network_of_float32(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computing: set[str] = set()

    def build(num_classes: int) -> keras.Model:
        model = build_tiny(num_classes)
        computing.update(layer.compute_dtype for layer in model.layers if layer.weights)
        return model

    monkeypatch.setitem(ARCHITECTURES, "compact", Architecture(build, "standard"))
    model = train(replace(QUICK, precision="bfloat16"), data, tmp_path)

    policies = {layer.dtype_policy.name for layer in model.layers}
    assert "bfloat16" in computing
    assert policies == {"float32"}
    assert keras.config.dtype_policy().name == "float32"
    history = read_history(tmp_path / "history.csv")
    assert history[-1]["loss"] < history[0]["loss"]


def test_every_setting_of_the_targets_reaches_the_batches(run: Path, tmp_path: Path) -> None:
    write_fer2013(tmp_path / "fer2013.csv")
    usages = fer2013.load(tmp_path / "fer2013.csv").usages()
    sad = "{usage},,0,0,0,10,0,0,0,0,0,0\n"  # in Training alone: the others are surprised
    surprised = "{usage},,0,0,10,0,0,0,0,0,0,0\n"
    lines = [(sad if usage == "Training" else surprised).format(usage=usage) for usage in usages]
    (tmp_path / "ferplus.csv").write_text(HEADER + "".join(lines))
    faces = LABEL_SETS["fer7"].load(tmp_path)
    plain = replace(QUICK, vote_weight=0.0, label_smoothing=0.0, augmentation=None)

    def batch(**settings: Any) -> tuple[FloatArray, ...]:
        config = replace(plain, **settings)
        return training._batches(config, faces, training._teaching(config, faces.labels))[0]

    inputs, targets = batch()
    assert set(np.unique(targets)) == {0.0, 1.0}
    sadness = fer2013.LABELS.index("sad")
    np.testing.assert_allclose(batch(vote_weight=0.5)[1][:, sadness], 0.5)
    np.testing.assert_allclose(batch(vote_weight=1.0)[1][:, sadness], 1.0)
    np.testing.assert_allclose(batch(label_smoothing=0.7)[1].min(axis=1), 0.1, atol=1e-6)
    assert not np.array_equal(batch(augmentation=Augmentation())[0], inputs)
    assert not np.array_equal(batch(mixup=0.4)[0], inputs)
    assert len(batch(class_balance=1.0)) == 3
    taught = {"teachers": (str(run),), "teacher_weight": 1.0}
    sharp, soft = (batch(**taught, teacher_temperature=value)[1] for value in (0.2, 5.0))
    assert sharp.max(axis=1).mean() > soft.max(axis=1).mean() + 0.1
    np.testing.assert_allclose(batch(**taught | {"teacher_weight": 0.0})[1], targets)
    views = batch(**taught, teacher_views=True)
    np.testing.assert_array_equal(views[0], inputs)
    assert not np.array_equal(views[1], batch(**taught)[1]), "once is with the mirror image"


@pytest.mark.usefixtures("tiny")
def test_the_best_epoch_is_that_of_the_figure_that_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    monkeypatch.setattr(callbacks, "in_precision", lambda model, precision: model)
    monkeypatch.setattr(callbacks, "save_network", lambda model, path: kept.append(len(seen)))
    seen: list[int] = []
    keep = callbacks.KeepBest(tmp_path, "val_macro_f1")
    keep.set_model(ARCHITECTURES["compact"].build(7))

    for epoch, (accuracy, macro_f1) in enumerate([(0.5, 0.2), (0.6, 0.1), (0.4, 0.3)]):
        seen.append(epoch)
        keep.on_epoch_end(epoch, {"val_accuracy": accuracy, "val_macro_f1": macro_f1})

    assert kept == [1, 3]


@pytest.mark.usefixtures("tiny")
def test_a_teacher_changes_what_is_learned(data: Path, run: Path, tmp_path: Path) -> None:
    config = replace(QUICK, epochs=1)
    taught = replace(config, teachers=(str(run),), teacher_weight=1.0)

    train(config, data, tmp_path / "alone")
    train(taught, data, tmp_path / "taught")

    alone, with_teacher = (read_history(tmp_path / name / "history.csv")[0]["loss"]
                           for name in ("alone", "taught"))  # fmt: skip
    assert alone != pytest.approx(with_teacher, rel=1e-3)


def test_a_missing_data_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"expected fer2013_bored\.csv"):
        train(TrainConfig(labels="bored4"), tmp_path, tmp_path / "run")


@pytest.mark.usefixtures("tiny")
def test_a_run_moved_elsewhere_stays_finished(data: Path, run: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(run, moved)
    model = (moved / "model.keras").read_bytes()

    train(QUICK, data, moved)

    assert (moved / "model.keras").read_bytes() == model
