from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.errors import PeopleError
from edge_app.core.types import ColorImage
from edge_app.storage.crops import decode_crop, encode_crop
from edge_app.storage.gallery import Gallery, NewSample
from edge_app.storage.people import MAX_NAME_LENGTH
from edge_app.storage.state import State
from tests.stored import new_sample, quality


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path) as state:
        yield state


@pytest.fixture
def gallery(state: State) -> Gallery:
    return Gallery(state, clock=lambda: 1000.0)


def samples(seed: int, count: int = 2) -> list[NewSample]:
    return [new_sample(seed, mood=mood) for mood in np.linspace(-1, 1, count)]


def stored(crop: ColorImage) -> ColorImage:
    """A crop as it comes back: what is stored is not exact."""
    return decode_crop(encode_crop(crop))


def test_enrolled_people_come_back_as_they_went_in(gallery: Gallery) -> None:
    person = gallery.enrol("Begoña", samples(1))

    assert gallery.people() == [person]
    assert (person.name, person.created_at, person.sample_count) == ("Begoña", 1000.0, 2)
    first, second = gallery.samples(person.id)
    np.testing.assert_array_equal(first.crop, stored(samples(1)[0].crop))
    assert (second.quality, second.measured) == (quality().score, quality())
    assert (second.layout, second.origin, second.person_id) == ("aligned", "camera", person.id)


@pytest.mark.parametrize("name", ["Íñigo", "李小龙", "محمد", "Ana  María ", "../../etc/passwd"])
def test_names_of_any_script_are_kept(gallery: Gallery, name: str) -> None:
    person = gallery.enrol(name, samples(1))

    assert person.name == " ".join(name.split())
    assert gallery.find(name) == person


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "found an empty one"),
        (" \t\n", "found an empty one"),
        ("a" * 300, f"at most {MAX_NAME_LENGTH} characters, found 300"),
        ("Ana\x1b[31m", "control characters"),
    ],
)
def test_names_that_are_none_are_refused(gallery: Gallery, name: str, message: str) -> None:
    with pytest.raises(PeopleError, match=message):
        gallery.enrol(name, samples(1))

    assert gallery.people() == []


@pytest.mark.parametrize("second", ["Íñigo", "íÑIGO", "I\u0301n\u0303igo", " Íñigo"])
def test_two_people_under_one_name_are_refused(gallery: Gallery, second: str) -> None:
    gallery.enrol("Íñigo", samples(1))

    with pytest.raises(PeopleError, match="enrolled already"):
        gallery.enrol(second, samples(2))

    assert [person.sample_count for person in gallery.people()] == [2]


def test_unknown_name_lists_who_is_there(gallery: Gallery) -> None:
    gallery.enrol("Ana", samples(1))

    with pytest.raises(PeopleError, match="nobody called 'Eva'; enrolled: Ana"):
        gallery.find("Eva")


def test_free_name_is_the_next_number(gallery: Gallery) -> None:
    gallery.add_person("Persona 1")
    gallery.add_person("persona 2")

    assert gallery.free_name("Persona") == "Persona 3"


def test_samples_are_added_and_taken_away(gallery: Gallery) -> None:
    person = gallery.add_person("Ana")
    assert gallery.add_samples(person.id, samples(1, 3)).sample_count == 3

    gallery.delete_sample(gallery.samples(person.id)[0].id)

    assert gallery.person(person.id).sample_count == 2


def test_rename_keeps_samples(gallery: Gallery) -> None:
    person = gallery.enrol("Persona 4", samples(1))

    renamed = gallery.rename(person.id, "Ana")

    assert renamed.name == "Ana"
    assert len(gallery.samples(person.id)) == 2
    assert gallery.rename(person.id, "ANA").name == "ANA"


def test_rename_to_a_taken_name_is_refused(gallery: Gallery) -> None:
    person = gallery.enrol("Eva", samples(1))
    gallery.enrol("Ana", samples(2))

    with pytest.raises(PeopleError, match="enrolled already"):
        gallery.rename(person.id, "ana")

    assert [person.name for person in gallery.people()] == ["Ana", "Eva"]


def visit(state: State, person_id: int) -> None:
    with state.writing() as connection:
        cursor = connection.execute(
            "INSERT INTO visits (person_id, track_id, started_at, ended_at) VALUES (?, 1, 0, 9)",
            (person_id,),
        )
        connection.execute(
            "INSERT INTO visit_emotions VALUES (?, 'happy', 0, 9)", (cursor.lastrowid,)
        )


def count(state: State, table: str) -> int:
    with state.reading() as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_merge_moves_samples_and_visits(gallery: Gallery, state: State) -> None:
    ana, double = gallery.enrol("Ana", samples(1)), gallery.enrol("Persona 1", samples(1))
    visit(state, double.id)

    merged = gallery.merge(ana.id, double.id)

    assert gallery.people() == [merged]
    assert merged.sample_count == 4
    assert count(state, "visits") == 1


