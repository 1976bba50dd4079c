import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import ClearSpec
from edge_app.core.labels import UNCLEAR
from edge_app.core.types import BBox, Clearness, Detection, Emotion, Face, Frame, Identity, Picture
from edge_app.media.sources.pattern import PatternScene
from edge_app.vision.detection.haar import HaarDetector
from edge_app.vision.live import DetectionSettings, EmotionSettings, LivePipeline, Pace
from edge_app.vision.parts import build_live_pipeline

PICTURE = np.zeros((100, 200, 3), np.uint8)
LEFT, RIGHT = BBox(10, 10, 50, 50), BBox(120, 10, 150, 40)
SLOW_MOODS = Pace(emotion_smoothing_s=60.0)


@dataclass
class FakeDetector:
    """Finds what ``there`` holds, in every frame."""

    there: list[BBox] = field(default_factory=list)
    hidden: list[BBox] = field(default_factory=list)
    """Not found in a search of everything."""
    searches: int = 0

    def detect(self, picture: Picture) -> Sequence[Detection]:
        self.searches += 1
        return [_found(box) for box in self.there if box not in self.hidden]


class FakeFollower(FakeDetector):
    """Also finds near a box whichever face overlaps it."""

    def detect_near(self, picture: Picture, bbox: BBox) -> Detection | None:
        return next((_found(box) for box in self.there if box.iou(bbox) > 0.2), None)


def _found(box: BBox) -> Detection:
    """With all five landmarks at its top left."""
    return Detection(box, 9.0, np.full((5, 2), (box.xmin, box.ymin), np.float32))


class FakeIdentifier:
    def __init__(self, *names: str | None) -> None:
        self.names = list(names)
        self.looks = 0
        self.looked_at: list[Detection] = []

    def identify(self, picture: Picture, detection: Detection) -> Identity:
        name = self.names[min(self.looks, len(self.names) - 1)]
        self.looks += 1
        self.looked_at.append(detection)
        return Identity(name, 0.2, 0.5)


class FakeClassifier:
    labels = ("happy", "sad")

    def __init__(self, clear: Clearness | None = None) -> None:
        self.clear = clear
        self.looks: list[Detection] = []
        self.happy = 0.8

    def classify(self, picture: Picture, detection: Detection) -> Emotion:
        self.looks.append(detection)
        return Emotion.of({"happy": self.happy, "sad": 1.0 - self.happy}, self.clear)


class Film:
    """Runs a pipeline at 20 frames a second."""

    def __init__(self, pipeline: LivePipeline) -> None:
        self.pipeline = pipeline
        self.frame = 0

    def run(self, frames: int) -> tuple[Face, ...]:
        for _ in range(frames):
            faces = self.pipeline.process(Frame(PICTURE, self.frame, self.frame / 20)).faces
            self.frame += 1
        return faces


@pytest.mark.parametrize("kind", [FakeDetector, FakeFollower])
def test_a_face_keeps_its_number_while_it_moves_and_while_it_is_missed(
    kind: type[FakeDetector],
) -> None:
    detector = kind([LEFT])
    film = Film(LivePipeline(detector))
    assert film.run(1) == ()  # found once only
    (face,) = film.run(1)
    for step in range(20):
        detector.there = [BBox(10 + step, 10, 50 + step, 50)]
        film.run(1)
    detector.there = []
    film.run(10)
    detector.there = [BBox(31, 10, 71, 50)]
    (again,) = film.run(8)
    assert again.track_id == face.track_id == 1


def test_a_box_moves_gently_but_landmarks_are_where_they_were_found() -> None:
    detector, classifier, identifier = FakeDetector([LEFT]), FakeClassifier(), FakeIdentifier("Ana")
    film = Film(LivePipeline(detector, identifier, classifier, Pace(emotion_every_s=0.0)))
    film.run(3)
    detector.there = [BBox(20, 10, 60, 50)]
    (face,) = film.run(1)
    assert (face.bbox, face.detection.score) == (BBox(16, 10, 56, 50), 9.0)
    assert face.detection.landmarks is not None
    assert face.detection.landmarks.tolist() == [[20.0, 10.0]] * 5
    assert classifier.looks[-1] is identifier.looked_at[-1] is face.detection


def test_a_face_keeps_its_number_however_far_its_box_lags_behind_it() -> None:
    detector = FakeDetector([LEFT])
    film = Film(LivePipeline(detector))
    film.run(2)
    for step in range(6):  # half of its side from frame to frame
        detector.there = [BBox(10 + 20 * step, 10, 50 + 20 * step, 50)]
        (face,) = film.run(1)
    assert face.track_id == 1


