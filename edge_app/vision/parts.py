"""The stages that a bundle describes, ready to work: the one place that builds them.

Everything here raises what the bundle's files deserve: BundleError for a manifest that does not fit
the kinds that it chooses, or a file that does not hold what the manifest says, RuntimeMissingError
where nothing installed can run it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from edge_app.bundle import loader
from edge_app.bundle.literals import DetectorChoice, MethodChoice, Runtime
from edge_app.bundle.loader import Bundle, read_parts
from edge_app.bundle.manifest import NetworkSpec, Part
from edge_app.core.config import Table
from edge_app.core.errors import BundleError, ConfigError, ReconociasError
from edge_app.core.types import Detector, EmotionClassifier, Identifier
from edge_app.vision.detection.base import DetectorSpec, Search
from edge_app.vision.detection.haar import HaarSpec
from edge_app.vision.detection.turned import TurningDetector
from edge_app.vision.detection.yunet import YunetSpec
from edge_app.vision.emotion import CnnEmotionClassifier
from edge_app.vision.inference import choose_model, load_network
from edge_app.vision.live import (
    DetectionSettings,
    EmotionSettings,
    LivePipeline,
    Pace,
)
from edge_app.vision.pipeline import Pipeline
from edge_app.vision.recognition.eigenfaces import EigenfaceSpec
from edge_app.vision.recognition.identifier import (
    FaceSample,
    FaceSpace,
    IdentifierSpec,
    identifier_of,
)
from edge_app.vision.recognition.methods import METHODS

DETECTORS: dict[str, type[DetectorSpec]] = {"yunet": YunetSpec, "haar": HaarSpec}
"""By ``kind`` of the manifest's detectors."""

P = TypeVar("P", bound=Part)


class RecognitionSettings(Table):
    """Which of the bundle's ways to find faces and to recognise people are used."""

    detector: DetectorChoice = "auto"
    """auto: the first of the bundle's that runs here; haar knows no landmarks."""
    method: MethodChoice = "auto"
    """auto: the first of the bundle's that runs here."""
    min_face: Annotated[int, Field(ge=8)] | None = None
    """Pixels of the side of the smallest face that is looked for; without it, the bundle's."""


DEFAULTS = RecognitionSettings()


def load_bundle(folder: Path | None = None) -> Bundle:
    """A bundle of which every part can be chosen here, without a folder the packaged one.

    Raises what ``loader.load`` raises.
    """
    bundle = loader.load(folder)
    networks(bundle)
    return bundle


def networks(bundle: Bundle) -> list[NetworkSpec]:
    """The parts of a bundle that are networks, each with model files and golden samples."""
    parts = (bundle.manifest.emotion, *detector_specs(bundle), *identifier_specs(bundle))
    return [part for part in parts if isinstance(part, NetworkSpec)]


def detector_specs(bundle: Bundle) -> tuple[DetectorSpec, ...]:
    """The ways that the bundle has to find faces, the preferred first."""
    return read_parts(bundle, "detectors", DETECTORS)


def identifier_specs(bundle: Bundle) -> tuple[IdentifierSpec, ...]:
    """The ways that the bundle has to recognise people, the preferred first."""
    return read_parts(bundle, "identifiers", METHODS)


def detector_spec(bundle: Bundle, kind: str = "auto") -> DetectorSpec:
    """The way to find faces that is used."""
    return _chosen(bundle, detector_specs(bundle), kind)


def identifier_spec(bundle: Bundle, recognition: RecognitionSettings = DEFAULTS) -> IdentifierSpec:
    """The way to recognise people that is used, of those that suit the detector in use.

    Raises ConfigError for one that needs landmarks where the detector finds none: it would name
    strangers.
    """
    specs = identifier_specs(bundle)
    detector = detector_spec(bundle, recognition.detector)
    suited = [spec for spec in specs if detector.finds_landmarks or not spec.needs_landmarks]
    if recognition.method == "auto":
        return _chosen(bundle, suited or specs, "auto")
    chosen = _chosen(bundle, specs, recognition.method)
    if chosen not in suited:
        raise ConfigError(
            f"expected a detector that finds landmarks, which {chosen.title} needs, found "
            f"{detector.title}; choose another detector, or the method "
            f"{' or '.join(spec.kind for spec in suited) or 'of another bundle'}"
        )
    return chosen


