from pathlib import Path

import numpy as np
import pytest

from edge_app.bundle.manifest import ModelFile
from edge_app.core.errors import InputError
from edge_app.vision.inference import NETWORKS
from export import convert, quantize, reference
from export.parity import ParityError
from export.portrait import aligned_faces, golden_faces, golden_pictures, proof_pictures
from export.rebuild import rebuild_detector, rebuild_embedding
from export.reference import prove_detector, prove_embedding
from tests.published import write_tiny_sface, write_tiny_yunet
from training.network import Predict
from training.recipe import DETECTOR_MODELS, EMBEDDING_MODELS, YUNET


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    detector = rebuild_detector(write_tiny_yunet(folder / "published-yunet.onnx"))
    convert.to_onnx(detector, folder / "yunet.onnx")
    quantize.to_tflite(detector, folder / "yunet.tflite", "float32", None)
    embedding = rebuild_embedding(write_tiny_sface(folder / "published-sface.onnx"))
    quantize.to_tflite(embedding, folder / "sface-dynamic.tflite", "dynamic", None)
    return folder


def opened(folder: Path, models: tuple[ModelFile, ...]) -> list[tuple[ModelFile, Predict]]:
    return [(model, NETWORKS[model.runtime](folder / model.file)) for model in models]


def test_the_detectors_files_find_what_opencv_finds(folder: Path) -> None:
    found = prove_detector(
        folder / "published-yunet.onnx", YUNET, opened(folder, DETECTOR_MODELS), proof_pictures()
    )

    assert [one.file for one in found] == ["yunet.tflite", "yunet.onnx"]
    assert all(one.worst < 0.01 for one in found)


def test_the_embeddings_are_opencvs(folder: Path) -> None:
    (found,) = prove_embedding(
        folder / "published-sface.onnx", opened(folder, EMBEDDING_MODELS), aligned_faces()
    )

    assert found.worst > 0.99


def test_files_that_are_further_off_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (yunet, *_), (sface,) = opened(folder, DETECTOR_MODELS), opened(folder, EMBEDDING_MODELS)
    detector, embedding = folder / "published-yunet.onnx", folder / "published-sface.onnx"
    shifted = (yunet[0], lambda inputs: yunet[1](inputs) + np.array([0] + [0.2] * 14, np.float32))
    with pytest.raises(ParityError, match=r"yunet\.tflite: expected boxes and landmarks within 1"):
        prove_detector(detector, YUNET, [shifted], proof_pictures()[:2])

    nothing = (yunet[0], lambda inputs: yunet[1](inputs) * np.float32(0))
    with pytest.raises(ParityError, match="found nan"):
        prove_detector(detector, YUNET, [nothing], proof_pictures()[:2])

    monkeypatch.setitem(reference.MIN_COSINE, "dynamic", 1.1)
    with pytest.raises(ParityError, match=r"expected embeddings of a cosine of at least 1\.1"):
        prove_embedding(embedding, [sface], aligned_faces())


def test_another_network_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a network of"):
        rebuild_detector(folder / "published-sface.onnx")
    with pytest.raises(InputError):
        rebuild_embedding(folder / "published-yunet.onnx")
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes((folder / "published-sface.onnx").read_bytes()[:1000])
    with pytest.raises(InputError, match="expected an ONNX network, found none"):
        rebuild_embedding(damaged)


def test_golden_pictures_are_as_small_as_the_networks_allow() -> None:
    assert golden_pictures().shape == (4, 128, 128, 3)
    assert golden_faces().shape == (6, 112, 112, 3)
    assert golden_pictures().dtype == golden_faces().dtype == np.uint8
