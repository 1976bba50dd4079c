import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from edge_app.bundle import loader
from edge_app.bundle.loader import file_sha256
from edge_app.bundle.manifest import ModelFile
from edge_app.core.errors import InputError
from edge_app.updates.verify import verify
from edge_app.vision.inference import NETWORKS
from export import package as exporting
from export import parity, published
from export.formats import EMOTION_MODELS, Formats
from export.golden import golden_inputs
from export.model_card import model_card
from export.package import open_run, package
from export.parity import ParityError
from export.sign import SigningError
from tests.bundles import SIGNER, Signer
from training.config import TrainConfig
from training.datasets import fer2013
from training.datasets.ferplus import CHOICES
from training.datasets.label_sets import LabelledFaces
from training.judging import Judge
from training.recipe import EIGENFACES, EMOTION_CROP, HAAR, SFACE, YUNET

AS_IF_PUBLISHED = """
from dataclasses import replace
from export import cli, published
published.YUNET = replace(published.YUNET, sha256="{detector}")
published.SFACE = replace(published.SFACE, sha256="{embedding}")
cli.main()
"""
"""The command, which takes the tiny networks in the cache for those that are published."""

EVERY = [*Formats().emotion, *Formats().detector, *Formats().embedding]

OLD = '{"schema_version": 0, "files": {}}'
"""Of a bundle, of whatever version."""

OTHERS = [model.file for model in EMOTION_MODELS if model.file != "emotion.tflite"]
"""Left out where one file is enough: it takes a sixth of the time."""


def test_a_device_accepts_the_bundle(bundle: Path, signer: Signer) -> None:
    verified = verify(bundle, signer.allowed)

    manifest = verified.bundle.manifest
    assert (manifest.name, manifest.version) == ("tiny", "1.2.3")
    assert manifest.emotion.labels == fer2013.LABELS
    assert manifest.created == "2026-01-02"
    assert verified.signer == SIGNER
    assert {replay.model.file for replay in verified.replays} == {model.file for model in EVERY}


@pytest.mark.parametrize("model", EMOTION_MODELS, ids=lambda model: model.file)
def test_every_file_gives_what_keras_gives(
    bundle: Path, network: keras.Model, model: ModelFile
) -> None:
    inputs = golden_inputs(EMOTION_CROP, "standard")
    expected = network.predict(inputs, verbose=0)

    scores = NETWORKS[model.runtime](bundle / model.file)(inputs)

    tolerance = {"float32": 1e-5, "float16": 5e-3, "dynamic": 0.05, "int8": 0.05}[model.precision]
    if model.file == "emotion-int8.onnx":
        tolerance = 0.1  # a bit less of each weight, and this network has few
    np.testing.assert_allclose(scores, expected, atol=tolerance)
    assert scores.std(axis=0).max() > 2 * tolerance, "the inputs must make a difference"


def test_the_card_has_the_figures_of_every_file(bundle: Path) -> None:
    card = (bundle / "MODEL_CARD.md").read_text()
    metrics = loader.load(bundle).manifest.metrics

    for model in EMOTION_MODELS:
        accuracy = metrics[f"{model.file}/PrivateTest/majority_accuracy"]
        assert f"| `{model.file}` | PrivateTest | {accuracy:.2%} |" in card


def test_the_card_and_the_notice_say_where_the_published_networks_are_from(bundle: Path) -> None:
    card, notice = ((bundle / name).read_text() for name in ("MODEL_CARD.md", "NOTICE"))

    assert "| `yunet.tflite` | pixels from OpenCV's |" in card
    assert "| `sface-dynamic.tflite` | cosine to OpenCV's |" in card
    for words in ("face_recognition_sface_2021dec.onnx", "Apache-2.0", "LFW", "WIDER FACE"):
        assert words in card
    assert "Apache License" in notice
    assert "Copyright (c) 2020 Shiqi Yu" in notice


@pytest.mark.usefixtures("unconverted")
def test_a_published_network_of_other_bytes_is_refused_at_once(
    run: Path, faces: LabelledFaces, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"expected YuNet .* with SHA-256"):
        package(
            open_run(run),
            faces,
            name="tiny",
            version="1.0.0",
            output=tmp_path / "out",
            detector=run / "model.keras",
        )


def proof() -> parity.Proof:
    labels = ("happy", "bored")
    three = fer2013.Fer2013(
        np.empty((3, 48, 48), np.uint8), np.array([0, 1, 1]), np.full(3, 2, np.int64)
    )
    faces = LabelledFaces(three, labels, labels, np.zeros((3, len(CHOICES)), np.int64))
    found = Judge(faces, "PrivateTest")(np.eye(2, dtype=np.float32)[[0, 0, 1]], None)
    return parity.Proof("a.tflite", "float32", "PrivateTest", 0.0, 0.0, 1.0, 0.0, found)


def test_the_card_says_what_was_learned_from() -> None:
    config = replace(TrainConfig(), labels="bored4", init="models/runs/before", vote_weight=0.3)
    report = {"votes": False, "epochs": 5, "best_epoch": 3, "temperature": 1.0, "keras": "3",
              "backend": "torch"}  # fmt: skip
    card = model_card("tiny", "1.0.0", config, report, {"happy": 1500, "bored": 60}, "strangers",
                      [proof()], [], {"a.tflite": 1.0}, {"a.tflite": 1000})  # fmt: skip

    assert "FER2013's official splits, and bored faces split by scene" in card
    assert "- Emotions: 1,500 faces of FER2013's Training split" in card
    assert "60 bored faces were cut" in card
    assert "votes (MIT licence)" not in card
    assert "other networks" not in card
    assert "from the weights of the run `before`" in card
    assert "bored and happy are missed most" in card


