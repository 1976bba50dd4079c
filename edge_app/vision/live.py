"""The pipeline of a live picture: everything is looked at as often as it needs to be.

``pipeline.Pipeline`` looks at every face of every frame anew, and is what recorded pictures go
through. Here a box does not tremble, an emotion is read a few times a second and smoothed, and what
a frame may cost is bounded. The whole picture is searched thoroughly now and then; in between a
quick detector searches it for larger faces, and a slow one follows known faces. See
docs/decisions/0014.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, PositiveFloat

from edge_app.core.config import Table
from edge_app.core.types import (
    BBox,
    Detection,
    Detector,
    EmotionClassifier,
    Face,
    Frame,
    FrameResult,
    Identifier,
)
from edge_app.vision.detection.base import FollowingDetector, QuickDetector
from edge_app.vision.looks import Looks
from edge_app.vision.pipeline import timed
from edge_app.vision.track import SearchSchedule, match_boxes
from edge_app.vision.votes import SmoothedEmotion

_CONFIRMED = 2
"""A face is shown once it was found this often: detectors err now and then, seldom twice."""
_MAX_DENIALS = 5
"""What is followed but denied by so many searches of the whole picture in a row is no face."""
_SAME_FACE_IOU = 0.5
_SHOWN_S = 0.3
"""Seconds for which a face that is not found stands where it was; its number lasts longer."""
_LOOKS_PER_FRAME = 3
"""Faces that are named and read in one frame at most; in a crowd they take turns."""
_NEW_SHARE = 0.6
"""How much of a new box goes into the shown one; a cascade's boxes jump by a tenth."""


class EmotionSettings(Table):
    """Which emotion the faces show."""

    enabled: bool = True
    """false: no emotion is computed, shown or stored."""
    unclear: bool = True
    """false: the likeliest emotion is always named, however unlikely it is."""
    every_s: Annotated[float, Field(ge=0.0)] = 0.1
    """Seconds between two looks at the same face."""
    smoothing_s: Annotated[float, Field(ge=0.0)] = 0.5
    """Seconds that a change of expression takes to show for the most part; 0: at once."""


class DetectionSettings(Table):
    """How faces are found and kept.

    Between thorough searches of the whole picture the detector yunet searches it for larger faces
    alone, and haar looks only near the known faces.
    """

    every_s: PositiveFloat = 0.2
    """Seconds between thorough searches of the whole picture, at least."""
    share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.25
    """Share of the time that such searches may take; a slow device searches more seldom."""
    keep_s: PositiveFloat = 1.0
    """Seconds that a face keeps its number while it is not found."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are looked at; all in seconds, share above 0 and up to 1."""

    search_every_s: float = 0.2
    search_share: float = 0.25
    keep_s: float = 1.0
    emotion_every_s: float = 0.1
    emotion_smoothing_s: float = 0.5

    @classmethod
    def of(cls, detection: DetectionSettings, emotions: EmotionSettings) -> "Pace":
        """What the settings ask for."""
        return cls(
            search_every_s=detection.every_s,
            search_share=detection.share,
            keep_s=detection.keep_s,
            emotion_every_s=emotions.every_s,
            emotion_smoothing_s=emotions.smoothing_s,
        )


@dataclass(eq=False)
class _Track:
    track_id: int
    found: Detection
    """The newest, as it was found."""
    found_at: float
    looks: Looks
    emotion: SmoothedEmotion
    shown: Detection
    """The newest with a box that does not tremble; its landmarks are those that were found."""
    times_found: int = 0
    denials: int = 0
    """Searches of the whole picture in a row that missed what was followed until then."""
    followed: bool = False
    emotion_due: float = float("-inf")

    def move(self, found: Detection, now: float) -> None:
        bbox = _blend(self.shown.bbox, found.bbox) if self.times_found else found.bbox
        self.shown = replace(found, bbox=bbox)
        self.found, self.found_at = found, now
        self.times_found += 1
        self.looks.see(found, now)

    def is_shown(self, now: float) -> bool:
        return self.times_found >= _CONFIRMED and now - self.found_at <= _SHOWN_S

    def face(self, now: float) -> Face:
        is_found = self.found_at == now
        return Face(self.shown, self.track_id, self.looks.identity, self.emotion.emotion, is_found)


