"""What trains in a moment: a few drawn faces and a network of one layer."""

from pathlib import Path

import keras
import pytest

from tests.training.faces import write_fer2013
from training.config import TrainConfig
from training.models import ARCHITECTURES, Architecture
from training.train import train

QUICK = TrainConfig(epochs=3, batch_size=8, warmup_epochs=1.0, ema_momentum=0.5)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a miniature fer2013.csv of three labels."""
    folder = tmp_path_factory.mktemp("data")
    write_fer2013(folder / "fer2013.csv")
    return folder


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that trains in a moment, in place of the compact one."""
    monkeypatch.setitem(ARCHITECTURES, "compact", Architecture(build_tiny, "standard"))


def build_tiny(num_classes: int) -> keras.Model:
    """One layer on 36 means."""
    inputs = keras.Input((48, 48, 1))
    x = keras.layers.AveragePooling2D(8)(inputs)
    x = keras.layers.Flatten()(x)
    x = keras.layers.BatchNormalization()(x)
    return keras.Model(inputs, keras.layers.Dense(num_classes, activation="softmax")(x))


@pytest.fixture(scope="session")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the small network; tests that change it copy it first."""
    folder = tmp_path_factory.mktemp("runs") / "quick"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ARCHITECTURES, "compact", Architecture(build_tiny, "standard"))
        train(QUICK, data, folder)
    return folder