def test_the_card_says_what_share_votes_and_teachers_have() -> None:
    config = replace(TrainConfig(), vote_weight=0.3, teachers=("before",), teacher_weight=0.3)

    report = {"votes": True, "epochs": 5, "best_epoch": 3, "temperature": 1.0, "keras": "3",
              "backend": "torch"}  # fmt: skip

    said = model_card("tiny", "1.0.0", config, report, {"happy": 10}, "strangers", [proof()], [],
                      {"a.tflite": 1.0}, {"a.tflite": 1000})  # fmt: skip

    assert "votes (MIT licence) count for 21% of what it was taught" in said
    assert "Scores of another network, trained on the same faces, count for 30%." in said


def test_the_same_run_gives_the_same_bytes_in_another_process(
    bundle: Path, run: Path, faces: LabelledFaces, signer: Signer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    fer2013.save(data / "fer2013.csv", faces.data)
    again = tmp_path / "again"
    arguments = [str(run), "--data", str(data), "--name", "tiny", "--version", "1.2.3"]
    arguments += ["--sign", str(signer.key), "-o", str(again)]
    program = AS_IF_PUBLISHED.format(
        detector=published.YUNET.sha256, embedding=published.SFACE.sha256
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONWARNINGS": "ignore"}

    subprocess.run([sys.executable, "-c", program, *arguments], check=True, env=environment)

    assert {path.name for path in again.iterdir()} == {path.name for path in bundle.iterdir()}
    for path in sorted(bundle.iterdir()):
        assert file_sha256(again / path.name) == file_sha256(path), path.name


def test_an_incomplete_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"found no config\.json"):
        open_run(tmp_path)


def test_a_failed_proof_names_every_row_and_leaves_the_old_bundle(
    run: Path, faces: LabelledFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "bundle"
    output.mkdir()
    (output / "manifest.json").write_text(OLD)
    monkeypatch.setattr(parity, "MAX_DIFFERENCE", -1.0)

    with pytest.raises(ParityError) as failed:
        package(open_run(run), faces, name="tiny", version="1.0.0", output=output, leave_out=OTHERS)

    public, private = str(failed.value).splitlines()
    assert public.startswith("emotion.tflite on PublicTest: largest difference ")
    assert private.startswith("emotion.tflite on PrivateTest: largest difference ")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert (output / "manifest.json").read_text() == OLD


@pytest.fixture
def unconverted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with the input is found before the long work begins."""

    def fail(*arguments: object) -> None:
        raise AssertionError("the network was converted")

    monkeypatch.setattr(exporting, "write_detector", fail)


@pytest.mark.parametrize("manifest", ["no json", '{"name": "a page", "icons": []}', "[]"])
@pytest.mark.usefixtures("unconverted")
def test_a_folder_that_is_no_bundle_is_not_replaced(
    manifest: str, run: Path, faces: LabelledFaces, tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    (tmp_path / "runs").mkdir()

    with pytest.raises(ValueError, match="expected a new folder, an empty one or a bundle"):
        package(open_run(run), faces, name="tiny", version="1.0.0", output=tmp_path)

    assert (tmp_path / "runs").is_dir()


@pytest.mark.usefixtures("unconverted")
@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        ("Tiny!", "1.0.0", "expected the name of a bundle, found 'Tiny!'"),
        ("tiny", "one", "expected the version of a bundle, found 'one'"),
    ],
)
def test_a_name_that_no_manifest_takes_is_told_in_one_line(
    name: str, version: str, message: str, run: Path, faces: LabelledFaces, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        package(open_run(run), faces, name=name, version=version, output=tmp_path / "out")

    assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("unconverted")
def test_a_key_that_is_not_there_is_found_at_once(
    run: Path, faces: LabelledFaces, tmp_path: Path
) -> None:
    with pytest.raises(SigningError, match="expected an SSH key"):
        package(
            open_run(run),
            faces,
            name="tiny",
            version="1.0.0",
            output=tmp_path / "out",
            key=tmp_path / "none",
        )


@pytest.mark.usefixtures("unconverted")
def test_faces_without_a_test_split_are_refused_at_once(
    run: Path, faces: LabelledFaces, tmp_path: Path
) -> None:
    training = replace(faces, data=without_private_test(faces.data))

    with pytest.raises(fer2013.DataError, match="PrivateTest, found none"):
        package(open_run(run), training, name="tiny", version="1.0.0", output=tmp_path / "out")


def without_private_test(data: fer2013.Fer2013) -> fer2013.Fer2013:
    public, private = map(fer2013.USAGES.index, ("PublicTest", "PrivateTest"))
    return replace(data, usage=np.where(data.usage == private, public, data.usage))


def test_the_manifest_says_how_people_are_told_apart_and_lists_what_is_left(
    run: Path, faces: LabelledFaces, tmp_path: Path
) -> None:
    manifest = package(
        open_run(run),
        faces,
        name="tiny",
        version="1.0.0",
        output=tmp_path / "out",
        leave_out=OTHERS,
    )

    assert [model.file for model in manifest.emotion.models] == ["emotion.tflite"]
    assert set(manifest.files) & set(OTHERS) == set()
    assert manifest.detectors == (YUNET, HAAR)
    assert manifest.identifiers == (SFACE, EIGENFACES)