def test_merge_with_oneself_is_refused(gallery: Gallery) -> None:
    ana = gallery.enrol("Ana", samples(1))

    with pytest.raises(PeopleError, match="two different people"):
        gallery.merge(ana.id, ana.id)

    assert gallery.people() == [ana]


def test_delete_removes_everything_of_a_person_and_nothing_else(
    gallery: Gallery, state: State
) -> None:
    ana, eva = gallery.enrol("Ana", samples(1)), gallery.enrol("Eva", samples(2))
    visit(state, ana.id)
    visit(state, eva.id)

    assert gallery.delete(ana.id) == ana

    assert gallery.people() == [eva]
    assert count(state, "samples") == 2
    assert count(state, "visits") == count(state, "visit_emotions") == 1


@pytest.mark.parametrize("action", ["delete", "rename", "delete samples", "delete corrections"])
def test_deleted_bytes_are_gone_from_the_files(
    gallery: Gallery, state: State, tmp_path: Path, action: str
) -> None:
    person = gallery.enrol("Zuriñe Etxeberria", samples(1))
    gallery.enrol("Ana", samples(2))
    gallery.rejections.add(person.id, samples(3)[0].crop)
    gone = samples(3 if action == "delete corrections" else 1)[0].crop
    secret = "Zuriñe".encode() if action == "rename" else encode_crop(gone)[60:160]
    assert secret in everything_in(tmp_path)

    if action == "delete":
        gallery.delete(person.id)
        assert "Zuriñe".encode() not in everything_in(tmp_path)
    elif action == "rename":
        gallery.rename(person.id, "Eva")
    elif action == "delete corrections":
        gallery.rejections.delete_of(person.id)
    else:
        for sample in gallery.samples(person.id):
            gallery.delete_sample(sample.id)

    assert secret not in everything_in(tmp_path)


def everything_in(folder: Path) -> bytes:
    """The database and its log, byte for byte."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_corrections_are_counted_and_deleted(gallery: Gallery, state: State) -> None:
    ana, eva = gallery.add_person("Ana"), gallery.add_person("Eva")
    for crop in (samples(3)[0].crop, samples(4)[0].crop):
        gallery.rejections.add(ana.id, crop)
    gallery.rejections.add(eva.id, samples(5)[0].crop)
    assert [person.rejection_count for person in gallery.people()] == [2, 1]
    first, second = gallery.rejections.faces(ana.id)
    np.testing.assert_array_equal(first.crop, stored(samples(3)[0].crop))
    assert (first.person_id, first.created_at) == (ana.id, 1000.0)

    gallery.rejections.delete(first.id)
    assert [rejection.id for rejection in gallery.rejections.faces(ana.id)] == [second.id]
    assert gallery.rejections.delete_of(ana.id) == 1
    assert [rejection.person_id for rejection in gallery.rejections.faces()] == [eva.id]
    gallery.merge(ana.id, eva.id)
    assert gallery.person(ana.id).rejection_count == 1
    gallery.delete(ana.id)
    assert count(state, "rejections") == 0


def test_old_corrections_are_forgotten_and_gone_from_the_files(
    gallery: Gallery, state: State, tmp_path: Path
) -> None:
    ana = gallery.add_person("Ana")
    gallery.rejections.add(ana.id, samples(3)[0].crop)
    Gallery(state, clock=lambda: 2000.0).rejections.add(ana.id, samples(4)[0].crop)
    pixels = encode_crop(samples(3)[0].crop)[60:160]
    assert pixels in everything_in(tmp_path)

    revision = gallery.revision
    assert gallery.rejections.forget(before=1500.0) == 1
    assert gallery.revision > revision  # the running kiosk notices
    assert pixels not in everything_in(tmp_path)
    assert [rejection.created_at for rejection in gallery.rejections.faces()] == [2000.0]
    assert gallery.rejections.forget(before=1500.0) == 0


def test_another_process_notices_changes_by_the_revision(gallery: Gallery, tmp_path: Path) -> None:
    with State(tmp_path) as other_state:
        other = Gallery(other_state)
        seen = [other.revision]
        person = gallery.enrol("Ana", samples(1))
        seen.append(other.revision)
        gallery.rename(person.id, "Eva")
        seen.append(other.revision)
        gallery.delete_sample(gallery.samples()[0].id)
        seen.append(other.revision)
        gallery.delete(person.id)
        seen.append(other.revision)

    assert sorted(set(seen)) == seen


@pytest.mark.parametrize(
    "method",
    [
        "person",
        "delete",
        "samples",
        "delete_sample",
        "rejections.faces",
        "rejections.delete",
        "rejections.delete_of",
    ],
)
def test_numbers_of_nobody_are_refused(gallery: Gallery, method: str) -> None:
    with pytest.raises(PeopleError, match="of number 77"):
        attrgetter(method)(gallery)(77)
