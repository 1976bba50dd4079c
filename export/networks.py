"""The model files of a bundle, written and proven: the emotion network's and the published ones."""

import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from edge_app.bundle.manifest import EmotionSpec, ModelFile, NetworkSpec
from edge_app.core.types import FloatArray
from edge_app.vision.detection.yunet import YunetSpec
from edge_app.vision.inference import NETWORKS
from edge_app.vision.preprocess import normalize
from edge_app.vision.recognition.sface import SfaceSpec
from export import convert, metadata, quantize
from export.golden import golden_inputs, write_golden
from export.portrait import aligned_faces, golden_faces, golden_pictures, proof_pictures
from export.processors import prove_levels, require_no_saturation
from export.rebuild import rebuild_detector, rebuild_embedding
from export.reference import Likeness, network_inputs, prove_detector, prove_embedding
from training.datasets.label_sets import LabelledFaces
from training.network import Predict, load_predictor

_log = logging.getLogger(__name__)

_CALIBRATION_FACES = 300
_CALIBRATION_SEED = 2013
_TYPICAL = 0.9
"""Share of the faces that may calibrate, those without glaring spots: see docs/decisions/0011."""


@dataclass(frozen=True)
class Written:
    """A network's files in a folder. inputs: float32, the golden ones."""

    predictors: dict[str, Predict]
    inputs: FloatArray


def write_emotion(
    run: Path, folder: Path, spec: EmotionSpec, faces: LabelledFaces, name: str, version: str
) -> Written:
    """run: the .keras file.

    Raises ParityError for an ONNX file that processors take differently.
    """
    network = convert.load_network(run)
    calibration = _calibration(faces, spec)
    for model in spec.models:
        _write(network, folder, model, calibration)
        embed = metadata.embed_tflite if model.runtime == "tflite" else metadata.embed_onnx
        embed(folder / model.file, name, version, spec)
    inputs = golden_inputs(spec.crop, spec.normalization)
    predictors = {model.file: load_predictor(folder / model.file) for model in spec.models}
    _prove_onnx(folder, spec, list(inputs))
    write_golden(folder / spec.golden, spec, inputs, predictors)
    return Written(predictors, inputs)


def write_detector(
    published: Path, folder: Path, spec: YunetSpec
) -> tuple[Written, list[Likeness]]:
    """Raises what ``rebuild_detector``, ``prove_detector`` and ``prove_levels`` raise."""
    predictors = _write_published(rebuild_detector, published, folder, spec)
    pictures = proof_pictures()
    likeness = prove_detector(published, spec, predictors, pictures)
    _prove_onnx(folder, spec, [picture.astype(np.float32) for picture in pictures])
    golden = golden_pictures()
    named = {model.file: predict for model, predict in predictors}
    write_golden(folder / spec.golden, spec, golden, named)
    return Written(named, golden.astype(np.float32)), likeness


def write_embedding(
    published: Path, folder: Path, spec: SfaceSpec
) -> tuple[Written, list[Likeness]]:
    """Raises what ``rebuild_embedding``, ``prove_embedding`` and ``prove_levels`` raise."""
    predictors = _write_published(rebuild_embedding, published, folder, spec)
    likeness = prove_embedding(published, predictors, aligned_faces())
    _prove_onnx(folder, spec, list(network_inputs(aligned_faces())))
    inputs = network_inputs(golden_faces())
    named = {model.file: predict for model, predict in predictors}
    write_golden(folder / spec.golden, spec, inputs.astype(np.uint8), named)
    return Written(named, inputs), likeness


def _write_published(
    rebuild: Callable[[Path], keras.Model], published: Path, folder: Path, spec: NetworkSpec
) -> list[tuple[ModelFile, Predict]]:
    keras.utils.clear_session()  # counts the names in the files from zero again
    network = rebuild(published)
    for model in spec.models:
        _write(network, folder, model, None)
    return [(model, NETWORKS[model.runtime](folder / model.file)) for model in spec.models]


def _write(
    network: keras.Model, folder: Path, model: ModelFile, calibration: FloatArray | None
) -> None:
    """calibration: needed for int8 alone."""
    path = folder / model.file
    _log.info("converting to %s", model.file)
    if model.runtime == "tflite":
        quantize.to_tflite(network, path, model.precision, calibration)
    elif calibration is None or model.precision == "float32":
        convert.to_onnx(network, path)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            source = Path(scratch) / "float32.onnx"
            convert.to_onnx(network, source)
            quantize.to_onnx_int8(source, path, calibration)


def _prove_onnx(folder: Path, spec: NetworkSpec, inputs: Sequence[FloatArray]) -> None:
    def difference(one: FloatArray, other: FloatArray) -> float:
        return spec.difference(spec.answers(one), spec.answers(other))

    for model in spec.models:
        if model.runtime == "onnx":
            require_no_saturation(folder / model.file)
            batches = [one[np.newaxis] for one in inputs]
            prove_levels(folder / model.file, batches, difference, model.tolerance)


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