def _chosen(bundle: Bundle, specs: Sequence[P], kind: str) -> P:
    """The part of a kind, or the first of which something runs here.

    Where nothing runs, the first, so that building it says what is missing.
    """
    if kind == "auto":
        return next((spec for spec in specs if _runs(bundle, spec)), specs[0])
    for spec in specs:
        if spec.kind == kind:
            return spec
    raise BundleError(
        f"{bundle.folder}: expected one of {', '.join(spec.kind for spec in specs)}, which the "
        f"bundle has, found {kind!r}; choose one of them, or auto"
    )


@dataclass(frozen=True)
class PartInUse:
    """What does the work of a role here.

    title: of the detector or identifier; for emotions the bundle's name. file: of its network, or
    the file that it has instead.
    """

    role: Literal["detector", "identifier", "emotion"]
    title: str
    file: str


def parts_in_use(
    bundle: Bundle, recognition: RecognitionSettings = DEFAULTS
) -> tuple[PartInUse, ...]:
    """The way to find faces, to recognise people and to read emotions, and their files."""
    detector = detector_spec(bundle, recognition.detector)
    identifier = identifier_spec(bundle, recognition)
    emotion = choose_model(bundle, bundle.manifest.emotion).file
    return (
        PartInUse("detector", detector.title, _file(bundle, detector)),
        PartInUse("identifier", identifier.title, _file(bundle, identifier)),
        PartInUse("emotion", bundle.manifest.name, emotion),
    )


def _file(bundle: Bundle, spec: Part) -> str:
    if isinstance(spec, NetworkSpec):
        return choose_model(bundle, spec).file
    assert isinstance(spec, HaarSpec | EigenfaceSpec)  # what is no network has a file of its own
    return spec.file


def _runs(bundle: Bundle, spec: Part) -> bool:
    if not isinstance(spec, NetworkSpec):
        return True
    try:
        choose_model(bundle, spec)
    except ReconociasError:
        return False
    return True


def build_detector(
    bundle: Bundle,
    recognition: RecognitionSettings = DEFAULTS,
    *,
    still: bool = False,
    runtime: Runtime | None = None,
) -> Detector:
    """still: for photographs, which are searched more thoroughly than pictures that move."""
    spec = detector_spec(bundle, recognition.detector)
    detector = spec.build(bundle, Search(still, recognition.min_face), _runtime(spec, runtime))
    return TurningDetector(detector) if still else detector


def load_space(
    bundle: Bundle,
    recognition: RecognitionSettings = DEFAULTS,
    runtime: Runtime | None = None,
) -> FaceSpace:
    """What the method in use makes of faces."""
    spec = identifier_spec(bundle, recognition)
    return spec.load(bundle, _runtime(spec, runtime))


def build_classifier(
    bundle: Bundle, runtime: Runtime | None = None, *, unclear: bool = True
) -> EmotionClassifier:
    """runtime: the one to use; without it, that of the fastest network of the bundle here.

    unclear: False names the likeliest emotion of every face.
    """
    spec = bundle.manifest.emotion
    return CnnEmotionClassifier(load_network(bundle, spec, runtime), spec, unclear=unclear)


def _runtime(spec: Part, wanted: Runtime | None) -> Runtime | None:
    """The wanted runtime where a network has a file for it; not every one has one for each."""
    if wanted is None or not isinstance(spec, NetworkSpec):
        return None
    return wanted if any(model.runtime == wanted for model in spec.models) else None


def build_pipeline(
    bundle: Bundle,
    recognition: RecognitionSettings = DEFAULTS,
    *,
    people: Sequence[FaceSample] = (),
    runtime: Runtime | None = None,
    emotions: bool = True,
    unclear: bool = True,
    still: bool = False,
) -> Pipeline:
    """The pipeline of recorded media. people: samples of who is known; nobody is named without.

    unclear: False names the likeliest emotion of every face. still: for photographs, each of which
    is searched thoroughly and named by itself.
    """
    return Pipeline(
        build_detector(bundle, recognition, still=still, runtime=runtime),
        identifier_of(load_space(bundle, recognition, runtime), people) if people else None,
        build_classifier(bundle, runtime, unclear=unclear) if emotions else None,
        vote=not still,
    )


def build_live_pipeline(
    bundle: Bundle,
    detection: DetectionSettings,
    emotions: EmotionSettings,
    recognition: RecognitionSettings = DEFAULTS,
    identifier: Identifier | None = None,
) -> LivePipeline:
    """The pipeline of a camera. identifier: knows the enrolled; None where nobody is named.

    Where emotions are off no network reads them.
    """
    return LivePipeline(
        build_detector(bundle, recognition),
        identifier,
        build_classifier(bundle, unclear=emotions.unclear) if emotions.enabled else None,
        Pace.of(detection, emotions),
    )
