import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_app.bundle import loader
from edge_app.bundle.literals import Runtime
from edge_app.bundle.manifest import ClearSpec
from edge_app.core.config import parse_table
from edge_app.core.errors import BundleError, ConfigError, RuntimeMissingError
from edge_app.vision import inference
from edge_app.vision.detection.haar import HaarDetector
from edge_app.vision.detection.turned import TurningDetector
from edge_app.vision.detection.yunet import Yunet
from edge_app.vision.live import DetectionSettings, EmotionSettings
from edge_app.vision.parts import (
    DETECTORS,
    RecognitionSettings,
    build_classifier,
    build_detector,
    build_live_pipeline,
    build_pipeline,
    detector_spec,
    identifier_spec,
    load_bundle,
    load_space,
    networks,
    parts_in_use,
)
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from edge_app.vision.recognition.methods import METHODS
from edge_app.vision.recognition.sface import SfaceSpace
from tests.bundles import edit_manifest
from training.recipe import EIGENFACES, HAAR, SFACE, YUNET

ROLES = [("detectors", YUNET), ("detectors", HAAR), ("identifiers", SFACE)]
ROLES += [("identifiers", EIGENFACES)]


@pytest.fixture
def folder(tiny_bundle: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, copy)
    return copy


def install(patch: pytest.MonkeyPatch, *runtimes: str) -> None:
    """Have those runtimes alone on this machine."""
    patch.setattr(inference, "available", lambda runtime: runtime if runtime in runtimes else None)


def test_the_packaged_bundle_has_kinds_that_there_are() -> None:
    bundle = load_bundle()

    assert bundle == loader.load()
    first, *others = networks(bundle)
    assert first == bundle.manifest.emotion
    assert [getattr(other, "kind", None) for other in others] == ["yunet", "sface"]


def _change(role: str, place: int, **values: object) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest[role][place].update(values)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            _change("detectors", 1, kind="eyes"),
            rf"one of {', '.join(DETECTORS)} at detectors\.1\.kind, found 'eyes'; update",
        ),
        (
            _change("identifiers", 0, kind="gait"),
            rf"one of {', '.join(METHODS)} at identifiers\.0\.kind, found 'gait'; update",
        ),
        (_change("detectors", 1, scale_factor=0.5), r"at detectors\.1\.scale_factor: Input should"),
        (_change("detectors", 1, moving={"max_side": 4}), r"at detectors\.1\.moving\.min_face: "),
        (_change("detectors", 0, score=1.5), r"at detectors\.0\.score: Input should"),
        (_change("detectors", 0, models=[]), r"at detectors\.0\.models: "),
        (
            lambda manifest: manifest["detectors"][1].pop("file"),
            r"at detectors\.1\.file: Field required",
        ),
        (_change("identifiers", 1, components="all"), r"at identifiers\.1\.components: Input"),
        (_change("identifiers", 1, max_threshold=0), r"at identifiers\.1\.max_threshold: Input"),
        (_change("identifiers", 0, curve=[]), r"at identifiers\.0\.curve: "),
        (_change("identifiers", 0, false_accept_rate=0), r"at identifiers\.0\.false_accept_rate: "),
    ],
    ids=[
        "detector", "identifier", "value", "nested", "score", "models", "missing", "type", "base",
        "curve", "rate",
    ],
)  # fmt: skip
def test_a_part_that_does_not_fit_its_kind_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    edit_manifest(folder, change)

    with pytest.raises(BundleError, match=rf"manifest\.json: expected .*{message}"):
        load_bundle(folder)


@pytest.mark.parametrize(("role", "spec"), ROLES, ids=[spec.kind for _, spec in ROLES])
def test_every_kind_is_read_as_written_and_refuses_what_it_does_not_know(
    folder: Path, role: str, spec: Any
) -> None:
    written = spec.model_dump(mode="json")
    edit_manifest(folder, lambda manifest: manifest.update({role: [written]}))
    (found,) = getattr(load_bundle(folder).manifest, role)
    assert found.model_dump(mode="json") == written

    edit_manifest(folder, _change(role, 0, surprise=1))
    with pytest.raises(BundleError, match=rf"at {role}\.0\.surprise: Extra inputs"):
        load_bundle(folder)


def test_the_recipe_has_a_part_of_every_kind() -> None:
    assert {spec.kind for _, spec in ROLES} == DETECTORS.keys() | METHODS.keys()


