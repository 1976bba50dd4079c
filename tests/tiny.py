"""A whole bundle of networks with next to no weights, made in a moment."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from edge_app import __version__
from edge_app.bundle.loader import MANIFEST_FILE
from edge_app.bundle.manifest import (
    SCHEMA_VERSION,
    CropSpec,
    EmotionSpec,
    Manifest,
    ModelFile,
    NetworkSpec,
)
from edge_app.core.types import FloatArray
from edge_app.vision.align import TEMPLATE_SIZE
from edge_app.vision.inference import NETWORKS
from edge_app.vision.recognition.eigenfaces import (
    EigenfaceSpec,
    TrainedBasis,
    face_features,
    write_basis,
)
from export import convert
from tests.bundles import file_entry
from tests.published import write_tiny_sface, write_tiny_yunet
from training import recipe
from training.datasets.fer2013 import LABELS
from training.recipe import EIGENFACES, HAAR, opencv_cascade

DETECTOR_VALUES = 15
EMBEDDING = 16
"""Numbers of a tiny embedding."""


def _both(name: str) -> tuple[ModelFile, ...]:
    """Of a network in float32, for both runtimes."""
    return (
        ModelFile(file=f"{name}.tflite", runtime="tflite", precision="float32", tolerance=1e-3),
        ModelFile(file=f"{name}.onnx", runtime="onnx", precision="float32", tolerance=1e-3),
    )


EMOTION = EmotionSpec(
    golden="golden.npz",
    models=_both("emotion"),
    labels=LABELS,
    crop=CropSpec(size=48, span=2.5, interpolation="area"),
    normalization="standard",
)
YUNET = recipe.YUNET.model_copy(update={"models": _both("yunet")})
SFACE = recipe.SFACE.model_copy(update={"models": _both("sface"), "dimensions": EMBEDDING})


def tiny_network() -> keras.Model:
    """Every kind of layer that the compact network has, and next to no weights."""
    keras.utils.set_random_seed(1)
    face = keras.Input((EMOTION.crop.size, EMOTION.crop.size, 1), name="face")
    x = layers.Conv2D(4, 3, 4, padding="same", use_bias=False)(face)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(4, 1, activation="sigmoid")(gate)
    x = layers.Add()([layers.Multiply()([x, gate]), x])
    x = layers.Dropout(0.3)(layers.Flatten()(layers.MaxPooling2D()(x)))
    decided = keras.initializers.RandomNormal(stddev=0.5)
    scores = layers.Dense(len(LABELS), activation="softmax", kernel_initializer=decided)(x)
    return keras.Model(face, scores)


def tiny_detector() -> keras.Model:
    """Of YuNet's input and output: takes every block of pure white for a face."""
    picture = keras.Input((None, None, 3), name="picture")
    levels = []
    for stride in (8, 16, 32):
        mean = layers.AveragePooling2D(stride)(picture)
        score = layers.Conv2D(
            1,
            1,
            activation="sigmoid",
            kernel_initializer=keras.initializers.Constant(1 / 3),
            bias_initializer=keras.initializers.Constant(-250.0),
        )(mean)
        rest = layers.Conv2D(
            DETECTOR_VALUES - 1,
            1,
            kernel_initializer="zeros",
            bias_initializer=keras.initializers.Constant(0.5),
        )(mean)
        levels.append(layers.Reshape((-1, DETECTOR_VALUES))(layers.Concatenate()([score, rest])))
    return keras.Model(picture, layers.Concatenate(axis=1)(levels))


def tiny_embedding() -> keras.Model:
    """Of SFace's input, and fewer numbers: where a face is bright, in another order."""
    keras.utils.set_random_seed(2)
    face = keras.Input((TEMPLATE_SIZE, TEMPLATE_SIZE, 3), name="face")
    x = layers.Flatten()(layers.AveragePooling2D(TEMPLATE_SIZE // 4)(face))
    return keras.Model(face, layers.Dense(EMBEDDING, use_bias=False)(x))


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
    """An unsigned bundle of tiny networks in float32, for both runtimes and every role."""
    folder.mkdir(parents=True)
    _write_network(folder, tiny_network(), EMOTION, _noise(20, EMOTION.input_shape))
    _write_network(folder, tiny_detector(), YUNET, _white_blocks(4))
    _write_network(folder, tiny_embedding(), SFACE, _noise(4, SFACE.input_shape) + 128)
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
        emotion=EMOTION,
        detectors=(YUNET, HAAR),
        identifiers=(SFACE, eigenfaces),
        metrics={},
        files={path.name: file_entry(path) for path in folder.iterdir()},
    )
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2) + "\n")


def _write_network(folder: Path, model: keras.Model, spec: NetworkSpec, inputs: FloatArray) -> None:
    """A network's two files, and its golden samples."""
    golden: dict[str, Any] = {"inputs": inputs}
    for file in spec.models:
        path = folder / file.file
        if file.runtime == "tflite":
            path.write_bytes(convert.tflite_bytes(model, lambda converter: None))
        else:
            convert.to_onnx(model, path)
        golden[file.file] = spec.answers(NETWORKS[file.runtime](path)(inputs))
    np.savez(folder / spec.golden, **golden)


def _noise(count: int, shape: Sequence[int]) -> FloatArray:
    return np.random.default_rng(0).normal(size=(count, *shape)).astype(np.float32)


def _white_blocks(count: int) -> FloatArray:
    """Black squares with a white block each, elsewhere in each."""
    pictures = np.zeros((count, 64, 64, 3), np.float32)
    for place, picture in enumerate(pictures):
        picture[8 * place : 8 * place + 8, 16:24] = 255.0
    return pictures