def test_a_face_that_left_gets_a_new_number() -> None:
    detector = FakeDetector([LEFT])
    film = Film(LivePipeline(detector, pace=Pace(keep_s=0.5)))
    film.run(2)
    detector.there = []
    assert film.run(12) == ()
    detector.there = [LEFT]
    (face,) = film.run(20)
    assert face.track_id == 2


@pytest.mark.parametrize(("gap", "number"), [(0.5, 1), (5.0, 2)])
def test_who_is_there_after_a_time_without_a_picture_has_the_old_number_only_if_it_was_short(
    gap: float, number: int
) -> None:
    film = Film(LivePipeline(FakeDetector([LEFT]), pace=Pace(keep_s=1.0)))
    film.run(20)
    film.frame += round(gap * 20)
    film.pipeline.without_picture((film.frame - 1) / 20)
    (face,) = film.run(2)
    assert face.track_id == number


def test_what_searches_of_everything_deny_is_dropped() -> None:
    detector = FakeFollower([LEFT, RIGHT])
    film = Film(LivePipeline(detector, pace=Pace(search_every_s=0.2)))
    assert len(film.run(4)) == 2
    detector.hidden = [RIGHT]
    (face,) = film.run(30)
    assert face.bbox == LEFT


def test_two_tracks_never_follow_one_face() -> None:
    detector = FakeFollower([LEFT, RIGHT])
    film = Film(LivePipeline(detector))
    film.run(4)
    detector.there = [LEFT]
    for left in range(120, 10, -8):  # the right face walks behind the left one
        detector.there = [LEFT, BBox(left, 10, left + 30, 40)]
        film.run(1)
    detector.there = [LEFT]
    assert [face.track_id for face in film.run(30)] == [1]


def test_between_searches_faces_are_followed_where_the_detector_can() -> None:
    detector = FakeFollower([LEFT])
    Film(LivePipeline(detector, pace=Pace(search_every_s=0.5))).run(40)
    assert detector.searches == pytest.approx(4, abs=1)


def test_every_frame_is_searched_where_it_cannot() -> None:
    detector = FakeDetector([LEFT])
    pipeline = LivePipeline(detector, pace=Pace(search_every_s=0.5))
    Film(pipeline).run(40)
    assert detector.searches == 40
    follower = FakeFollower([LEFT])
    pipeline.use_models(follower, None)
    Film(pipeline).run(40)
    assert follower.searches < 10


def test_one_wrong_frame_neither_names_nor_un_names() -> None:
    names_seen = ["Ana", "Eva", "Ana", "Ana", "Eva", "Ana"]
    film = Film(LivePipeline(FakeDetector([LEFT]), FakeIdentifier(*names_seen)))
    names = [
        face.identity.name if face.identity else None for _ in range(60) for face in film.run(1)
    ]
    assert "Eva" not in names
    changes = sum(before != after for before, after in pairwise(names))
    assert names[-1] == "Ana" and changes == 1


def test_a_settled_name_is_looked_at_seldom() -> None:
    identifier = FakeIdentifier("Ana")
    film = Film(LivePipeline(FakeDetector([LEFT]), identifier))
    film.run(60)
    before = identifier.looks
    film.run(100)  # five seconds
    assert identifier.looks - before == 5


def test_another_person_in_the_same_place_has_their_name_and_emotion_within_1_6_seconds() -> None:
    identifier, classifier = FakeIdentifier("Ana"), FakeClassifier()
    film = Film(LivePipeline(FakeDetector([LEFT]), identifier, classifier, SLOW_MOODS))
    (before,) = film.run(60)
    identifier.names, classifier.happy = ["Eva"], 0.1
    (face,) = film.run(32)
    assert face.identity is not None and face.identity.name == "Eva"
    assert face.emotion is not None and face.emotion.scores["sad"] > 0.85
    assert face.track_id != before.track_id
    (face,) = film.run(20)
    assert face.identity is not None and face.identity.name == "Eva"


def test_people_who_change_places_unseen_have_their_own_names_soon_after() -> None:
    class ByHeight:
        """Ana is the one with the higher face."""

        def identify(self, picture: Picture, detection: Detection) -> Identity:
            return Identity("Ana" if detection.bbox.height == 40 else "Eva", 0.2, 0.5)

    low, high = BBox(10, 10, 50, 45), BBox(120, 10, 160, 50)
    detector = FakeDetector([low, high])
    film = Film(LivePipeline(detector, ByHeight()))
    film.run(40)
    detector.there = [BBox(10, 10, 50, 50), BBox(120, 10, 160, 45)]
    names = {face.bbox.xmin: face.identity and face.identity.name for face in film.run(32)}
    assert names == {10: "Ana", 120: "Eva"}


