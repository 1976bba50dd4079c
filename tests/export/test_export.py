import json
from pathlib import Path

import keras
import numpy as np
import pytest

from edge_app import bundle as bundles
from edge_app.bundle import file_sha256
from edge_app.inference import NETWORKS
from export import convert, parity
from export.golden import golden_inputs
from export.package import package
from export.parity import ParityError, compare
from tests.training.faces import write_fer2013
from training.datasets import fer2013
from training.datasets.fer2013 import Fer2013
from training.eigenfaces import train_basis
from training.models import ARCHITECTURES
from training.recipe import EMOTION_CROP, IDENTIFIER
from training.train import TrainConfig


@pytest.fixture(scope="module")
def network() -> keras.Model:
    keras.utils.set_random_seed(1)
    return ARCHITECTURES["compact"].build(7)


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Fer2013:
    path = tmp_path_factory.mktemp("data") / "fer2013.csv"
    write_fer2013(path, per_label=4)
    return fer2013.load(path)


@pytest.fixture(scope="module")
def run(network: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What training leaves, without the training."""
    from dataclasses import asdict

    folder = tmp_path_factory.mktemp("run")
    network.save(folder / "model.keras")
    (folder / "config.json").write_text(json.dumps(asdict(TrainConfig())))
    report = {"finished": "2026-01-02", "git_commit": "abc", "keras": "3", "backend": "torch",
              "best_epoch": 3, "public_test_accuracy": 0.1}  # fmt: skip
    (folder / "trained.json").write_text(json.dumps(report))
    rng = np.random.default_rng(0)
    size = IDENTIFIER.crop.size
    noise = rng.integers(0, 256, (IDENTIFIER.components + 20, size, size), dtype=np.uint8)
    train_basis(noise, IDENTIFIER.components, folder / "eigenfaces.xml")
    return folder


@pytest.fixture(scope="module")
def bundle(run: Path, faces: Fer2013, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("models") / "tiny"
    package(run, faces, name="tiny", version="1.2.3", output=output)
    return output


def test_a_device_accepts_the_bundle(bundle: Path) -> None:
    manifest = bundles.load(bundle).manifest

    assert (manifest.name, manifest.version) == ("tiny", "1.2.3")
    assert manifest.emotion.labels == fer2013.LABELS
    assert manifest.created == "2026-01-02"


def test_both_files_give_what_keras_gives(bundle: Path, network: keras.Model) -> None:
    manifest = bundles.load(bundle).manifest
    inputs = golden_inputs(EMOTION_CROP, manifest.emotion.normalization)
    expected = network.predict(inputs, verbose=0)

    for model in manifest.emotion.models:
        scores = NETWORKS[model.runtime](bundle / model.file)(inputs)
        np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_golden_samples_hold_the_outputs_of_keras(bundle: Path, network: keras.Model) -> None:
    with np.load(bundle / "golden.npz") as golden:
        expected = network.predict(golden["inputs"], verbose=0)
        np.testing.assert_allclose(golden["outputs"], expected, atol=1e-6)


def test_the_card_has_the_figures_of_every_file(bundle: Path) -> None:
    card = (bundle / "MODEL_CARD.md").read_text()
    manifest = bundles.load(bundle).manifest

    for file in ("emotion.tflite", "emotion.onnx"):
        accuracy = manifest.metrics[f"{file}/PrivateTest/accuracy"]
        assert f"| `{file}` | PrivateTest | {accuracy:.2%} |" in card


def test_the_same_run_gives_the_same_bytes(
    bundle: Path, run: Path, faces: Fer2013, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    package(run, faces, name="tiny", version="1.2.3", output=again)

    for path in sorted(bundle.iterdir()):
        assert file_sha256(again / path.name) == file_sha256(path), path.name


def test_an_incomplete_run_is_named(run: Path, faces: Fer2013, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"found no config\.json"):
        package(tmp_path, faces, name="tiny", version="1.0.0", output=tmp_path / "out")


def test_a_failed_proof_leaves_the_old_bundle(
    run: Path, faces: Fer2013, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "bundle"
    output.mkdir()
    (output / "old").write_text("old")
    monkeypatch.setattr(parity, "MAX_DIFFERENCE", -1.0)

    with pytest.raises(ParityError, match=r"emotion\.tflite: expected scores within"):
        package(run, faces, name="tiny", version="1.0.0", output=output)

    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert (output / "old").read_text() == "old"


def test_a_changed_file_is_told_from_the_network(network: keras.Model, tmp_path: Path) -> None:
    other = ARCHITECTURES["compact"].build(7)
    convert.to_onnx(other, tmp_path / "other.onnx")
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(16, 48, 48, 1)).astype(np.float32)

    with pytest.raises(ParityError):
        compare(tmp_path / "other.onnx", inputs, network.predict(inputs, verbose=0))
