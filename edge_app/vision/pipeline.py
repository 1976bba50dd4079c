"""One frame in, everything known about it out. No input or output, and no thread."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from edge_app.core.types import (
    Detection,
    Detector,
    EmotionClassifier,
    Face,
    Frame,
    FrameResult,
    Identifier,
    Identity,
)
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
            found = list(self.detector.detect(frame))
        with timed(timings, "track"):
            numbers = self._tracker.update([face.bbox for face in found])
        with timed(timings, "identify"):
            identities = [
                self._identify(frame, face, number)
                for face, number in zip(found, numbers, strict=True)
            ]
            self._votes.forget(frame.captured_at)
        with timed(timings, "emotion"):
            emotions = [
                self.classifier.classify(frame, face) if self.classifier else None for face in found
            ]
        faces = tuple(map(Face, found, numbers, identities, emotions))
        return FrameResult(frame, faces, timings)

    def _identify(self, frame: Frame, face: Detection, track_id: int) -> Identity | None:
        if self.identifier is None:
            return None
        look = partial(self.identifier.identify, frame, face)
        return self._votes.winner(track_id, frame.captured_at, look) if self._vote else look()


@contextmanager
def timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    """Note the milliseconds that the block takes under the name of a stage."""
    started = time.perf_counter()
    yield
    timings[stage] = (time.perf_counter() - started) * 1e3
