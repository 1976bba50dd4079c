import json
from collections.abc import Mapping
from pathlib import Path

import keras
import pytest

from tests.training.faces import write_fer2013
from training import train as training
from training.models import ARCHITECTURES
from training.train import TrainConfig, read_history, train


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_fer2013(folder / "fer2013.csv")
    return folder


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that trains in a moment, in place of the compact one."""

    def build(num_classes: int) -> keras.Model:
        inputs = keras.Input((48, 48, 1))
        x = keras.layers.AveragePooling2D(8)(inputs)
        x = keras.layers.Flatten()(x)
        x = keras.layers.BatchNormalization()(x)
        return keras.Model(inputs, keras.layers.Dense(num_classes, activation="softmax")(x))

    architecture = ARCHITECTURES["compact"]
    monkeypatch.setitem(
        ARCHITECTURES,
        "compact",
        type(architecture)(build, architecture.normalization),
    )


CONFIG = TrainConfig(epochs=3, batch_size=8, warmup_epochs=1.0, ema_momentum=0.5)


@pytest.mark.usefixtures("tiny")
def test_a_run_leaves_its_configuration_history_weights_and_report(
    data: Path, tmp_path: Path
) -> None:
    model = train(CONFIG, data, tmp_path)

    history = read_history(tmp_path / "history.csv")
    report = json.loads((tmp_path / "trained.json").read_text())
    best = max(history, key=lambda row: row["val_accuracy"])
    assert json.loads((tmp_path / "config.json").read_text())["epochs"] == 3
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert report["best_epoch"] == best["epoch"]
    assert report["public_test_accuracy"] == pytest.approx(best["val_accuracy"], abs=1e-4)
    assert model.output_shape == (None, 7)
    assert list((tmp_path / "tensorboard").rglob("events*"))


@pytest.mark.usefixtures("tiny")
def test_a_stopped_run_goes_on_from_its_last_whole_epoch(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "whole"
    train(CONFIG, data, whole)
    stopped = tmp_path / "stopped"

    begin = training._Epochs.on_epoch_begin

    def stop(self: training._Epochs, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        if epoch == 2:
            raise KeyboardInterrupt
        begin(self, epoch, logs)

    with monkeypatch.context() as patch:
        patch.setattr(training._Epochs, "on_epoch_begin", stop)
        with pytest.raises(KeyboardInterrupt):
            train(CONFIG, data, stopped)
    before = read_history(stopped / "history.csv")
    train(CONFIG, data, stopped)
    after = read_history(stopped / "history.csv")

    assert [row["epoch"] for row in before] == [1, 2]
    assert after[:2] == before
    assert [row["epoch"] for row in after] == [1, 2, 3]
    uninterrupted = read_history(whole / "history.csv")
    assert after[2]["loss"] == pytest.approx(uninterrupted[2]["loss"], rel=1e-3)


@pytest.mark.usefixtures("tiny")
def test_a_finished_run_is_not_trained_again(data: Path, tmp_path: Path) -> None:
    train(CONFIG, data, tmp_path)
    history = (tmp_path / "history.csv").read_bytes()
    model = (tmp_path / "model.keras").read_bytes()

    train(CONFIG, data, tmp_path)

    assert (tmp_path / "history.csv").read_bytes() == history
    assert (tmp_path / "model.keras").read_bytes() == model


def test_other_settings_do_not_overwrite_a_run(data: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}\n")

    with pytest.raises(ValueError, match="other settings"):
        train(CONFIG, data, tmp_path)

    assert (tmp_path / "config.json").read_text() == "{}\n"


def test_weight_decay_leaves_biases_and_normalisation_alone() -> None:
    optimizer = training._optimizer(CONFIG, steps_per_epoch=10)
    model = ARCHITECTURES["compact"].build(7)
    optimizer.build(model.trainable_variables)

    decayed = {v.name for v in model.trainable_variables if optimizer._use_weight_decay(v)}

    assert decayed == {"kernel"}
