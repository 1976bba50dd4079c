import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_app.bundle import loader
from edge_app.core.errors import BundleError, InputMissingError
from tests.bundles import edit_manifest


@pytest.fixture
def folder(tiny_bundle: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, copy)
    return copy


def test_a_whole_bundle_loads(folder: Path) -> None:
    bundle = loader.load(folder)

    assert bundle.manifest.name == "tiny"
    assert bundle.path("emotion.onnx") == folder / "emotion.onnx"


def test_the_packaged_bundle_loads() -> None:
    assert loader.load().manifest.emotion.models


def test_a_folder_without_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="expected a bundle"):
        loader.load(tmp_path)


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda at: _flip(at / "emotion.onnx"), "not what the manifest's hash says"),
        (lambda at: (at / "emotion.onnx").write_bytes(b""), "not what the manifest's hash says"),
        (lambda at: (at / "emotion.onnx").unlink(), "emotion.onnx is missing"),
        (lambda at: (at / "more").touch(), "found also more"),
        (lambda at: (at / "more").mkdir(), "found also more"),
        (lambda at: (at / "more").symlink_to("emotion.onnx"), "found also more"),
        (lambda at: (at / "more").symlink_to(".."), "found also more"),
        (lambda at: os.mkfifo(at / "more"), "found also more"),
        (lambda at: (at / "manifest.json").write_text("{"), "expected a manifest of schema"),
        (lambda at: (at / "manifest.json").write_bytes(b"\xff"), "expected a manifest of schema"),
    ],
    ids=["bit", "empty", "missing", "file", "folder", "link", "link-up", "fifo", "json", "utf8"],
)
def test_damage_is_found(folder: Path, damage: Callable[[Path], object], message: str) -> None:
    damage(folder)

    with pytest.raises(BundleError, match=message):
        loader.load(folder)


@pytest.mark.parametrize("name", ["emotion.onnx", "manifest.json", "manifest.json.sig"])
def test_a_link_in_place_of_a_file_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / name
    (folder / name).rename(elsewhere)
    (folder / name).symlink_to(elsewhere)

    with pytest.raises((BundleError, InputMissingError), match="expected"):
        loader.load(folder)


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../secret", "a/b", "..", ".", "", ".hidden", "a\0b", "a\\b", "-r", "c:x", "ñ"],
)
def test_a_name_that_could_lead_elsewhere_is_refused(folder: Path, name: str) -> None:
    def rename(manifest: dict[str, Any]) -> None:
        manifest["files"][name] = manifest["files"].pop("golden.npz")

    edit_manifest(folder, rename)

    with pytest.raises(BundleError, match="expected a manifest of schema"):
        loader.load(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"compatible": "newest"},
        {"surprise": 1},
        {"metrics": {"accuracy": float("nan")}},
        {"version": "1.0.0/../.."},
        {"name": "../up"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_manifest_outside_of_the_schema_is_refused(folder: Path, change: dict[str, Any]) -> None:
    edit_manifest(folder, lambda manifest: manifest.update(change))

    with pytest.raises(BundleError, match=next(iter(change))):
        loader.load(folder)


@pytest.mark.parametrize("version", [1, 2, 4])
def test_a_bundle_of_another_schema_is_told_from_a_damaged_one(folder: Path, version: int) -> None:
    edit_manifest(folder, lambda manifest: manifest.update(schema_version=version))

    with pytest.raises(BundleError, match=rf"schema 3, found {version}: .*another version"):
        loader.load(folder)


@pytest.mark.parametrize(
    ("crop", "message"),
    [
        ({"size": 48, "interpolation": "area"}, r"emotion\.crop\.span: Field required"),
        ({"size": 48, "margin": 0.2, "interpolation": "area"}, r"emotion\.crop\."),
        ({"size": 48, "span": 0.5, "interpolation": "area"}, r"emotion\.crop\.span: Input should"),
        ({"size": 48, "span": 2.5, "interpolation": "best"}, r"emotion\.crop\.interpolation"),
    ],
    ids=["no span", "margin", "too little", "interpolation"],
)
def test_a_crop_that_does_not_say_how_it_is_aligned_is_refused(
    folder: Path, crop: dict[str, Any], message: str
) -> None:
    edit_manifest(folder, lambda manifest: manifest["emotion"].update(crop=crop))

    with pytest.raises(BundleError, match=rf"expected a manifest of schema 3, found at {message}"):
        loader.load(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clear": {"share": 1.0}}, r"emotion\.clear\.share: Input should be less than 1"),
        ({"clear": {"share": 0.0}}, r"emotion\.clear\.share: Input should be greater than 0"),
        ({"clear": {"share": 0.5, "prior": [1.0]}}, r"emotion: .*expected a prior for each of"),
        ({"labels": ["happy", "unclear"]}, r"emotion\.labels: .*found 'unclear', which stands for"),
    ],
)
def test_no_clear_emotion_is_a_bound_and_no_label(
    folder: Path, change: dict[str, Any], message: str
) -> None:
    edit_manifest(folder, lambda manifest: manifest["emotion"].update(change))

    with pytest.raises(BundleError, match=message):
        loader.load(folder)

    clear = {"share": 0.6, "temperature": 0.5, "prior": [0.9, 0.1]}
    edit_manifest(
        folder, lambda manifest: manifest["emotion"].update(labels=["a", "b"], clear=clear)
    )
    found = loader.load(folder).manifest.emotion.clear
    assert found is not None
    # 0.9 and 0.1 of the people, as 0.5 of the temperature made of them, both halved by the prior
    assert found.margin({"a": 0.5, "b": 0.5}) == pytest.approx(0.9 - 0.6)
    assert found.margin({"a": 0.1, "b": 0.9}) == pytest.approx(0.75 - 0.6)