class LivePipeline:
    """Takes frames whose ``captured_at`` goes on in seconds; does no input or output.

    identifier and classifier are None where they are switched off, and may be put in, taken out
    or exchanged between two frames.
    """

    def __init__(
        self,
        detector: Detector,
        identifier: Identifier | None = None,
        classifier: EmotionClassifier | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._use_detector(detector)
        self._identifier = identifier
        self._classifier = classifier
        self._pace = pace or Pace()
        self._next_id = 1
        self.forget()

    def forget(self) -> None:
        """The next frame has nothing to do with the last one. Numbers are never given twice."""
        self._tracks: list[_Track] = []
        self._schedule = SearchSchedule(self._pace.search_every_s, self._pace.search_share)

    def use_models(self, detector: Detector, classifier: EmotionClassifier | None) -> None:
        """Those of another bundle, from the next frame on; everything starts anew.

        Nobody is known until ``use_identifier``: an identifier belongs to its bundle as well.
        """
        self._use_detector(detector)
        self._classifier, self._identifier = classifier, None
        self.forget()

    def _use_detector(self, detector: Detector) -> None:
        self._detector = detector
        self._follower = detector if isinstance(detector, FollowingDetector) else None
        self._quick = detector if isinstance(detector, QuickDetector) else None

    def use_identifier(self, identifier: Identifier | None) -> None:
        """From the next frame on; everybody in view is looked at anew."""
        self._identifier = identifier
        for track in self._tracks:
            track.looks = Looks()

    def use_classifier(self, classifier: EmotionClassifier | None) -> None:
        """From the next frame on; what was read before is forgotten."""
        self._classifier = classifier
        self._forget_emotions(self._tracks)

    def use_pace(self, pace: Pace) -> None:
        """From the next frame on, with a search of the whole picture; faces keep their numbers."""
        self._pace = pace
        self._schedule = SearchSchedule(pace.search_every_s, pace.search_share)
        self._forget_emotions(self._tracks)

    def _forget_emotions(self, tracks: list[_Track]) -> None:
        for track in tracks:
            track.emotion = SmoothedEmotion(self._pace.emotion_smoothing_s)
            track.emotion_due = float("-inf")

    def process(self, frame: Frame) -> FrameResult:
        """Find and describe every face that was found twice by now, largest first."""
        now = frame.captured_at
        timings: dict[str, float] = {}
        if self._quick is not None and not self._schedule.due(now):
            with timed(timings, "search"):
                found = self._quick.detect_quickly(frame)
            self._take_over(found, now)
        elif self._follower is not None and not self._schedule.due(now):
            with timed(timings, "follow"):
                self._follow(self._follower, frame)
        else:
            with timed(timings, "search"):
                found = self._detector.detect(frame)
            self._schedule.searched(now, timings["search"] / 1e3)
            self._take_over(found, now)
        self._drop_lost(now)
        shown = [track for track in self._tracks if track.is_shown(now)]
        with timed(timings, "identify"):
            self._identify(frame, shown)
        with timed(timings, "emotion"):
            self._read_emotions(frame, shown)
        shown.sort(key=lambda track: track.shown.bbox.area, reverse=True)
        return FrameResult(frame, tuple(track.face(now) for track in shown), timings)

    def without_picture(self, now: float) -> None:
        """No frame came until now: who was not found for ``keep_s`` is given up all the same."""
        self._drop_lost(now)

    def _take_over(self, found: Sequence[Detection], now: float) -> None:
        """What a search of the whole picture found."""
        known = [track.found.bbox for track in self._tracks]
        matches = match_boxes(known, [face.bbox for face in found])
        found_again = set(matches.values())
        for place, track in enumerate(self._tracks):
            track.denials = 0 if place in found_again else track.denials + track.followed
            track.followed = False
        for index, face in enumerate(found):
            known_at = matches.get(index)
            track = self._new_track(face, now) if known_at is None else self._tracks[known_at]
            track.move(face, now)

    def _new_track(self, face: Detection, now: float) -> _Track:
        smoothed = SmoothedEmotion(self._pace.emotion_smoothing_s)
        track = _Track(self._new_number(), face, now, Looks(), smoothed, face)
        self._tracks.append(track)
        return track

    def _new_number(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _follow(self, follower: FollowingDetector, frame: Frame) -> None:
        """Each face near where it was; two tracks never follow one, which stays the older's."""
        taken: list[BBox] = []
        for track in list(self._tracks):
            found = follower.detect_near(frame, track.found.bbox)
            if found is None:
                self._schedule.hurry()
            elif any(found.bbox.iou(box) > _SAME_FACE_IOU for box in taken):
                self._tracks.remove(track)
            else:
                taken.append(found.bbox)
                track.move(found, frame.captured_at)
                track.followed = True

    def _drop_lost(self, now: float) -> None:
        """Those not found for long, and those that searches deny."""
        self._tracks = [
            track
            for track in self._tracks
            if now - track.found_at <= self._pace.keep_s and track.denials < _MAX_DENIALS
        ]

    def _identify(self, frame: Frame, tracks: list[_Track]) -> None:
        if self._identifier is None:
            return
        now = frame.captured_at
        for track in _next_in_turn(tracks, now, lambda track: track.looks.due):
            if track.looks.add(self._identifier.identify(frame, track.shown), now):
                track.track_id = self._new_number()
                self._forget_emotions([track])

    def _read_emotions(self, frame: Frame, tracks: list[_Track]) -> None:
        if self._classifier is None:
            return
        now = frame.captured_at
        for track in _next_in_turn(tracks, now, lambda track: track.emotion_due):
            look = self._classifier.classify(frame, track.shown)
            track.emotion.add(look, now, self._classifier.clear)
            track.emotion_due = now + self._pace.emotion_every_s


def _next_in_turn(tracks: list[_Track], now: float, due: Callable[[_Track], float]) -> list[_Track]:
    """Those found in this very frame whose turn it is, the most overdue first."""
    waiting = [track for track in tracks if due(track) <= now and track.found_at == now]
    return sorted(waiting, key=due)[:_LOOKS_PER_FRAME]


def _blend(before: BBox, new: BBox) -> BBox:
    """Between the shown box and the new one, so that it does not tremble."""

    def between(old: int, value: int) -> int:
        return round(old + _NEW_SHARE * (value - old))

    return BBox(
        between(before.xmin, new.xmin),
        between(before.ymin, new.ymin),
        between(before.xmax, new.xmax),
        between(before.ymax, new.ymax),
    )
