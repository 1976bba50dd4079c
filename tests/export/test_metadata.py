import io
import json
import zipfile
from pathlib import Path

import onnx
import pytest
from ai_edge_litert import schema_py_generated as schema

from edge_app.bundle import loader
from export.formats import EMOTION_MODELS
from training.datasets.fer2013 import LABELS

TFLITE = [model.file for model in EMOTION_MODELS if model.runtime == "tflite"]
ONNX = [model.file for model in EMOTION_MODELS if model.runtime == "onnx"]


@pytest.mark.parametrize("file", TFLITE)
def test_tflite_carries_labels_and_normalisation(bundle: Path, file: str) -> None:
    content = (bundle / file).read_bytes()
    model = schema.Model.GetRootAsModel(content, 0)
    metadata = next(
        model.Metadata(index)
        for index in range(model.MetadataLength())
        if model.Metadata(index).Name() == b"TFLITE_METADATA"
    )
    described = model.Buffers(metadata.Buffer()).DataAsNumpy().tobytes()

    with zipfile.ZipFile(io.BytesIO(content)) as attached:
        assert attached.read("labels.txt").decode().split() == list(LABELS)
    assert described[4:8] == b"M001"
    assert b"labels.txt" in described
    assert b"divided by its own standard deviation" in described


@pytest.mark.parametrize("file", TFLITE)
def test_weights_lie_where_vector_instructions_want_them(bundle: Path, file: str) -> None:
    content = (bundle / file).read_bytes()
    model = schema.Model.GetRootAsModel(content, 0)

    weights = 0
    for index in range(model.BuffersLength()):
        data = model.Buffers(index).DataAsNumpy()
        if not isinstance(data, int):
            weights += 1
            start = model.Buffers(index)._tab.Vector(model.Buffers(index)._tab.Offset(4))
            assert start % 16 == 0
    assert weights > 5


@pytest.mark.parametrize("file", ONNX)
def test_onnx_carries_labels_and_normalisation(bundle: Path, file: str) -> None:
    properties = {entry.key: entry.value for entry in onnx.load(bundle / file).metadata_props}

    assert json.loads(properties["labels"]) == list(LABELS)
    assert properties["normalization"] == loader.load(bundle).manifest.emotion.normalization
    assert properties["version"] == "1.2.3"