def test_what_is_preferred_is_used_unless_another_is_chosen(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    haar = RecognitionSettings(detector="haar", method="eigenfaces")

    assert isinstance(build_detector(bundle), Yunet)
    assert isinstance(build_detector(bundle, haar), HaarDetector)
    assert isinstance(load_space(bundle), SfaceSpace)
    assert isinstance(load_space(bundle, haar), EigenfaceBasis)
    for settings in (RecognitionSettings(), haar):
        assert isinstance(build_detector(bundle, settings, still=True), TurningDetector)


def test_what_a_bundle_has_not_cannot_be_chosen(folder: Path) -> None:
    edit_manifest(folder, lambda manifest: manifest["detectors"].pop(0))
    bundle = load_bundle(folder)

    assert detector_spec(bundle).kind == "haar"
    with pytest.raises(BundleError, match=r"expected one of haar, .* found 'yunet'; choose one"):
        detector_spec(bundle, "yunet")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('detector = "eyes"', r"\[detector\] = 'eyes'.*'auto', 'yunet' or 'haar'"),
        ('method = "lbph"', r"\[method\] = 'lbph'.*'auto', 'sface' or 'eigenfaces'"),
        ("min_face = 0", r"\[min_face\] = 0"),
        ('methode = "auto"', "did you mean method?"),
    ],
)
def test_settings_that_are_none(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_table(text, RecognitionSettings)


def test_parts_in_use_are_those_that_run_here(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = load_bundle(tiny_bundle)

    def used(**settings: Any) -> list[tuple[str, str, str]]:
        parts = parts_in_use(bundle, RecognitionSettings(**settings))
        return [(part.role, part.title, part.file) for part in parts]

    for runtimes, suffix in ((("tflite", "onnx"), "tflite"), (("onnx",), "onnx")):
        install(monkeypatch, *runtimes)
        assert used() == [
            ("detector", "YuNet", f"yunet.{suffix}"),
            ("identifier", "SFace", f"sface.{suffix}"),
            ("emotion", "tiny", f"emotion.{suffix}"),
        ]
    assert used(detector="haar", method="eigenfaces")[:2] == [
        ("detector", "Haar cascade", "haarcascade_frontalface_default.xml"),
        ("identifier", "Eigenfaces", "eigenfaces.xml"),
    ]


def test_without_a_file_that_runs_the_next_kind_is_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An embedding for TFLite alone, where only ONNX Runtime is."""

    def drop_onnx(manifest: dict[str, Any]) -> None:
        manifest["identifiers"][0]["models"].pop()

    edit_manifest(folder, drop_onnx)
    install(monkeypatch, "onnx")
    bundle = load_bundle(folder)

    assert identifier_spec(bundle).kind == "eigenfaces"
    with pytest.raises(RuntimeMissingError, match="pip install ai-edge-litert"):
        load_space(bundle, RecognitionSettings(method="sface"))


def test_without_any_runtime_faces_are_found_and_no_emotion_is_read(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    bundle = load_bundle(tiny_bundle)

    assert isinstance(build_detector(bundle), HaarDetector)
    assert isinstance(load_space(bundle), EigenfaceBasis)
    for fail in (
        lambda: build_classifier(bundle),
        lambda: parts_in_use(bundle),
        lambda: build_detector(bundle, RecognitionSettings(detector="yunet")),
    ):
        with pytest.raises(RuntimeMissingError, match="pip install ai-edge-litert"):
            fail()


def test_what_failed_on_this_device_is_not_used(tiny_bundle: Path) -> None:
    loaded = load_bundle(tiny_bundle)
    bundle = replace(loaded, failed=("yunet.tflite", "sface.tflite"))
    assert [part.file for part in parts_in_use(bundle)] == [
        "yunet.onnx", "sface.onnx", "emotion.tflite"
    ]  # fmt: skip
    bundle = replace(loaded, failed=("yunet.tflite", "yunet.onnx"))
    assert [part.file for part in parts_in_use(bundle)] == [
        "haarcascade_frontalface_default.xml", "eigenfaces.xml", "emotion.tflite"
    ]  # fmt: skip
    with pytest.raises(BundleError, match=r"yunet\.tflite, yunet\.onnx failed on this device"):
        build_detector(bundle, RecognitionSettings(detector="yunet"))


def test_what_needs_landmarks_goes_with_no_detector_that_finds_none(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)

    assert identifier_spec(bundle, RecognitionSettings(detector="haar")).kind == "eigenfaces"
    with pytest.raises(ConfigError, match=r"SFace needs, found Haar cascade; .* eigenfaces"):
        identifier_spec(bundle, RecognitionSettings(detector="haar", method="sface"))


@pytest.mark.parametrize("runtime", ["tflite", "onnx"])
def test_a_wanted_runtime_is_taken_where_a_part_has_a_file_for_it(
    folder: Path, runtime: Runtime
) -> None:
    edit_manifest(folder, lambda manifest: manifest["identifiers"][0]["models"].pop())
    bundle = load_bundle(folder)

    build_detector(bundle, runtime=runtime)
    assert isinstance(load_space(bundle, runtime=runtime), SfaceSpace)
    build_classifier(bundle, runtime)


@pytest.mark.parametrize("unclear", [True, False])
def test_a_switch_overrules_the_bound_of_clear_emotions(folder: Path, unclear: bool) -> None:
    edit_manifest(folder, lambda manifest: manifest["emotion"].update(clear={"share": 0.6}))
    bundle = load_bundle(folder)

    recorded = build_pipeline(bundle, unclear=unclear).classifier
    live = build_live_pipeline(bundle, DetectionSettings(), EmotionSettings(unclear=unclear))

    assert recorded is not None and live._classifier is not None
    assert recorded.clear == live._classifier.clear == (ClearSpec(share=0.6) if unclear else None)
