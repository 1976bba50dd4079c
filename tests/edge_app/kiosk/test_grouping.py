from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_app.kiosk.grouping import Grouping
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis, EigenfaceSpec
from tests.embedded import same, striped_samples, striped_space
from tests.stored import new_sample

MOODS = (-0.8, -0.3, 0.3, 0.8)


@pytest.fixture
def unknown(tmp_path: Path) -> Iterator[UnknownPeople]:
    with State(tmp_path) as state:
        yield UnknownPeople(state)


@pytest.mark.parametrize(("cosine", "is_same"), [(0.50, True), (0.43, False)])
def test_whoever_is_near_enough_came_before(
    unknown: UnknownPeople, cosine: float, is_same: bool
) -> None:
    grouping = Grouping(striped_space)
    unknown.see(striped_samples(0.0, 1.0))
    before = unknown.see(striped_samples(1.0))

    found = grouping.number_of(same(striped_samples(cosine, 0.1)), unknown)

    assert found == (before.id if is_same else None)


def test_one_who_comes_and_goes_all_day_is_one(unknown: UnknownPeople) -> None:
    grouping = Grouping(striped_space)
    looks = [striped_samples(0.8, *[0.0] * axis, 0.4) for axis in range(1, 8)]

    for faces in looks * 2:
        unknown.see(faces, grouping.number_of(same(faces), unknown))

    (stranger,) = unknown.people()
    assert stranger.sightings == 14


def test_where_nobody_was_kept_everybody_is_new(unknown: UnknownPeople) -> None:
    def no_space() -> EigenfaceBasis:
        raise AssertionError("nobody to compare with")

    assert Grouping(no_space).number_of(same(striped_samples(1.0)), unknown) is None


def test_a_stranger_is_known_again_on_the_basis_of_another_bundle(
    unknown: UnknownPeople, basis: EigenfaceBasis, basis_xml: Path, identifier_spec: EigenfaceSpec
) -> None:
    shorter = identifier_spec.model_copy(update={"components": 15})
    bases = [basis, EigenfaceBasis(basis_xml, shorter)]
    grouping = Grouping(lambda: bases[0])
    one, another = ([new_sample(person, mood=mood) for mood in MOODS] for person in (1, 2))
    stranger = unknown.see(one)
    assert grouping.number_of(same(one), unknown) == stranger.id
    other = unknown.see(another)
    bases.pop(0)
    assert grouping.number_of(same(one), unknown) == stranger.id != other.id
