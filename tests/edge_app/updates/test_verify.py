import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_app.bundle.manifest import ModelFile
from edge_app.core.errors import BundleError, InputMissingError, RuntimeMissingError
from edge_app.updates import verify
from edge_app.updates.verify import Replay
from edge_app.vision import inference
from edge_app.vision.parts import parts_in_use
from tests.bundles import SIGNER, Signer, edit_manifest, with_wrong_answers

ROLES = ("emotion", "yunet", "sface")
FILES = {f"{role}.{suffix}" for role in ROLES for suffix in ("tflite", "onnx")}
GOLDEN = {
    "emotion": "golden.npz",
    "yunet": "golden-detector.npz",
    "sface": "golden-embedding.npz",
}
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tiny_bundle: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, copy)
    return copy


def test_a_whole_bundle_passes(tiny_bundle: Path, signer: Signer) -> None:
    verified = verify.verify(tiny_bundle, signer.allowed)

    assert verified.signer == SIGNER
    assert {replay.model.file for replay in verified.replays} == FILES
    assert (verified.failed, verified.bundle.failed) == ((), ())
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


def _emotion(**change: Any) -> Change:
    return lambda manifest: manifest["emotion"].update(change)


def _part(role: str, place: int, **change: Any) -> Change:
    return lambda manifest: manifest[role][place].update(change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda manifest: manifest.update(compatible=">=99"), "expected reconocias >=99, found"),
        (_emotion(labels=["Happy", "Sad"]), r"golden\.npz: expected float32 \(20, 2\)"),
        (
            lambda manifest: manifest["emotion"]["crop"].update(size=64),
            r"golden\.npz: expected float32 or uint8 inputs \(N, 64, 64, 1\)",
        ),
        (_part("identifiers", 0, dimensions=9), r"embedding\.npz: expected float32 \(4, 9\)"),
        (_part("detectors", 1, file="golden.npz"), "expected a Haar cascade in XML"),
        (_part("identifiers", 1, file="golden.npz"), "expected an Eigenfaces XML"),
        (_part("identifiers", 1, features=None), r"eigenfaces of 84 pixels"),
        (_part("detectors", 0, kind="eyes"), r"detectors\.0\.kind, found 'eyes'"),
        (_part("identifiers", 0, kind="gait"), r"identifiers\.0\.kind, found 'gait'"),
        (_emotion(golden="MISSING"), "does not list its hash"),
        (_emotion(golden="emotion.onnx"), "expected golden samples"),
        (_part("detectors", 0, golden="golden.npz"), "expected golden samples of every model"),
        (
            lambda manifest: manifest["identifiers"][1]["crop"].pop("span"),
            r"identifiers\.1\.crop\.span: Field required",
        ),
    ],
    ids=[
        "version", "labels", "crop", "length", "cascade", "basis", "face", "detector",
        "identifier", "unlisted", "golden", "another's", "span",
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_the_manifest_are_refused(
    folder: Path, change: Change, message: str
) -> None:
    edit_manifest(folder, change)

    with pytest.raises(BundleError, match=message) as raised:
        verify.verify(folder, None)
    assert "\n" not in str(raised.value)


def rewrite_golden(folder: Path, change: Change, role: str = "emotion") -> None:
    path = folder / GOLDEN[role]
    with np.load(path) as golden:
        arrays = dict(golden)
    change(arrays)
    np.savez(path, **arrays)
    edit_manifest(folder, lambda manifest: None)


def left_out(folder: Path) -> dict[str, str]:
    """Names of files that fail, and what is said of each."""
    failed = verify.verify(folder, None).failed
    said = {replay.model.file: str(replay) for replay in failed}
    assert all(text.startswith(name) and "\n" not in text for name, text in said.items())
    return said


@pytest.mark.parametrize("value", [0.002, -0.002, float("nan"), float("inf")])
def test_a_file_whose_answers_differ_is_left_out_and_named(folder: Path, value: float) -> None:
    rewrite_golden(
        folder,
        lambda arrays: arrays.update({"emotion.onnx": arrays["emotion.onnx"] + np.float32(value)}),
    )

    verified = verify.verify(folder, None)

    (failed,) = verified.failed
    assert str(failed).startswith("emotion.onnx by ")
    assert str(failed).endswith("(at most 0.001)")
    assert verified.bundle.failed == ("emotion.onnx",)
    assert "emotion.onnx" not in verified.bundle.measured
    assert verified.bundle.models(verified.bundle.manifest.emotion)[0].file == "emotion.tflite"


@pytest.mark.parametrize("role", ROLES)
def test_the_fastest_file_of_each_role_that_passes_is_used(
    tiny_bundle: Path, tmp_path: Path, role: str
) -> None:
    bad = with_wrong_answers(tiny_bundle, tmp_path / "bad", f"{role}.tflite")

    verified = verify.verify(bad, None)

    assert verified.bundle.failed == (f"{role}.tflite",)
    assert f"{role}.onnx" in {part.file for part in parts_in_use(verified.bundle)}


def test_a_bundle_without_a_file_for_emotions_is_refused(tiny_bundle: Path, tmp_path: Path) -> None:
    bad = with_wrong_answers(tiny_bundle, tmp_path / "bad", "emotion.tflite", "emotion.onnx")

    with pytest.raises(
        BundleError, match=r"samples differ .*emotion.* by .*emotion.* by .*; refuse"
    ):
        verify.verify(bad, None)


@pytest.mark.parametrize(
    ("role", "kind", "file"),
    [
        ("yunet", "Haar cascade", "haarcascade_frontalface_default.xml"),
        ("sface", "Eigenfaces", "eigenfaces.xml"),
    ],
)
def test_where_all_files_of_a_kind_fail_the_next_kind_is_used(
    tiny_bundle: Path, tmp_path: Path, role: str, kind: str, file: str
) -> None:
    bad = with_wrong_answers(tiny_bundle, tmp_path / "bad", f"{role}.tflite", f"{role}.onnx")

    verified = verify.verify(bad, None)

    assert set(verified.bundle.failed) == {f"{role}.tflite", f"{role}.onnx"}
    assert (kind, file) in {(part.title, part.file) for part in parts_in_use(verified.bundle)}


@pytest.mark.parametrize(("role", "kinds"), [("detectors", "yunet"), ("identifiers", "sface")])
def test_without_another_kind_the_bundle_is_refused(
    tiny_bundle: Path, tmp_path: Path, role: str, kinds: str
) -> None:
    bad = with_wrong_answers(tiny_bundle, tmp_path / "bad", f"{kinds}.tflite", f"{kinds}.onnx")
    edit_manifest(bad, lambda manifest: manifest[role].pop())

    with pytest.raises(BundleError, match=rf"differ on this device: {kinds}\.\w+ by .*; refuse it"):
        verify.verify(bad, None)


@pytest.mark.parametrize("role", ROLES)
def test_golden_inputs_that_are_no_numbers_let_nothing_pass(folder: Path, role: str) -> None:
    rewrite_golden(folder, lambda arrays: arrays["inputs"].fill(np.nan), role)

    if role == "emotion":
        with pytest.raises(BundleError, match="golden samples differ"):
            verify.verify(folder, None)
    else:
        assert set(left_out(folder)) == {f"{role}.tflite", f"{role}.onnx"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays.pop("emotion.tflite"), "expected golden samples of every model"),
        (lambda arrays: arrays.update(inputs=arrays["inputs"][:0]), "uint8 inputs"),
        (lambda arrays: arrays.update(inputs=arrays["inputs"].astype(str)), "uint8 inputs"),
        (lambda arrays: arrays.update(inputs=np.array([{}])), "expected golden samples of every"),
        (
            lambda arrays: arrays.update({"emotion.onnx": arrays["emotion.onnx"][:3]}),
            r"expected float32 \(20, 7\) for emotion\.onnx",
        ),
    ],
    ids=["missing", "none", "text", "pickle", "few"],
)
def test_golden_samples_of_another_form_are_refused(
    folder: Path, change: Change, message: str
) -> None:
    rewrite_golden(folder, change)

    with pytest.raises(BundleError, match=message):
        verify.verify(folder, None)


