import json
from typing import get_args

import pytest

from edge_app.core.i18n import LANGUAGES, translate
from edge_app.enrolment.health import Finding, Kind, check
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from tests.embedded import striped_sample, striped_samples, striped_space, vector
from tests.stored import new_sample

SPACE = striped_space()


def person(gallery: Gallery, name: str, *axes: int) -> list[int]:
    """Samples near axis 0, say, each with a part of its own, so that no two are nearly the same."""
    samples = []
    for place, axis in enumerate(axes):
        cosines = [0.0] * 12
        cosines[axis], cosines[6 + place] = 0.9, 0.4
        samples.append(striped_sample(vector(*cosines)))
    number = gallery.enrol(name, samples).id
    return [sample.id for sample in gallery.samples(number)]


def kinds(found: list[Finding]) -> list[str]:
    return [finding.kind for finding in found]


def test_nothing_is_found_where_nothing_is_wrong(gallery: Gallery) -> None:
    person(gallery, "Ana", 0, 0, 0)
    person(gallery, "Eva", 1, 1, 1)

    assert check(gallery, SPACE) == []


def test_a_sample_that_is_somebody_elses_is_named(gallery: Gallery) -> None:
    numbers = person(gallery, "Ana", 0, 0, 0, 0, 0, 1)
    person(gallery, "Eva", 1, 1, 1)

    *_, found = check(gallery, SPACE)

    assert (found.kind, found.person.name, found.samples) == ("like_other", "Ana", (numbers[5],))
    assert found.other is not None and found.other.name == "Eva"
    assert found.similarity is not None and found.similarity > 0.8
    assert found.people == (found.person,)


def test_samples_of_two_people_under_one_name_are_told(gallery: Gallery) -> None:
    numbers = person(gallery, "Two", 0, 0, 0, 1, 1)

    (found,) = check(gallery, SPACE)

    assert (found.kind, found.person.name, found.samples) == ("two_people", "Two", (*numbers[3:],))
    assert found.similarity == pytest.approx(0.0, abs=0.1)


def test_two_people_who_are_hard_to_tell_apart_are_a_pair(gallery: Gallery) -> None:
    gallery.enrol("Ana", [striped_sample(vector(0.93, 0.0, part)) for part in (0.35, 0, -0.35)])
    gallery.enrol("Eva", [striped_sample(vector(0.42, 0.85, part)) for part in (0.3, 0.0, -0.3)])

    found = check(gallery, SPACE)

    assert kinds(found) == ["hard_to_tell"]
    assert found[0].record()["other"] == "Eva"
    assert [person.name for person in found[0].people] == ["Ana", "Eva"]


def test_samples_that_are_nearly_the_same_are_a_remark_and_last(gallery: Gallery) -> None:
    gallery.enrol("Ana", striped_samples(1.0))
    gallery.enrol("Eva", striped_samples(0.0, 1.0, count=1))

    found = check(gallery, SPACE)

    assert kinds(found) == ["few_samples", "nearly_same"]
    assert len(found[1].samples) == 3


def test_what_could_not_be_aligned_is_named_and_not_counted(gallery: Gallery, state: State) -> None:
    numbers = person(gallery, "Ana", 0, 0, 0)
    with state.writing() as connection:
        connection.execute("UPDATE samples SET layout = 'box' WHERE id = ?", (numbers[1],))

    few, unaligned = check(gallery, SPACE)

    assert (few.kind, few.samples) == ("few_samples", (numbers[0], numbers[2]))
    assert (unaligned.kind, unaligned.samples) == ("not_aligned", (numbers[1],))


def test_somebody_without_samples_has_too_few(gallery: Gallery) -> None:
    gallery.enrol("Ana", [])

    assert kinds(check(gallery, SPACE)) == ["few_samples"]


def test_eigenfaces_tell_only_of_what_is_counted(gallery: Gallery, basis: EigenfaceBasis) -> None:
    gallery.enrol("Ana", [new_sample(1)] * 3)
    gallery.enrol("Eva", [new_sample(1)])

    assert kinds(check(gallery, basis)) == ["few_samples"]


def test_every_kind_has_its_words_and_goes_into_json(gallery: Gallery) -> None:
    ana, eva = gallery.enrol("Ana", []), gallery.enrol("Eva", [])
    for kind in get_args(Kind):
        found = Finding(kind, ana, (1, 2), eva, 0.43)
        for language in LANGUAGES:
            words = translate(found.text, language).format(**found.values())
            assert "Ana" in words
        assert json.loads(json.dumps(found.record()))["samples"] == [1, 2]
