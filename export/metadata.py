"""Labels and normalisation inside of the model files, where Netron and other tools look for them.

The device itself reads the manifest only.
"""

import io
import json
import zipfile
from pathlib import Path

import flatbuffers
import onnx
from ai_edge_litert import schema_py_generated as schema

from edge_app.bundle.manifest import EmotionSpec

_LABELS_FILE = "labels.txt"
_TFLITE_METADATA = "TFLITE_METADATA"
_METADATA_IDENTIFIER = b"M001"
_AXIS_LABELS = 2
"""AssociatedFileType.TENSOR_AXIS_LABELS of TFLite's metadata schema."""


def describe(spec: EmotionSpec) -> str:
    """What goes into the network, in one sentence."""
    scaling = {
        "standard": "minus its own mean, divided by its own standard deviation (at least 1)",
        "none": "as it is, 0 to 255",
    }[spec.normalization]
    crop = spec.crop
    side = f"{crop.span:g} times as wide as eyes and mouth are apart"
    return f"Upright grey face, {crop.size}x{crop.size}, {side}, {scaling}"


def embed_onnx(path: Path, name: str, version: str, spec: EmotionSpec) -> None:
    """Add ``metadata_props`` to an ONNX file."""
    model = onnx.load(path)
    properties = {
        "name": name,
        "version": version,
        "labels": json.dumps(spec.labels),
        "input": describe(spec),
        "normalization": spec.normalization,
    }
    onnx.helper.set_model_props(model, properties)
    path.write_bytes(model.SerializeToString(deterministic=True))


def embed_tflite(path: Path, name: str, version: str, spec: EmotionSpec) -> None:
    """Add TFLite Model Metadata, and the labels as the associated file that it names."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(path.read_bytes(), 0))
    buffer = schema.BufferT()
    buffer.data = list(_model_metadata(name, version, spec))
    entry = schema.MetadataT()
    entry.name = _TFLITE_METADATA
    entry.buffer = len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    builder = _AlignedBuilder(path.stat().st_size + 4096)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    path.write_bytes(bytes(builder.Output()) + _labels_archive(spec))


class _AlignedBuilder(flatbuffers.Builder):  # type: ignore[misc]  # has no type hints
    """Keeps weights where vector instructions want them.

    The schema asks for it (``data:[ubyte] (force_align: 16)``), and Python's builder forgets.
    """

    def StartVector(self, elemSize: int, numElems: int, alignment: int) -> int:  # noqa: N802, N803
        return int(super().StartVector(elemSize, numElems, 16 if elemSize == 1 else alignment))


def _labels_archive(spec: EmotionSpec) -> bytes:
    """A zip of the labels, one a line: zips are read from their end, flatbuffers from the start."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo(_LABELS_FILE), "\n".join(spec.labels) + "\n")
    return archive.getvalue()


def _model_metadata(name: str, version: str, spec: EmotionSpec) -> bytes:
    """ModelMetadata of tflite-support's metadata_schema.fbs; the numbers are its field numbers."""
    builder = flatbuffers.Builder(1024)

    labels = _table(builder, 5, {0: builder.CreateString(_LABELS_FILE)}, {2: _AXIS_LABELS})
    face = _table(
        builder,
        8,
        {0: builder.CreateString("face"), 1: builder.CreateString(describe(spec))},
    )
    scores = _table(
        builder,
        8,
        {
            0: builder.CreateString("emotion"),
            1: builder.CreateString("Probability of each label"),
            6: _vector(builder, labels),
        },
    )
    graph = _table(builder, 5, {2: _vector(builder, face), 3: _vector(builder, scores)})
    model = _table(
        builder,
        8,
        {
            0: builder.CreateString(name),
            1: builder.CreateString("Emotion of a face. " + describe(spec)),
            2: builder.CreateString(version),
            3: _vector(builder, graph),
        },
    )
    builder.Finish(model, file_identifier=_METADATA_IDENTIFIER)
    return bytes(builder.Output())


def _table(
    builder: flatbuffers.Builder,
    fields: int,
    offsets: dict[int, int],
    bytes_: dict[int, int] | None = None,
) -> int:
    builder.StartObject(fields)
    for field, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(field, offset, 0)
    for field, value in (bytes_ or {}).items():
        builder.PrependInt8Slot(field, value, 0)
    return int(builder.EndObject())


def _vector(builder: flatbuffers.Builder, item: int) -> int:
    builder.StartVector(4, 1, 4)
    builder.PrependUOffsetTRelative(item)
    return int(builder.EndVector())
