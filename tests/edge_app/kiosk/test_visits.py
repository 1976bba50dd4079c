from edge_app.core.types import BBox, Detection, Emotion, Face, Identity
from edge_app.kiosk.visits import VisitRecorder
from edge_app.storage.events import Visit

FOUND = Detection(BBox(0, 0, 10, 10), 9.0)
WALL = 1_000_000.0
ANA, EVA = 1, 2


def face(person: int | None = None, emotion: str | None = None, track: int = 1) -> Face:
    identity = Identity(None if person is None else f"Persona {person}", 0.1, 0.5, person)
    return Face(FOUND, track, identity, Emotion(emotion, {emotion: 1.0}) if emotion else None)


class Film:
    """Ten frames a second."""

    def __init__(self) -> None:
        self.recorder = VisitRecorder(gap_s=5.0, shortest_s=1.0)
        self.now = 100.0
        self.visits: dict[int, Visit] = {}

    def show(self, seconds: float, *faces: Face) -> None:
        for _ in range(round(seconds * 10)):
            self.recorder.observe(faces, self.now)
            self.now += 0.1

    def take(self) -> list[Visit]:
        news = self.recorder.take(self.now, WALL + self.now)
        self.visits.update({visit.key: visit for visit in news})
        return news


def spans(visit: Visit) -> list[tuple[str, float, float]]:
    return [
        (
            span.emotion,
            round(span.started_at - visit.started_at, 1),
            round(span.ended_at - visit.started_at, 1),
        )
        for span in visit.emotions
    ]


def test_a_stay_is_one_visit_with_its_emotions() -> None:
    film = Film()
    film.show(3.0, face(ANA, "happy"))
    film.show(2.0, face(ANA, "sad"))
    film.show(6.0)
    (visit,) = film.take()
    assert (visit.person_id, visit.is_over) == (ANA, True)
    assert round(visit.started_at - WALL, 1) == 100.0
    assert round(visit.ended_at - visit.started_at, 1) == 4.9
    assert spans(visit) == [("happy", 0.0, 3.0), ("sad", 3.0, 4.9)]
    assert film.take() == []


def test_a_visit_that_goes_on_comes_again_under_its_key() -> None:
    film = Film()
    film.show(2.0, face(ANA))
    (first,) = film.take()
    film.show(2.0, face(ANA))
    (second,) = film.take()
    assert first.key == second.key and not first.is_over
    assert second.ended_at > first.ended_at
    assert film.take() == []  # nothing new


def test_out_of_sight_for_a_moment_is_the_same_visit_under_another_track() -> None:
    film = Film()
    film.show(2.0, face(ANA, track=1))
    film.show(4.0)
    film.show(2.0, face(ANA, track=2))
    assert [visit.person_id for visit in film.take()] == [ANA]


def test_a_stranger_who_turns_out_to_be_known_has_one_visit_from_the_start() -> None:
    film = Film()
    film.show(2.0, face(None))
    film.show(2.0, face(ANA))
    (visit,) = film.take()
    assert visit.person_id == ANA and round(visit.ended_at - visit.started_at, 1) == 3.9


def test_a_known_person_who_is_a_stranger_first_when_back_goes_on() -> None:
    film = Film()
    film.show(2.0, face(ANA, track=1))
    film.show(1.0)
    film.show(1.5, face(None, "happy", track=2))
    film.show(1.0, face(ANA, "happy", track=2))
    (visit,) = film.take()
    assert visit.person_id == ANA and spans(visit) == [("happy", 3.0, 5.4)]


def test_a_visit_that_was_told_and_is_joined_to_another_is_told_to_be_none() -> None:
    film = Film()
    film.show(2.0, face(ANA, track=1))
    film.show(1.0)
    film.show(2.0, face(None, track=2))
    known, stranger = film.take()
    film.show(2.0, face(ANA, track=2))
    again, joined = film.take()
    assert (again.key, again.person_id, again.is_joined) == (known.key, ANA, False)
    assert (joined.key, joined.is_joined, joined.is_over) == (stranger.key, True, True)
    film.show(6.0)
    assert [visit.key for visit in film.take()] == [known.key]


def test_a_strangers_visit_that_is_joined_to_one_that_began_later_loses_nothing() -> None:
    film = Film()
    film.show(2.0, face(None, "sad", track=2))
    film.show(2.0, face(None, "sad", track=2), face(ANA, "happy", track=1))
    film.show(1.0, face(ANA, "happy", track=2))
    (visit,) = film.take()
    assert round(visit.ended_at - visit.started_at, 1) == 4.9
    assert spans(visit) == [("sad", 0.0, 2.0), ("happy", 2.0, 4.9)]


def test_a_new_name_does_not_end_a_visit() -> None:
    film = Film()
    film.show(2.0, face(ANA))
    renamed = Face(FOUND, 1, Identity("Ana", 0.1, 0.5, ANA))
    film.show(2.0, renamed)
    (visit,) = film.take()
    assert round(visit.ended_at - visit.started_at, 1) == 3.9


def test_a_name_that_fades_stays() -> None:
    film = Film()
    film.show(2.0, face(ANA))
    film.show(2.0, face(None))
    assert [visit.person_id for visit in film.take()] == [ANA]


def test_a_track_that_becomes_somebody_else_is_two_visits() -> None:
    film = Film()
    film.show(2.0, face(ANA))
    film.show(2.0, face(EVA))
    assert [(visit.person_id, visit.is_over) for visit in film.take()] == [
        (ANA, True),
        (EVA, False),
    ]


def test_what_is_short_is_left_out() -> None:
    film = Film()
    film.show(0.5, face(None, track=9))
    film.show(2.0, face(ANA, "happy"))
    film.show(0.5, face(ANA, "sad"))
    film.show(2.0, face(ANA, "happy"))
    film.show(6.0)
    (visit,) = film.take()
    assert visit.person_id == ANA
    assert [emotion for emotion, _, _ in spans(visit)] == ["happy"]


def test_a_clear_emotion_that_passes_is_a_change_like_any_other() -> None:
    film = Film()
    for emotion in ("happy", "unclear", "happy"):
        film.show(2.0, face(ANA, emotion))
    (visit,) = film.take()
    assert [emotion for emotion, _, _ in spans(visit)] == ["happy", "unclear", "happy"]


def test_two_people_at_once() -> None:
    film = Film()
    film.show(2.0, face(ANA, track=1), face(EVA, track=2), face(None, track=3))
    assert {visit.person_id for visit in film.take()} == {ANA, EVA, None}


def test_at_the_end_all_visits_are_over() -> None:
    film = Film()
    film.show(2.0, face(ANA), face(EVA, track=2))
    film.recorder.finish()
    assert [visit.is_over for visit in film.take()] == [True, True]


def test_a_clock_that_is_set_right_does_not_stretch_a_visit() -> None:
    film = Film()
    film.show(2.0, face(ANA))
    film.take()
    film.show(2.0, face(ANA))
    (visit,) = film.recorder.take(film.now, WALL + 5000.0)
    assert round(visit.ended_at - visit.started_at, 1) == 3.9
