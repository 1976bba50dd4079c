"""From a training run to a bundle: convert, prove, describe, and only then give it its name."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from edge_app.bundle import MANIFEST_FILE, file_sha256
from edge_app.bundle import load as load_bundle
from edge_app.manifest import (
    EmotionSpec,
    FileEntry,
    Golden,
    Manifest,
    ModelFile,
)
from edge_app.preprocess import normalize
from export import convert
from export.golden import TOLERANCE, golden_inputs, write_golden
from export.model_card import model_card
from export.parity import Proof, compare
from training.datasets.fer2013 import LABELS, USAGES, Fer2013
from training.evaluate import Predict, evaluate, load_predictor
from training.models import ARCHITECTURES
from training.recipe import DETECTOR, EMOTION_CROP, IDENTIFIER, opencv_cascade
from training.train import CONFIG_FILE, MODEL_FILE, REPORT_FILE

EIGENFACES_FILE = "eigenfaces.xml"
_MODELS = (ModelFile(file="emotion.tflite", runtime="tflite"),
           ModelFile(file="emotion.onnx", runtime="onnx"))  # fmt: skip
_GOLDEN = "golden.npz"
_CARD = "MODEL_CARD.md"


def package(run: Path, faces: Fer2013, *, name: str, version: str, output: Path) -> Manifest:
    """Write the bundle of a finished run into the folder ``output``, replacing what is there.

    Raises FileNotFoundError for an incomplete run and ParityError when a file is not what it should
    be; ``output`` is then left as it was.
    """
    for needed in (CONFIG_FILE, REPORT_FILE, MODEL_FILE, EIGENFACES_FILE):
        if not (run / needed).is_file():
            raise FileNotFoundError(f"{run}: expected a finished run, found no {needed} in it")
    config = json.loads((run / CONFIG_FILE).read_text(encoding="utf-8"))
    report = json.loads((run / REPORT_FILE).read_text(encoding="utf-8"))
    normalization = ARCHITECTURES[config["architecture"]].normalization
    emotion = EmotionSpec(
        labels=LABELS, crop=EMOTION_CROP, normalization=normalization, models=_MODELS
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=output.parent) as scratch:
        folder = Path(scratch) / name
        folder.mkdir()
        keras_predict = load_predictor(run / MODEL_FILE)
        _write_models(run, folder)
        proofs = _prove(folder, faces, emotion, keras_predict)
        shutil.copyfile(opencv_cascade(), folder / DETECTOR.file)
        shutil.copyfile(run / EIGENFACES_FILE, folder / IDENTIFIER.file)
        write_golden(folder / _GOLDEN, golden_inputs(emotion.crop, normalization), keras_predict)
        card = model_card(name, version, config, report, proofs)
        (folder / _CARD).write_text(card, encoding="utf-8")
        manifest = Manifest(
            schema_version=1,
            name=name,
            version=version,
            created=report["finished"],
            git_commit=report["git_commit"],
            emotion=emotion,
            detector=DETECTOR,
            identifier=IDENTIFIER,
            golden=Golden(file=_GOLDEN, tolerance=TOLERANCE),
            metrics=_metrics(proofs),
            files={path.name: _entry(path) for path in sorted(folder.iterdir())},
        )
        text = manifest.model_dump_json(indent=2) + "\n"
        (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")
        load_bundle(folder)
        _replace(folder, output)
    return manifest


def _write_models(run: Path, folder: Path) -> None:
    network = convert.load_network(run / MODEL_FILE)
    writers = {"tflite": convert.to_tflite, "onnx": convert.to_onnx}
    for model in _MODELS:
        writers[model.runtime](network, folder / model.file)


def _prove(
    folder: Path, faces: Fer2013, emotion: EmotionSpec, keras_predict: Predict
) -> list[Proof]:
    """Every file on both test splits; the figures are reported, nothing is chosen by them."""
    proofs = []
    for split in USAGES[1:]:
        subset = faces.split(split)
        inputs = normalize(subset.images, emotion.normalization)
        expected = keras_predict(inputs)
        for model in emotion.models:
            parity = compare(folder / model.file, inputs, expected)
            proofs.append(Proof(split, parity, evaluate(parity.scores, subset, emotion.labels)))
    return proofs


def _metrics(proofs: list[Proof]) -> dict[str, float]:
    figures: dict[str, Any] = {}
    for proof in proofs:
        where = f"{proof.parity.file}/{proof.split}"
        figures[f"{where}/accuracy"] = round(proof.evaluation.accuracy, 4)
        figures[f"{where}/macro_f1"] = round(proof.evaluation.macro_f1, 4)
    return figures


def _entry(path: Path) -> FileEntry:
    return FileEntry(size=path.stat().st_size, sha256=file_sha256(path))


def _replace(folder: Path, output: Path) -> None:
    """Swap folders by renaming; the old one goes only when the new one is in place."""
    old = folder.with_name("old")
    if output.exists():
        output.rename(old)
    try:
        folder.rename(output)
    except OSError:
        if old.exists():
            old.rename(output)
        raise
