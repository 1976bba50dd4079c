"""The stages that a bundle describes, ready to work: the one place that builds them.

Everything here raises what the bundle's files deserve: BundleError for a manifest that does not fit
the kinds that it chooses, or a file that does not hold what the manifest says, RuntimeMissingError
where nothing installed can run it.
"""

from collections.abc import Sequence
from pathlib import Path

from edge_app.bundle import loader
from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle, read_part
from edge_app.bundle.manifest import NetworkSpec
from edge_app.core.types import EmotionClassifier, Identifier
from edge_app.vision.detection.base import DetectorSpec, FollowingDetector
from edge_app.vision.detection.haar import HaarSpec
from edge_app.vision.emotion import CnnEmotionClassifier, load_network
from edge_app.vision.live import (
    DetectionSettings,
    EmotionSettings,
    LivePipeline,
    Pace,
)
from edge_app.vision.pipeline import Pipeline
from edge_app.vision.recognition.identifier import FaceSample, identifier_of
from edge_app.vision.recognition.methods import identifier_spec, load_space

DETECTORS: dict[str, type[DetectorSpec]] = {"haar": HaarSpec}
"""By ``detector.kind`` of the manifest."""


def load_bundle(folder: Path | None = None) -> Bundle:
    """A bundle of which every part can be chosen here, without a folder the packaged one.

    Raises what ``loader.load`` raises.
    """
    bundle = loader.load(folder)
    networks(bundle)
    return bundle


def networks(bundle: Bundle) -> list[NetworkSpec]:
    """The parts of a bundle that are networks, each with model files and golden samples."""
    parts = (bundle.manifest.emotion, detector_spec(bundle), identifier_spec(bundle))
    return [part for part in parts if isinstance(part, NetworkSpec)]


def detector_spec(bundle: Bundle) -> DetectorSpec:
    """How the bundle has faces found."""
    return read_part(bundle, "detector", DETECTORS)


def build_detector(bundle: Bundle, *, still: bool = False) -> FollowingDetector:
    """still: for photographs, which are searched more thoroughly than pictures that move."""
    return detector_spec(bundle).build(bundle, still=still)


def build_classifier(bundle: Bundle, runtime: Runtime | None = None) -> EmotionClassifier:
    """runtime: the one to use; without it, that of the fastest network of the bundle here."""
    return CnnEmotionClassifier(load_network(bundle, runtime), bundle.manifest.emotion)


def build_pipeline(
    bundle: Bundle,
    *,
    people: Sequence[FaceSample] = (),
    runtime: Runtime | None = None,
    emotions: bool = True,
    still: bool = False,
) -> Pipeline:
    """The pipeline of recorded media. people: samples of who is known; nobody is named without.

    still: for photographs, each of which is searched thoroughly and named by itself. Raises
    PeopleError for fewer people than the bundle's method tells apart.
    """
    return Pipeline(
        build_detector(bundle, still=still),
        identifier_of(load_space(bundle), people) if people else None,
        build_classifier(bundle, runtime) if emotions else None,
        vote=not still,
    )


def build_live_pipeline(
    bundle: Bundle,
    detection: DetectionSettings,
    emotions: EmotionSettings,
    identifier: Identifier | None = None,
) -> LivePipeline:
    """The pipeline of a camera. identifier: knows the enrolled; None where nobody is named.

    Where emotions are off no network is loaded at all.
    """
    return LivePipeline(
        build_detector(bundle),
        identifier,
        build_classifier(bundle) if emotions.enabled else None,
        Pace.of(detection, emotions),
    )