def test_a_new_gallery_names_everybody_anew() -> None:
    pipeline = LivePipeline(FakeDetector([LEFT]), FakeIdentifier("Ana"))
    film = Film(pipeline)
    film.run(60)
    pipeline.use_identifier(FakeIdentifier("Eva"))
    (face,) = film.run(10)
    assert face.identity is not None and face.identity.name == "Eva"
    pipeline.use_identifier(None)
    (face,) = film.run(1)
    assert face.identity is None


def test_models_of_another_bundle_start_anew_and_know_nobody_yet() -> None:
    pipeline = LivePipeline(FakeDetector([LEFT]), FakeIdentifier("Ana"), FakeClassifier())
    film = Film(pipeline)
    (before,) = film.run(5)
    pipeline.use_models(FakeDetector([RIGHT]), None)
    (face,) = film.run(5)
    assert face.track_id != before.track_id
    assert face.bbox.iou(RIGHT) > 0.9
    assert (face.identity, face.emotion) == (None, None)


def test_emotions_off_means_none_is_shown_any_more() -> None:
    pipeline = LivePipeline(FakeDetector([LEFT]), None, FakeClassifier())
    film = Film(pipeline)
    (face,) = film.run(5)
    assert face.emotion is not None and face.emotion.label == "happy"
    pipeline.use_classifier(None)
    (face,) = film.run(1)
    assert face.emotion is None


def test_whether_an_emotion_is_clear_is_decided_on_the_smoothed_scores() -> None:
    classifier = FakeClassifier(ClearSpec(share=0.7))
    pipeline = LivePipeline(FakeDetector([LEFT]), None, classifier, SLOW_MOODS)
    film = Film(pipeline)
    film.run(5)
    classifier.happy = 0.55
    (face,) = film.run(5)
    assert face.emotion is not None and face.emotion.label == "happy"
    pipeline.use_classifier(classifier)  # what was read before is forgotten
    (face,) = film.run(3)
    assert face.emotion is not None and face.emotion.label == UNCLEAR
    assert dict(face.emotion.scores) == pytest.approx({"happy": 0.55, "sad": 0.45})


def test_another_pace_holds_from_the_next_frame_on_and_faces_keep_their_numbers() -> None:
    detector, classifier = FakeFollower([LEFT]), FakeClassifier()
    pipeline = LivePipeline(detector, None, classifier)
    film = Film(pipeline)
    (face,) = film.run(10)
    searches, looks = detector.searches, len(classifier.looks)

    pipeline.use_pace(Pace(search_every_s=10.0, emotion_every_s=10.0))

    (same,) = film.run(20)
    assert same.track_id == face.track_id
    assert (detector.searches - searches, len(classifier.looks) - looks) == (1, 1)


def test_in_a_crowd_faces_take_turns() -> None:
    crowd = [BBox(20 * index, 0, 20 * index + 18, 18) for index in range(10)]
    classifier, identifier = FakeClassifier(), FakeIdentifier("Ana")
    film = Film(LivePipeline(FakeDetector(crowd), identifier, classifier))
    film.run(2)
    before = len(classifier.looks), identifier.looks
    film.run(1)
    assert (len(classifier.looks) - before[0], identifier.looks - before[1]) == (3, 3)
    faces = film.run(10)
    assert len(faces) == 10 and all(face.emotion and face.identity for face in faces)


def test_drawn_faces_are_followed_through_the_real_detector(
    bundle: Bundle, detector: HaarDetector
) -> None:
    scene = PatternScene(faces=2)
    pipeline = build_live_pipeline(bundle, DetectionSettings(), EmotionSettings())
    numbers = set[int]()
    found = 0
    for index in range(60):
        faces = pipeline.process(Frame(scene.at(index / 20), index, index / 20)).faces
        numbers.update(face.track_id for face in faces)
        found += len(faces) == 2
        for face in faces:
            assert face.emotion is not None and sum(face.emotion.scores.values()) > 0.99
    assert numbers == {1, 2}
    assert found >= 55


def test_no_network_is_loaded_where_emotions_are_off(bundle: Bundle, tmp_path: Path) -> None:
    for path in bundle.folder.iterdir():
        if not path.name.startswith("emotion"):
            shutil.copy(path, tmp_path)
    bundle = replace(bundle, folder=tmp_path)
    pipeline = build_live_pipeline(bundle, DetectionSettings(), EmotionSettings(enabled=False))
    frame = PatternScene().at(0.0)
    for index in range(3):
        faces = pipeline.process(Frame(frame, index, index / 20)).faces
    assert len(faces) == 1 and faces[0].emotion is None


def test_a_face_that_left_is_not_shown_although_its_number_is_kept() -> None:
    detector = FakeDetector([LEFT])
    film = Film(LivePipeline(detector))
    film.run(5)
    detector.there = []
    assert len(film.run(4)) == 1  # a blink of the detector
    assert film.run(4) == ()
    detector.there = [LEFT]
    (face,) = film.run(8)
    assert face.track_id == 1
