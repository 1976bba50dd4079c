from collections.abc import Sequence

import numpy as np
import pytest

from edge_app.core.types import BBox, Detection, Emotion, Frame, Identity, Picture
from edge_app.vision.pipeline import Pipeline

IMAGE = np.full((100, 100, 3), 50, np.uint8)
LEFT, RIGHT = Detection(BBox(0, 0, 40, 40), 9.0), Detection(BBox(60, 0, 100, 40), 5.0)


class _Detector:
    def __init__(self, *frames: Sequence[Detection]) -> None:
        self._frames = iter(frames)

    def detect(self, picture: Picture) -> Sequence[Detection]:
        return next(self._frames)


class _Identifier:
    def identify(self, picture: Picture, detection: Detection) -> Identity:
        return Identity("Ana" if detection == LEFT else None, 0.1, 0.5)


class _Classifier:
    labels = ("happy", "sad")
    clear = None

    def classify(self, picture: Picture, detection: Detection) -> Emotion:
        happy = 0.9 if detection == LEFT else 0.2
        label = "happy" if happy > 0.5 else "sad"
        return Emotion(label, {"happy": happy, "sad": 1 - happy})


def frame(index: int = 0) -> Frame:
    return Frame(IMAGE, index, index / 10)


def test_every_face_has_what_was_found_about_it() -> None:
    pipeline = Pipeline(_Detector([LEFT, RIGHT]), _Identifier(), _Classifier())

    result = pipeline.process(frame())

    first, second = result.faces
    assert (first.detection, second.detection) == (LEFT, RIGHT)
    assert first.identity is not None and first.identity.name == "Ana"
    assert second.identity is not None and second.identity.name is None
    assert first.emotion is not None and first.emotion.label == "happy"
    assert second.emotion is not None and second.emotion.label == "sad"
    assert set(result.timings_ms) == {"detect", "track", "identify", "emotion"}


def test_stages_that_are_off_leave_nothing() -> None:
    (face,) = Pipeline(_Detector([LEFT])).process(frame()).faces

    assert face.identity is None
    assert face.emotion is None


def test_no_face_is_no_error() -> None:
    assert Pipeline(_Detector([]), _Identifier(), _Classifier()).process(frame()).faces == ()


def test_tracks_go_on_from_frame_to_frame_until_they_are_forgotten() -> None:
    pipeline = Pipeline(_Detector([LEFT], [RIGHT, LEFT], [RIGHT]))

    assert [face.track_id for face in pipeline.process(frame(0)).faces] == [1]
    assert [face.track_id for face in pipeline.process(frame(1)).faces] == [2, 1]
    pipeline.forget()
    assert [face.track_id for face in pipeline.process(frame(2)).faces] == [1]


def test_an_error_of_a_stage_is_not_swallowed() -> None:
    class Broken(_Classifier):
        def classify(self, picture: Picture, detection: Detection) -> Emotion:
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        Pipeline(_Detector([LEFT]), None, Broken()).process(frame())


class _Wavering:
    """Names the track in every look but those of the given numbers."""

    def __init__(self, name: str | None, wrong: str | None, at: set[int]) -> None:
        self._answers, self._at = (name, wrong), at
        self.looks = 0

    def identify(self, picture: Picture, detection: Detection) -> Identity:
        self.looks += 1
        return Identity(self._answers[self.looks in self._at], 0.1, 0.5)


def video(identifier: _Wavering, frames: int, *, rate: float = 10.0) -> list[str | None]:
    """The name in each frame of a face that stays."""
    pipeline = Pipeline(_Detector(*[[LEFT]] * frames), identifier, vote=True)
    names = []
    for index in range(frames):
        (face,) = pipeline.process(Frame(IMAGE, index, index / rate)).faces
        assert face.identity is not None
        names.append(face.identity.name)
    return names


def test_in_a_video_one_wrong_look_neither_names_nor_un_names() -> None:
    assert video(_Wavering("Ana", None, {4, 7}), 40) == [None] * 2 + ["Ana"] * 38
    assert video(_Wavering(None, "Ana", {4, 7}), 40) == [None] * 40
    assert video(_Wavering("Ana", "Eva", {1, 6}), 40)[3:] == ["Ana"] * 37


@pytest.mark.parametrize(("rate", "looks"), [(30.0, 12), (10.0, 12), (1.0, 10)])
def test_a_face_in_a_video_is_looked_at_until_it_is_known_and_then_once_a_second(
    rate: float, looks: int
) -> None:
    identifier = _Wavering("Ana", None, set())

    video(identifier, round(10 * rate), rate=rate)

    assert identifier.looks == pytest.approx(looks, abs=1)


def test_another_person_in_the_same_place_has_another_number() -> None:
    pipeline = Pipeline(_Detector(*[[LEFT]] * 60), _Wavering("Ana", "Eva", {4, 5, 6, 7}), vote=True)

    faces = [face for index in range(20) for face in pipeline.process(frame(index)).faces]

    seen = [(face.track_id, face.identity.name if face.identity else None) for face in faces]
    assert seen == [(1, None)] * 2 + [(1, "Ana")] * 11 + [(2, None)] + [(2, "Eva")] * 6


def test_votes_end_with_their_track() -> None:
    pipeline = Pipeline(_Detector(*[[LEFT]] * 4), _Wavering("Ana", None, set()), vote=True)
    for index in range(3):
        pipeline.process(frame(index))
    pipeline.forget()

    (face,) = pipeline.process(frame(3)).faces

    assert face.identity is not None and face.identity.name is None