def test_golden_samples_of_a_detector_without_landmarks_are_refused(folder: Path) -> None:
    rewrite_golden(
        folder,
        lambda arrays: arrays.update({"yunet.onnx": arrays["yunet.onnx"][:, :5]}),
        "yunet",
    )

    with pytest.raises(BundleError, match=r"golden-detector\.npz: expected float32 \(4, 15\) for"):
        verify.verify(folder, None)


def put_in_place(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    edit_manifest(folder, lambda manifest: None)


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("damage", ["letters", "truncated", "empty"])
def test_a_model_that_is_none_is_left_out(folder: Path, name: str, damage: str) -> None:
    content = (folder / name).read_bytes()
    put_in_place(
        folder,
        name,
        {"letters": b"no model" * 100, "truncated": content[: len(content) // 2], "empty": b"x"}[
            damage
        ],
    )

    said = left_out(folder)

    assert set(said) == {name}
    assert "model" in said[name]


@pytest.mark.parametrize("suffix", ["onnx", "tflite"])
@pytest.mark.parametrize(("role", "other"), [("yunet", "emotion"), ("sface", "yunet")])
def test_a_network_of_another_role_is_left_out(
    folder: Path, role: str, other: str, suffix: str
) -> None:
    put_in_place(folder, f"{role}.{suffix}", (folder / f"{other}.{suffix}").read_bytes())

    said = left_out(folder)

    assert set(said) == {f"{role}.{suffix}"}
    assert "expected a network of input" in said[f"{role}.{suffix}"]


def test_an_embedding_of_another_length_is_left_out(folder: Path) -> None:
    """The golden samples are as the manifest says, and the network is not."""
    edit_manifest(folder, lambda manifest: manifest["identifiers"][0].update(dimensions=8))

    def shorten(arrays: dict[str, Any]) -> None:
        arrays.update({name: values[:, :8] for name, values in arrays.items() if "." in name})

    rewrite_golden(folder, shorten, "sface")

    said = left_out(folder)

    assert set(said) == {"sface.tflite", "sface.onnx"}
    assert all("and 8 outputs, found" in text for text in said.values())


@pytest.mark.parametrize("outputs", ["nan", "inf", "none", "error"])
def test_a_network_whose_answers_are_none_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, outputs: str
) -> None:
    call = inference.OnnxNetwork.__call__

    def wrong(network: inference.OnnxNetwork, inputs: Any) -> Any:
        if outputs == "error" and network.outputs != 7:
            raise MemoryError
        found = call(network, inputs)
        if network.outputs == 7:
            return found
        return found[:0] if outputs == "none" else np.full_like(found, float(outputs))

    monkeypatch.setattr(inference.OnnxNetwork, "__call__", wrong)

    assert set(left_out(folder)) == {"yunet.onnx", "sface.onnx"}


def test_a_file_without_its_runtime_is_no_failure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        verify, "available", lambda runtime: "litert" if runtime == "tflite" else None
    )

    verified = verify.verify(folder, None)

    assert {replay.model.file for replay in verified.replays} == {
        name for name in FILES if name.endswith("tflite")
    }
    assert verified.failed == ()


def test_no_runtime_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "available", lambda runtime: None)

    with pytest.raises(RuntimeMissingError, match="pip install ai-edge-litert"):
        verify.verify(folder, None)


@pytest.mark.parametrize("difference", [0.11, float("nan"), float("inf")])
def test_a_replay_passes_within_the_tolerance_only(difference: float) -> None:
    model = ModelFile(file="a.onnx", runtime="onnx", precision="int8", tolerance=0.1)

    assert Replay(model, 0.09, 1.0).passes
    assert not Replay(model, difference, 1.0).passes


@pytest.mark.parametrize("name", ["haarcascade_frontalface_default.xml", "eigenfaces.xml"])
def test_a_missing_cascade_or_basis_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(BundleError, match=f"{name} is missing"):
        verify.verify(folder, None)
