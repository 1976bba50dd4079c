import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from edge_app.vision.recognition.lbph import LbphSpace, LbphSpec

from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import ModelFile, NetworkSpec
from edge_app.core.errors import BundleError, InputMissingError, RuntimeMissingError
from edge_app.updates import verify
from edge_app.updates.verify import Replay
from edge_app.vision import inference
from edge_app.vision.recognition.identifier import FaceSpace, IdentifierSpec
from edge_app.vision.recognition.methods import METHODS
from tests.bundles import SIGNER, Signer, edit_manifest, file_entry
from training.datasets.fer2013 import LABELS
from training.recipe import DETECTOR, EMOTION_CROP, IDENTIFIER


@pytest.fixture
def folder(tiny_bundle: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, copy)
    return copy


def test_a_whole_bundle_passes(tiny_bundle: Path, signer: Signer) -> None:
    verified = verify.verify(tiny_bundle, signer.allowed)

    assert verified.signer == SIGNER
    assert {replay.model.file for replay in verified.replays} == {"emotion.tflite", "emotion.onnx"}
    assert all(replay.passes for replay in verified.replays)
    times = [replay.milliseconds for replay in verified.replays]
    assert times == sorted(times)
    assert verified.bundle.measured == tuple(replay.model.file for replay in verified.replays)


def test_an_unsigned_bundle_passes_only_where_that_is_allowed(folder: Path, signer: Signer) -> None:
    (folder / "manifest.json.sig").unlink()

    assert verify.verify(folder, None).signer is None
    with pytest.raises(BundleError, match=r"expected manifest\.json\.sig"):
        verify.verify(folder, signer.allowed)


def test_no_bundle_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="expected a bundle"):
        verify.verify(tmp_path, None)


def _emotion(change: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest["emotion"].update(change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda manifest: manifest.update(compatible=">=99"), "expected reconocias >=99, found"),
        (_emotion({"labels": ["Happy", "Sad"]}), r"golden\.npz: expected float32 \(20, 2\)"),
        (
            lambda manifest: manifest["emotion"]["crop"].update(size=64),
            r"golden\.npz: expected float32 inputs \(N, 64, 64, 1\)",
        ),
        (
            lambda manifest: manifest["detector"].update(file="golden.npz"),
            "expected a Haar cascade in XML",
        ),
        (
            lambda manifest: manifest["identifier"].update(file="golden.npz"),
            "expected an Eigenfaces XML",
        ),
        (lambda manifest: manifest["identifier"].update(features=None), r"eigenfaces of 84 pixels"),
        (
            lambda manifest: manifest["detector"].update(kind="eyes"),
            r"detector\.kind, found 'eyes'",
        ),
        (_emotion({"golden": "MISSING"}), "does not list its hash"),
        (_emotion({"golden": "emotion.onnx"}), "expected golden samples"),
    ],
    ids=["runtime", "labels", "crop", "cascade", "basis", "face", "kind", "unlisted", "golden"],
)
def test_parts_that_do_not_fit_the_manifest_are_refused(
    folder: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    edit_manifest(folder, change)

    with pytest.raises(BundleError, match=message):
        verify.verify(folder, None)


def rewrite_golden(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    with np.load(folder / "golden.npz") as golden:
        arrays = dict(golden)
    change(arrays)
    np.savez(folder / "golden.npz", **arrays)
    edit_manifest(folder, lambda manifest: None)


def _every_output(value: float) -> Callable[[dict[str, Any]], None]:
    def change(arrays: dict[str, Any]) -> None:
        arrays["emotion.onnx"] = arrays["emotion.onnx"] + np.float32(value)

    return change


@pytest.mark.parametrize("value", [0.002, -0.002, float("nan"), float("inf")])
def test_golden_outputs_that_differ_are_refused(folder: Path, value: float) -> None:
    rewrite_golden(folder, _every_output(value))

    with pytest.raises(BundleError, match=r"golden samples differ.*emotion\.onnx by"):
        verify.verify(folder, None)


def test_golden_inputs_that_are_no_numbers_are_refused(folder: Path) -> None:
    rewrite_golden(folder, lambda arrays: arrays["inputs"].fill(np.nan))

    with pytest.raises(BundleError, match="golden samples differ"):
        verify.verify(folder, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays.pop("emotion.tflite"), "expected golden samples of every model"),
        (lambda arrays: arrays.update(inputs=arrays["inputs"][:0]), "expected float32 inputs"),
        (lambda arrays: arrays.update(inputs=arrays["inputs"].astype(str)), "float32 inputs"),
        (lambda arrays: arrays.update(inputs=np.array([{}])), "expected golden samples of every"),
        (
            lambda arrays: arrays.update({"emotion.onnx": arrays["emotion.onnx"][:3]}),
            r"expected float32 \(20, 7\) for emotion\.onnx",
        ),
    ],
    ids=["missing", "none", "text", "pickle", "few"],
)
def test_golden_samples_of_another_form_are_refused(
    folder: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    rewrite_golden(folder, change)

    with pytest.raises(BundleError, match=message):
        verify.verify(folder, None)


@pytest.mark.parametrize("name", ["emotion.tflite", "emotion.onnx"])
def test_a_model_that_is_none_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"no model" * 100)
    edit_manifest(folder, lambda manifest: None)

    with pytest.raises(BundleError, match=f"{name}: expected an? .* model"):
        verify.verify(folder, None)


