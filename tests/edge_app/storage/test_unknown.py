from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.errors import PeopleError
from edge_app.storage.crops import decode_crop, encode_crop
from edge_app.storage.gallery import Gallery, NewSample
from edge_app.storage.state import State
from edge_app.storage.unknown import MOST_FACES, UnknownPeople
from tests.stored import new_sample, quality


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path) as state:
        yield state


@pytest.fixture
def unknown(state: State, clock: Clock) -> UnknownPeople:
    return UnknownPeople(state, clock)


def faces(person: int, *qualities: float) -> list[NewSample]:
    return [new_sample(person, mood=score, score=score, origin="unknown") for score in qualities]


def everything_in(folder: Path) -> bytes:
    """The database and its log, byte for byte."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_stranger_comes_back_as_they_were_seen(unknown: UnknownPeople) -> None:
    seen = unknown.see(faces(1, 0.2, 0.8))

    assert unknown.people() == [seen] == [unknown.person(seen.id)]
    assert (seen.sightings, seen.first_seen, seen.last_seen, seen.face_count) == (1, 1e3, 1e3, 2)
    best, other = unknown.faces(seen.id)
    assert (best.quality, other.quality) == pytest.approx((0.8, 0.2))
    assert best.unknown_id == seen.id
    np.testing.assert_array_equal(best.crop, decode_crop(encode_crop(faces(1, 0.8)[0].crop)))


def test_a_stranger_who_comes_again_stays_one_with_the_best_faces(
    unknown: UnknownPeople, clock: Clock
) -> None:
    first = unknown.see(faces(1, 0.1, 0.2, 0.9))
    clock.now = 2000.0

    again = unknown.see(faces(1, 0.3, 0.5, 0.6, 0.7), first.id)

    assert unknown.people() == [again]
    assert (again.sightings, again.first_seen, again.last_seen) == (2, 1000.0, 2000.0)
    scores = [face.quality for face in unknown.faces()]
    assert scores == pytest.approx([0.9, 0.7, 0.6, 0.5, 0.3])
    assert again.face_count == MOST_FACES


def test_who_was_seen_last_comes_first(unknown: UnknownPeople, clock: Clock) -> None:
    first = unknown.see(faces(1, 0.5))
    clock.now += 1
    second = unknown.see(faces(2, 0.5))
    assert [person.id for person in unknown.people()] == [second.id, first.id]

    clock.now += 1
    unknown.see(faces(1, 0.6), first.id)

    assert [person.id for person in unknown.people()] == [first.id, second.id]


def test_a_named_stranger_is_somebody_new(unknown: UnknownPeople, state: State) -> None:
    seen = unknown.see(faces(1, 0.2, 0.8))
    revision = Gallery(state).revision

    person = unknown.name(seen.id, " Íñigo ")

    assert (person.name, person.sample_count) == ("Íñigo", 2)
    samples = Gallery(state).samples(person.id)
    assert {sample.origin for sample in samples} == {"unknown"}
    assert [sample.measured for sample in samples] == [quality(0.2), quality(0.8)]
    assert Gallery(state).revision > revision  # the kiosk notices
    assert unknown.people() == [] and unknown.faces() == []


def test_what_was_computed_of_a_stranger_is_computed_of_a_named_one(
    unknown: UnknownPeople, state: State
) -> None:
    seen = unknown.see(faces(1, 0.2, 0.8))
    best, other = unknown.faces(seen.id)
    make_old(state, best.id, tried=True)
    unknown.keep_embeddings("sface", {other.id: np.ones((1, 4), np.float32)})

    person = unknown.name(seen.id, "Ana")

    first, second = Gallery(state).samples(person.id)
    assert [first.layout, second.layout] == ["aligned", "box"]
    assert [face.id for face in Gallery(state).unaligned(tried=True)] == [second.id]
    assert Gallery(state).embeddings("sface").keys() == {first.id}
    assert unknown.embeddings("sface") == {}


def test_a_face_that_nobody_could_align_goes_first(unknown: UnknownPeople, state: State) -> None:
    seen = unknown.see(faces(1, 0.9, 0.8, 0.7, 0.6, 0.5))
    make_old(state, unknown.faces()[0].id, tried=True)

    unknown.see(faces(1, 0.1), seen.id)

    assert [face.quality for face in unknown.faces()] == pytest.approx([0.8, 0.7, 0.6, 0.5, 0.1])


def make_old(state: State, face_id: int, *, tried: bool) -> None:
    with state.writing() as connection:
        connection.execute(
            "UPDATE unknown_faces SET layout = 'box', tried = ? WHERE id = ?", (tried, face_id)
        )


def test_a_stranger_is_named_as_somebody_enrolled(unknown: UnknownPeople, state: State) -> None:
    ana = Gallery(state).enrol("Ana", faces(2, 0.5))
    seen = unknown.see(faces(1, 0.2, 0.8))

    assert unknown.name(seen.id, "ANA") == Gallery(state).person(ana.id)

    assert [(one.name, one.sample_count) for one in Gallery(state).people()] == [("Ana", 3)]


def test_a_name_that_is_none_changes_nothing(unknown: UnknownPeople, state: State) -> None:
    seen = unknown.see(faces(1, 0.2))

    with pytest.raises(PeopleError, match="found an empty one"):
        unknown.name(seen.id, "  ")

    assert unknown.people() == [seen]
    assert Gallery(state).people() == []


@pytest.mark.parametrize("action", ["discard", "forget", "outdo"])
def test_what_is_deleted_is_gone_from_the_files(
    unknown: UnknownPeople, tmp_path: Path, action: str
) -> None:
    seen = unknown.see(faces(1, 0.1))
    pixels = encode_crop(faces(1, 0.1)[0].crop)[60:160]
    assert pixels in everything_in(tmp_path)

    if action == "discard":
        assert unknown.discard(seen.id) == seen
    elif action == "forget":
        assert unknown.forget(before=1001.0, keep=10) == 1
    else:
        unknown.see(faces(1, 0.5, 0.6, 0.7, 0.8, 0.9), seen.id)

    assert pixels not in everything_in(tmp_path)


def test_the_old_and_the_too_many_are_forgotten(unknown: UnknownPeople, clock: Clock) -> None:
    kept = []
    for number in range(6):
        clock.now = 1000.0 + number
        kept.append(unknown.see(faces(number, 0.5)).id)

    assert unknown.forget(before=1002.0, keep=100) == 2
    assert unknown.forget(before=0.0, keep=3) == 1
    assert unknown.forget(before=0.0, keep=3) == 0

    assert [person.id for person in unknown.people()] == kept[:2:-1]
    assert len(unknown.faces()) == 3


def test_numbers_of_nobody_are_refused(unknown: UnknownPeople) -> None:
    for refused in (
        lambda: unknown.person(77),
        lambda: unknown.faces(77),
        lambda: unknown.see(faces(1, 0.5), 77),
        lambda: unknown.name(77, "Ana"),
        lambda: unknown.discard(77),
    ):
        with pytest.raises(PeopleError, match="none of number 77"):
            refused()
    assert unknown.people() == []
