"""From a training run to a bundle: convert, prove, describe, sign, and only then name it."""

import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_app import __version__
from edge_app.bundle.loader import MANIFEST_FILE, file_sha256
from edge_app.bundle.manifest import (
    SCHEMA_VERSION,
    EmotionSpec,
    FileEntry,
    Manifest,
)
from edge_app.core.types import FloatArray
from edge_app.updates.verify import verify
from edge_app.vision.preprocess import normalize
from export import convert, metadata, quantize
from export.basis import write_eigenfaces
from export.checks import check_before
from export.formats import without
from export.golden import golden_inputs, write_golden
from export.latency import latencies_ms
from export.model_card import model_card
from export.parity import Proof, prove, require
from export.sign import sign
from training.config import TrainConfig, read_config
from training.datasets.fer2013 import TEST_SPLITS
from training.datasets.label_sets import LabelledFaces
from training.models import ARCHITECTURES
from training.network import Predict, load_predictor
from training.recipe import (
    DETECTOR,
    EMOTION_CROP,
    IDENTIFIER,
    IDENTIFIERS,
    Method,
    opencv_cascade,
)
from training.runs import CONFIG_FILE, MODEL_FILE, REPORT_FILE, read_report

_log = logging.getLogger(__name__)

_GOLDEN = "golden.npz"
_CARD = "MODEL_CARD.md"
_USUAL_COHORT = "faces that `python -m training eigenfaces` was given, usually FER2013's Training"
_OWN_COHORT = "photographs of the exporter's own choice, of people who are not to be enrolled"
_CALIBRATION_FACES = 300
_CALIBRATION_SEED = 2013
_TYPICAL = 0.9
"""Share of the faces that may calibrate, those without glaring spots: see docs/decisions/0011."""


@dataclass(frozen=True)
class Run:
    """A finished training run, and what it says of itself."""

    folder: Path
    config: TrainConfig
    report: Mapping[str, Any]

    @property
    def network(self) -> Path:
        return self.folder / MODEL_FILE


def open_run(folder: Path) -> Run:
    """Raises FileNotFoundError for a folder without one of the files that a bundle needs."""
    for needed in (CONFIG_FILE, REPORT_FILE, MODEL_FILE):
        if not (folder / needed).is_file():
            raise FileNotFoundError(f"{folder}: expected a finished run, found no {needed} in it")
    return Run(folder, read_config(folder / CONFIG_FILE), read_report(folder))


