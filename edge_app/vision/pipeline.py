"""One frame in, everything known about it out. No input or output, and no thread."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.core.progress import SILENT, Progress
from edge_app.core.types import (
    BBox,
    Detector,
    EmotionClassifier,
    Face,
    Frame,
    FrameResult,
    GrayImage,
    Identifier,
    Identity,
)
from edge_app.enrolment.photographs import load_people
from edge_app.vision.detection.haar import HaarDetector
from edge_app.vision.emotion import CnnEmotionClassifier, load_network
from edge_app.vision.preprocess import to_gray
from edge_app.vision.recognition.identifier import identifier_of
from edge_app.vision.recognition.methods import load_space
from edge_app.vision.track import IouTracker
from edge_app.vision.votes import TrackVotes


class Pipeline:
    """Detection, tracking, identification and emotion, in this order.

    identifier and classifier are None where they are switched off. vote: frames follow each other,
    and a track is named by votes over them; without it every face is named by itself. Keeps the
    tracks between calls: use one Pipeline per source, or call ``forget`` between pictures that do
    not follow another.
    """

    def __init__(
        self,
        detector: Detector,
        identifier: Identifier | None = None,
        classifier: EmotionClassifier | None = None,
        *,
        vote: bool = False,
    ) -> None:
        self.detector = detector
        self.identifier = identifier
        self.classifier = classifier
        self._vote = vote
        self.forget()

    def forget(self) -> None:
        """Start anew with track number 1."""
        self._tracker = IouTracker()
        self._votes = TrackVotes()

    def process(self, frame: Frame) -> FrameResult:
        """Find and describe every face of a frame, largest first."""
        timings: dict[str, float] = {}
        with timed(timings, "detect"):
            gray = to_gray(frame.image)
            boxes = list(self.detector.detect(gray))
        with timed(timings, "track"):
            numbers = self._tracker.update(boxes)
        with timed(timings, "identify"):
            identities = [
                self._identify(gray, box, number, frame.captured_at)
                for box, number in zip(boxes, numbers, strict=True)
            ]
            self._votes.forget(frame.captured_at)
        with timed(timings, "emotion"):
            emotions = [
                self.classifier.classify(gray, box) if self.classifier else None for box in boxes
            ]
        faces = tuple(map(Face, boxes, numbers, identities, emotions))
        return FrameResult(frame, faces, timings)

    def _identify(self, gray: GrayImage, box: BBox, track_id: int, now: float) -> Identity | None:
        if self.identifier is None:
            return None
        look = partial(self.identifier.identify, gray, box)
        return self._votes.winner(track_id, now, look) if self._vote else look()


@contextmanager
def timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    """Note the milliseconds that the block takes under the name of a stage."""
    started = time.perf_counter()
    yield
    timings[stage] = (time.perf_counter() - started) * 1e3


def build_pipeline(
    bundle: Bundle,
    *,
    people: Path | None = None,
    runtime: Runtime | None = None,
    emotions: bool = True,
    still: bool = False,
    progress: Progress = SILENT,
) -> Pipeline:
    """The pipeline that a bundle describes, with the people of a folder enrolled.

    Without a folder of people nobody is identified. still: for photographs, which are searched more
    thoroughly than the frames of a video, and each named by itself. progress: told of the people's
    photographs. Raises what the bundle's parts and ``load_people`` raise.
    """
    manifest = bundle.manifest
    cascade = bundle.path(manifest.detector.file)
    thorough = HaarDetector(cascade, manifest.detector, manifest.detector.still)
    detector = (
        thorough if still else HaarDetector(cascade, manifest.detector, manifest.detector.moving)
    )
    identifier = None
    if people is not None:
        samples = load_people(people, thorough, manifest.identifier.crop, progress)
        identifier = identifier_of(load_space(bundle), samples)
    classifier = None
    if emotions:
        classifier = CnnEmotionClassifier(load_network(bundle, runtime), manifest.emotion)
    return Pipeline(detector, identifier, classifier, vote=not still)