@pytest.mark.parametrize("role", ["detectors", "identifiers"])
def test_each_kind_stands_once_in_a_role_and_one_at_least(folder: Path, role: str) -> None:
    edit_manifest(folder, lambda manifest: manifest[role].append(manifest[role][0]))

    with pytest.raises(BundleError, match=rf"found at {role}: .*expected each kind once, found"):
        loader.load(folder)

    edit_manifest(folder, lambda manifest: manifest[role].clear())
    with pytest.raises(BundleError, match=rf"found at {role}: .*at least 1"):
        loader.load(folder)


def test_models_are_ranked_as_measured_and_without_what_failed(folder: Path) -> None:
    bundle = loader.load(folder)
    spec = bundle.manifest.emotion

    def files(bundle: loader.Bundle) -> list[str]:
        return [model.file for model in bundle.models(spec)]

    assert files(bundle) == ["emotion.tflite", "emotion.onnx"]
    measured = replace(bundle, measured=("sface.onnx", "emotion.onnx"))
    assert files(measured) == ["emotion.onnx", "emotion.tflite"]
    assert files(replace(measured, failed=("emotion.onnx",))) == ["emotion.tflite"]


def test_a_bundle_is_known_by_its_manifest(folder: Path) -> None:
    before = loader.digest(loader.load(folder))

    edit_manifest(folder, lambda manifest: manifest.update(version="1.0.1"))

    assert loader.digest(loader.load(folder)) != before


def test_a_file_that_the_manifest_uses_must_be_listed(folder: Path) -> None:
    edit_manifest(folder, lambda manifest: manifest["emotion"].update(golden="manifest.json"))

    bundle = loader.load(folder)

    with pytest.raises(BundleError, match="does not list its hash"):
        bundle.path(bundle.manifest.emotion.golden)


def test_a_file_that_cannot_be_read_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(loader, "file_sha256", refuse)

    with pytest.raises(BundleError, match=r"cannot be read \(Permission denied\)"):
        loader.load(folder)
