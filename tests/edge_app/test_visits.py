from edge_app.types import BBox, Emotion, Face, Identity
from edge_app.visits import Visit, VisitRecorder

BOX = BBox(0, 0, 10, 10)
WALL = 1_000_000.0


def face(name: str | None = None, emotion: str | None = None, track: int = 1) -> Face:
    identity = Identity(name, 0.1, 0.5)
    return Face(BOX, track, identity, Emotion(emotion, {emotion: 1.0}) if emotion else None)


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
    film.show(3.0, face("Ana", "happy"))
    film.show(2.0, face("Ana", "sad"))
    film.show(6.0)
    (visit,) = film.take()
    assert (visit.name, visit.is_over) == ("Ana", True)
    assert round(visit.started_at - WALL, 1) == 100.0
    assert round(visit.ended_at - visit.started_at, 1) == 4.9
    assert spans(visit) == [("happy", 0.0, 3.0), ("sad", 3.0, 4.9)]
    assert film.take() == []


def test_a_visit_that_goes_on_comes_again_under_its_key() -> None:
    film = Film()
    film.show(2.0, face("Ana"))
    (first,) = film.take()
    film.show(2.0, face("Ana"))
    (second,) = film.take()
    assert first.key == second.key and not first.is_over
    assert second.ended_at > first.ended_at
    assert film.take() == []  # nothing new


def test_out_of_sight_for_a_moment_is_the_same_visit_under_another_track() -> None:
    film = Film()
    film.show(2.0, face("Ana", track=1))
    film.show(4.0)
    film.show(2.0, face("Ana", track=2))
    assert [visit.name for visit in film.take()] == ["Ana"]


def test_a_stranger_who_turns_out_to_be_known_has_one_visit_from_the_start() -> None:
    film = Film()
    film.show(2.0, face(None))
    film.show(2.0, face("Ana"))
    (visit,) = film.take()
    assert visit.name == "Ana" and round(visit.ended_at - visit.started_at, 1) == 3.9


def test_a_known_person_who_is_a_stranger_first_when_back_goes_on() -> None:
    film = Film()
    film.show(2.0, face("Ana", track=1))
    film.show(1.0)
    film.show(1.5, face(None, "happy", track=2))
    film.show(1.0, face("Ana", "happy", track=2))
    (visit,) = film.take()
    assert visit.name == "Ana" and spans(visit) == [("happy", 3.0, 5.4)]


def test_a_name_that_fades_stays() -> None:
    film = Film()
    film.show(2.0, face("Ana"))
    film.show(2.0, face(None))
    assert [visit.name for visit in film.take()] == ["Ana"]


def test_a_track_that_becomes_somebody_else_is_two_visits() -> None:
    film = Film()
    film.show(2.0, face("Ana"))
    film.show(2.0, face("Eva"))
    assert [(visit.name, visit.is_over) for visit in film.take()] == [
        ("Ana", True),
        ("Eva", False),
    ]


def test_what_is_short_is_left_out() -> None:
    film = Film()
    film.show(0.5, face(None, track=9))
    film.show(2.0, face("Ana", "happy"))
    film.show(0.5, face("Ana", "sad"))
    film.show(2.0, face("Ana", "happy"))
    film.show(6.0)
    (visit,) = film.take()
    assert visit.name == "Ana"
    assert [emotion for emotion, _, _ in spans(visit)] == ["happy"]


def test_two_people_at_once() -> None:
    film = Film()
    film.show(2.0, face("Ana", track=1), face("Eva", track=2), face(None, track=3))
    assert sorted(str(visit.name) for visit in film.take()) == ["Ana", "Eva", "None"]


def test_at_the_end_all_visits_are_over() -> None:
    film = Film()
    film.show(2.0, face("Ana"), face("Eva", track=2))
    film.recorder.finish()
    assert [visit.is_over for visit in film.take()] == [True, True]


def test_a_clock_that_is_set_right_does_not_stretch_a_visit() -> None:
    film = Film()
    film.show(2.0, face("Ana"))
    film.take()
    film.show(2.0, face("Ana"))
    (visit,) = film.recorder.take(film.now, WALL + 5000.0)
    assert round(visit.ended_at - visit.started_at, 1) == 3.9
