"""The stages that a bundle describes, ready to work: the one place that builds them.

Everything here raises what the bundle's files deserve: BundleError for one that does not hold what
the manifest says, RuntimeMissingError where nothing installed can run it.
"""

from collections.abc import Sequence

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.core.types import EmotionClassifier, Identifier
from edge_app.vision.detection.haar import HaarDetector
from edge_app.vision.emotion import CnnEmotionClassifier, load_network
from edge_app.vision.live import DetectionSettings, EmotionSettings, LivePipeline, Pace
from edge_app.vision.pipeline import Pipeline
from edge_app.vision.recognition.identifier import FaceSample, identifier_of
from edge_app.vision.recognition.methods import load_space


def build_detector(bundle: Bundle, *, still: bool = False) -> HaarDetector:
    """still: for photographs, which are searched more thoroughly than pictures that move."""
    spec = bundle.manifest.detector
    return HaarDetector(bundle.path(spec.file), spec, spec.still if still else spec.moving)


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