def package(
    run: Run,
    faces: LabelledFaces,
    *,
    name: str,
    version: str,
    output: Path,
    people: Path | None = None,
    recognition: Method = "eigenfaces",
    leave_out: Sequence[str] = (),
    key: Path | None = None,
) -> Manifest:
    """Write the bundle of a run into the folder ``output``, replacing what is there.

    faces: with the run's own labels. people: see ``write_eigenfaces``. recognition: how the
    device tells people apart. leave_out: see ``without``. key: SSH key to sign with; without one
    the bundle is unsigned, and only a device that allows that takes it. Raises ParityError when a
    file is not what it should be, SigningError, what ``write_eigenfaces`` and ``without`` raise,
    DataError for faces without a test split, and ValueError for a name or version that no manifest
    takes, or an ``output`` that holds something else than a bundle; it is then left as it was.
    """
    check_before(run.folder, faces, name, version, output, people, key)
    emotion = EmotionSpec(
        golden=_GOLDEN,
        labels=faces.labels,
        crop=EMOTION_CROP,
        normalization=ARCHITECTURES[run.config.architecture].normalization,
        models=without(leave_out),
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=output.parent) as scratch:
        folder = Path(scratch) / name
        folder.mkdir()
        write_eigenfaces(run.folder, people, folder / IDENTIFIER.file)
        _write_models(run, folder, emotion, faces, name, version)
        predictors = {model.file: load_predictor(folder / model.file) for model in emotion.models}
        proofs = _prove(run, faces, emotion, predictors)
        inputs = golden_inputs(emotion.crop, emotion.normalization)
        write_golden(folder / emotion.golden, inputs, predictors)
        shutil.copyfile(opencv_cascade(), folder / DETECTOR.file)
        cohort = _OWN_COHORT if people else _USUAL_COHORT
        card = _card(run, folder, faces, cohort, proofs, predictors, inputs, name, version)
        (folder / _CARD).write_text(card, encoding="utf-8")
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            name=name,
            version=version,
            compatible=_compatible(__version__),
            created=run.report["finished"],
            git_commit=run.report["git_commit"],
            emotion=emotion,
            detector=DETECTOR,
            identifier=IDENTIFIERS[recognition],
            metrics=_metrics(proofs),
            files={path.name: _entry(path) for path in sorted(folder.iterdir())},
        )
        text = manifest.model_dump_json(indent=2) + "\n"
        (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")
        if key is not None:
            sign(folder, key)
        verify(folder, None)
        _replace(folder, output)
    return manifest


def _card(
    run: Run,
    folder: Path,
    faces: LabelledFaces,
    cohort: str,
    proofs: Sequence[Proof],
    predictors: Mapping[str, Predict],
    inputs: FloatArray,
    name: str,
    version: str,
) -> str:
    _log.info("measuring the time of each file")
    files = {folder / file: predict for file, predict in predictors.items()}
    return model_card(
        name,
        version,
        run.config,
        run.report,
        _counts(faces),
        cohort,
        proofs,
        latencies_ms(run.folder, files, inputs),
        {path.name: path.stat().st_size for path in files},
    )


def _counts(faces: LabelledFaces) -> dict[str, int]:
    """Faces of Training by label."""
    counts = np.bincount(faces.split("Training").labels, minlength=len(faces.labels))
    return dict(zip(faces.labels, counts.tolist(), strict=True))


def _compatible(runtime: str) -> str:
    """Every later patch of the same minor version of the runtime."""
    major, minor, _ = runtime.split(".")
    return f">={runtime},<{major}.{int(minor) + 1}"


def _write_models(
    run: Run, folder: Path, emotion: EmotionSpec, faces: LabelledFaces, name: str, version: str
) -> None:
    network = convert.load_network(run.network)
    calibration = _calibration(faces, emotion)
    for model in emotion.models:
        path = folder / model.file
        _log.info("converting to %s", model.file)
        if model.runtime == "tflite":
            quantize.to_tflite(network, path, model.precision, calibration)
            metadata.embed_tflite(path, name, version, emotion)
        elif model.precision == "float32":
            convert.to_onnx(network, path)
        else:
            with tempfile.TemporaryDirectory() as scratch:
                source = Path(scratch) / "float32.onnx"
                convert.to_onnx(network, source)
                quantize.to_onnx_int8(source, path, calibration)
        if model.runtime == "onnx":
            metadata.embed_onnx(path, name, version, emotion)


def _calibration(faces: LabelledFaces, emotion: EmotionSpec) -> FloatArray:
    """Inputs that show the quantizer what to expect: faces of Training, never of a test split.

    A quantizer spreads its 256 steps from the smallest to the largest value that it ever saw, so
    one face with a glaring spot costs all others precision. Those with the highest peaks stay out.
    """
    inputs = normalize(faces.split("Training").images, emotion.normalization)
    peaks = np.abs(inputs).max(axis=(1, 2, 3))
    typical = np.flatnonzero(peaks <= np.quantile(peaks, _TYPICAL))
    rng = np.random.default_rng(_CALIBRATION_SEED)
    count = min(_CALIBRATION_FACES, len(typical))
    return inputs[rng.choice(typical, count, replace=False)]


def _prove(
    run: Run, faces: LabelledFaces, emotion: EmotionSpec, predictors: Mapping[str, Predict]
) -> list[Proof]:
    """Every file on both test splits. Raises ParityError once all of them are known."""
    keras_predict = load_predictor(run.network)
    proofs = []
    for split in TEST_SPLITS:
        _log.info("comparing every file with Keras on %s", split)
        subset = faces.split(split)
        inputs = normalize(subset.images, emotion.normalization)
        expected = keras_predict(inputs)
        proofs += [
            prove(
                model.file,
                model.precision,
                predictors[model.file],
                split=split,
                faces=subset,
                inputs=inputs,
                expected=expected,
                labels=emotion.labels,
            )
            for model in emotion.models
        ]
    require(proofs)
    return proofs


def _metrics(proofs: Sequence[Proof]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for proof in proofs:
        where = f"{proof.file}/{proof.split}"
        figures[f"{where}/accuracy"] = round(proof.evaluation.accuracy, 4)
        figures[f"{where}/macro_f1"] = round(proof.evaluation.macro_f1, 4)
    return figures


def _entry(path: Path) -> FileEntry:
    return FileEntry(size=path.stat().st_size, sha256=file_sha256(path))


def _replace(folder: Path, output: Path) -> None:
    """Swap folders by renaming; the old one goes only when the new one is in place."""
    old = folder.with_name(".replaced")
    if output.exists():
        output.rename(old)
    try:
        folder.rename(output)
    except OSError:
        if old.exists():
            old.rename(output)
        raise
