"""One frame in, everything known about it out. No input or output, and no thread."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
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
from edge_app.vision.looks import Looks
from edge_app.vision.track import IouTracker


class Pipeline:
    """Detection, tracking, identification and emotion, in this order.

    identifier and classifier are None where they are switched off. vote: frames follow each other,
    and a track is named by looks at it now and then; without it every face is named by itself.
    Keeps the tracks between calls: use one Pipeline per source, or call ``forget`` between pictures
    that do not follow another.
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
        self._looks: dict[int, Looks] = {}

    def process(self, frame: Frame) -> FrameResult:
        """Find and describe every face of a frame, largest first."""
        timings: dict[str, float] = {}
        with timed(timings, "detect"):
            found = self.detector.detect(frame)
        result = self.describe(frame, found)
        return replace(result, timings_ms={**timings, **result.timings_ms})

    def describe(self, frame: Frame, found: Sequence[Detection]) -> FrameResult:
        """Track, name and read what was found in a frame, in the order of the frames."""
        timings: dict[str, float] = {}
        with timed(timings, "track"):
            numbers = self._tracker.update([face.bbox for face in found])
        with timed(timings, "identify"):
            known = list(map(partial(self._identify, frame), found, numbers))
            alive = self._tracker.numbers
            self._looks = {number: self._looks[number] for number in self._looks.keys() & alive}
        with timed(timings, "emotion"):
            emotions = [
                self.classifier.classify(frame, face) if self.classifier else None for face in found
            ]
        faces = tuple(
            Face(face, number, identity, emotion)
            for face, (number, identity), emotion in zip(found, known, emotions, strict=True)
        )
        return FrameResult(frame, faces, timings)

    def _identify(self, frame: Frame, face: Detection, number: int) -> tuple[int, Identity | None]:
        """The number of a face, which is a new one where it turns out to be another person's."""
        if self.identifier is None:
            return number, None
        if not self._vote:
            return number, self.identifier.identify(frame, face)
        now = frame.captured_at
        looks = self._looks.setdefault(number, Looks())
        looks.see(face, now)
        if looks.due <= now and looks.add(self.identifier.identify(frame, face), now):
            del self._looks[number]
            number = self._tracker.renumber(number)
            self._looks[number] = looks
        return number, looks.identity


@contextmanager
def timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    """Note the milliseconds that the block takes under the name of a stage."""
    started = time.perf_counter()
    yield
    timings[stage] = (time.perf_counter() - started) * 1e3
