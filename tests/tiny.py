"""A whole bundle of networks with next to no weights, made in a moment."""

import shutil
import tempfile
from pathlib import Path

import keras
import numpy as np
from keras import layers

from edge_app import __version__
from edge_app.bundle.loader import MANIFEST_FILE
from edge_app.bundle.manifest import SCHEMA_VERSION, EmotionSpec, Manifest, ModelFile
from edge_app.vision.recognition.eigenfaces import (
    EigenfaceSpec,
    TrainedBasis,
    face_features,
    write_basis,
)
from export import convert
from export.golden import golden_inputs, write_golden
from export.networks import write_detector, write_embedding
from tests.bundles import file_entry
from tests.published import write_tiny_sface, write_tiny_yunet
from training.datasets.fer2013 import LABELS
from training.network import load_predictor
from training.recipe import EIGENFACES, EMOTION_CROP, HAAR, SFACE, YUNET, opencv_cascade


def tiny_network() -> keras.Model:
    """Every kind of layer that the compact network has, and next to no weights."""
    keras.utils.set_random_seed(1)
    face = keras.Input((EMOTION_CROP.size, EMOTION_CROP.size, 1), name="face")
    x = layers.Conv2D(4, 3, 4, padding="same", use_bias=False)(face)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(4, 1, activation="sigmoid")(gate)
    x = layers.Add()([layers.Multiply()([x, gate]), x])
    x = layers.Dropout(0.3)(layers.Flatten()(layers.MaxPooling2D()(x)))
    decided = keras.initializers.RandomNormal(stddev=0.5)
    scores = layers.Dense(len(LABELS), activation="softmax", kernel_initializer=decided)(x)
    return keras.Model(face, scores)


def write_eigenfaces(path: Path, spec: EigenfaceSpec = EIGENFACES) -> None:
    """A basis of noise that fits the recipe, of 20 strangers in two pictures each."""
    crop = np.zeros((1, spec.crop.size, spec.crop.size), np.uint8)
    features, count = face_features(crop, spec).shape[1], spec.components
    rng = np.random.default_rng(0)
    write_basis(
        TrainedBasis(
            mean=rng.normal(size=(features,)).astype(np.float32),
            values=np.linspace(2.0, 1.0, count, dtype=np.float32),
            vectors=rng.normal(size=(features, count)).astype(np.float32) / features**0.5,
            projections=rng.normal(size=(40, count)).astype(np.float32),
            owner_ids=np.repeat(np.arange(20, dtype=np.int32), 2),
        ),
        path,
    )


def write_published(folder: Path) -> tuple[Path, Path]:
    """The published networks, tiny: YuNet and SFace."""
    return write_tiny_yunet(folder / "yunet.onnx"), write_tiny_sface(folder / "sface.onnx")


def write_bundle(folder: Path, *, version: str = "1.0.0") -> None:
    """An unsigned bundle of tiny networks, the emotion network in float32 for both runtimes."""
    folder.mkdir(parents=True)
    network = tiny_network()
    models = (
        ModelFile(file="emotion.tflite", runtime="tflite", precision="float32", tolerance=1e-3),
        ModelFile(file="emotion.onnx", runtime="onnx", precision="float32", tolerance=1e-3),
    )
    (folder / "emotion.tflite").write_bytes(convert.tflite_bytes(network, lambda converter: None))
    convert.to_onnx(network, folder / "emotion.onnx")
    emotion = EmotionSpec(
        golden="golden-emotion.npz",
        models=models,
        labels=LABELS,
        crop=EMOTION_CROP,
        normalization="standard",
    )
    inputs = golden_inputs(EMOTION_CROP, "standard")
    predictors = {model.file: load_predictor(folder / model.file) for model in models}
    write_golden(folder / emotion.golden, emotion, inputs, predictors)
    with tempfile.TemporaryDirectory() as scratch:
        detector, embedding = write_published(Path(scratch))
        write_detector(detector, folder, YUNET)
        write_embedding(embedding, folder, SFACE)
    shutil.copyfile(opencv_cascade(), folder / HAAR.file)
    eigenfaces = EIGENFACES.model_copy(update={"components": 20})
    write_eigenfaces(folder / eigenfaces.file, eigenfaces)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        name="tiny",
        version=version,
        compatible=f"=={__version__}",
        created="2026-01-02",
        git_commit="unknown",
        emotion=emotion,
        detectors=(YUNET, HAAR),
        identifiers=(SFACE, eigenfaces),
        metrics={},
        files={path.name: file_entry(path) for path in folder.iterdir()},
    )
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2) + "\n")