def test_a_model_that_cannot_be_run_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(network: object, inputs: object) -> None:
        raise MemoryError

    monkeypatch.setattr(inference.OnnxNetwork, "__call__", fail)

    with pytest.raises(BundleError, match=r"emotion\.onnx: loads but cannot be run"):
        verify.verify(folder, None)


def test_a_file_without_its_runtime_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        verify, "available", lambda runtime: "litert" if runtime == "tflite" else None
    )

    replays = verify.verify(folder, None).replays

    assert [replay.model.file for replay in replays] == ["emotion.tflite"]


def test_no_runtime_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "available", lambda runtime: None)

    with pytest.raises(RuntimeMissingError, match="pip install ai-edge-litert"):
        verify.verify(folder, None)


@pytest.mark.parametrize("difference", [0.11, float("nan"), float("inf")])
def test_a_replay_passes_within_the_tolerance_only(difference: float) -> None:
    model = ModelFile(file="a.onnx", runtime="onnx", precision="int8", tolerance=0.1)

    assert Replay(model, 0.09, 1.0).passes
    assert not Replay(model, difference, 1.0).passes


class _Embedding(IdentifierSpec, NetworkSpec):
    """An identifier with a network of its own, as a new kind would be written."""

    title: ClassVar[str] = "Embeddings"

    kind: Literal["embedding"] = "embedding"

    @property
    def input_shape(self) -> tuple[int, ...]:
        return (EMOTION_CROP.size, EMOTION_CROP.size, 1)

    @property
    def outputs(self) -> int:
        return len(LABELS)

    def load(self, bundle: Bundle) -> FaceSpace:
        return LbphSpace(
            LbphSpec(
                crop=self.crop,
                false_accept_rate=self.false_accept_rate,
                max_threshold=self.max_threshold,
            )
        )


@pytest.fixture
def embedding(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle whose identifier is of that kind, with a network and golden samples of its own."""
    monkeypatch.setitem(METHODS, "embedding", _Embedding)
    shutil.copyfile(folder / "emotion.onnx", folder / "embedding.onnx")
    with np.load(folder / "golden.npz") as golden:
        arrays = {"inputs": golden["inputs"], "embedding.onnx": golden["emotion.onnx"]}
    np.savez(folder / "embedding.npz", allow_pickle=False, **arrays)
    model = ModelFile(file="embedding.onnx", runtime="onnx", precision="float32", tolerance=1e-3)
    spec = _Embedding(
        crop=IDENTIFIER.crop,
        false_accept_rate=0.01,
        max_threshold=1.0,
        golden="embedding.npz",
        models=(model,),
    )

    def change(manifest: dict[str, Any]) -> None:
        manifest["identifier"] = spec.model_dump(mode="json")
        for name in ("embedding.onnx", "embedding.npz"):
            manifest["files"][name] = file_entry(folder / name).model_dump()

    edit_manifest(folder, change)
    return folder


def test_every_network_of_a_bundle_is_replayed(embedding: Path) -> None:
    replays = verify.verify(embedding, None).replays

    files = {replay.model.file for replay in replays}
    assert files == {"emotion.tflite", "emotion.onnx", "embedding.onnx"}


def test_every_network_is_held_to_its_own_golden_samples(embedding: Path) -> None:
    with np.load(embedding / "embedding.npz") as golden:
        arrays = {name: golden[name] for name in golden.files}
    arrays["embedding.onnx"] += np.float32(0.01)
    np.savez(embedding / "embedding.npz", allow_pickle=False, **arrays)
    edit_manifest(embedding, lambda manifest: None)

    with pytest.raises(BundleError, match=r"golden samples differ.*: embedding\.onnx by"):
        verify.verify(embedding, None)


def test_a_missing_cascade_or_basis_is_named(folder: Path) -> None:
    for name in (DETECTOR.file, IDENTIFIER.file):
        (folder / name).unlink()

        with pytest.raises(BundleError, match="is missing"):
            verify.verify(folder, None)
