"""Recognition on drawn people, with a basis of other drawn people."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.errors import BundleError
from edge_app.core.types import Identity
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis, EigenfaceSpec
from edge_app.vision.recognition.identifier import FaceSample, PeopleIdentifier, identifier_of
from tests.edge_app.conftest import DRAWN_FACE, drawn_picture, write_drawn_basis
from tests.stored import drawn_sample

MOODS = (-0.8, 0.0, 0.8)


def enrolled(basis: EigenfaceBasis, *people: int) -> PeopleIdentifier:
    samples = [
        FaceSample(f"P{person}", drawn_sample(person, mood))
        for person in people
        for mood in (MOODS[0], MOODS[2])
    ]
    return identifier_of(basis, samples)


def seen(identifier: PeopleIdentifier, person: int, mood: float = 0.0) -> Identity:
    return identifier.identify(drawn_picture(person, mood), DRAWN_FACE)


def named(identifier: PeopleIdentifier, people: Sequence[int]) -> list[str | None]:
    return [seen(identifier, person).name for person in people]


def test_enrolled_are_named_and_strangers_are_not(basis: EigenfaceBasis) -> None:
    identifier = enrolled(basis, 1, 2, 3, 4, 5)

    assert named(identifier, [1, 2, 3, 4, 5]) == ["P1", "P2", "P3", "P4", "P5"]
    assert identifier.names == ["P1", "P2", "P3", "P4", "P5"]
    strangers = named(identifier, range(20, 40))
    assert strangers.count(None) >= 18


def test_one_person_alone_does_not_name_everybody(basis: EigenfaceBasis) -> None:
    identifier = enrolled(basis, 1)

    assert named(identifier, [1]) == ["P1"]
    assert named(identifier, range(20, 40)).count(None) >= 18


def test_enrolling_one_more_leaves_the_others_named(basis: EigenfaceBasis) -> None:
    for count in range(2, 8):
        people = list(range(1, count + 1))
        assert named(enrolled(basis, *people), people) == [f"P{person}" for person in people]


def test_an_identity_says_whom_a_face_is_nearest_to_and_how_near(basis: EigenfaceBasis) -> None:
    identifier = enrolled(basis, 1, 2)

    known, stranger = seen(identifier, 1, MOODS[0]), seen(identifier, 9)

    assert (known.name, known.nearest, stranger.name) == ("P1", "P1", None)
    assert stranger.nearest in ("P1", "P2")
    assert known.threshold == stranger.threshold == identifier.threshold
    assert known.margin == known.threshold - known.distance > 0.0 > stranger.margin


def test_embeddings_are_handed_on_where_their_cosine_tells_people_apart(
    basis: EigenfaceBasis,
) -> None:
    assert not basis.by_cosine
    assert seen(enrolled(basis, 1), 1).embedding is None


def test_numbers_of_the_database_go_with_the_names(basis: EigenfaceBasis) -> None:
    projections = np.stack([basis.enrolled(drawn_sample(person)) for person in (1, 2)])
    identifier = PeopleIdentifier(basis, ["Eva", "Ana"], projections, numbers={"Eva": 7})

    assert [seen(identifier, person).person_id for person in (1, 2, 30)] == [7, None, None]


def test_fewer_false_accepts_mean_a_nearer_threshold(basis: EigenfaceBasis) -> None:
    identifier = enrolled(basis, 1, 2, 3)

    thresholds = [identifier.threshold_at(rate) for rate in (0.001, 0.01, 0.1, 0.5)]

    assert thresholds == sorted(thresholds)
    assert thresholds[0] < thresholds[-1]
    assert identifier.threshold == identifier.threshold_at(basis.spec.false_accept_rate)


def test_a_share_of_the_cohort_lies_within_the_threshold(basis: EigenfaceBasis) -> None:
    identifier = enrolled(basis, 1, 2, 3)
    limit = identifier.threshold_at(0.2)
    strangers = [seen(identifier, person).distance <= limit for person in range(200, 300)]

    assert 0.05 < np.mean(strangers) < 0.5


def test_a_rejected_face_is_nobody(basis: EigenfaceBasis) -> None:
    person, wrong = drawn_sample(1, MOODS[0]), drawn_sample(1, 0.0)
    projections = np.stack([basis.enrolled(person)])
    face = basis.project(wrong[np.newaxis])[0]

    before = PeopleIdentifier(basis, ["Ana"], projections)
    after = PeopleIdentifier(basis, ["Ana"], projections, rejected={"Ana": face[np.newaxis]})

    assert before.identify_projection(face).name == "Ana"
    assert after.identify_projection(face).name is None
    assert after.identify_projection(face).nearest == "Ana"
    assert after.identify_projection(projections[0, 0]).name == "Ana"


def test_a_face_that_is_no_number_is_nobody(basis: EigenfaceBasis) -> None:
    identifier = enrolled(basis, 1)

    found = identifier.identify_projection(np.full(20, np.nan, np.float32))

    assert (found.name, found.embedding) == (None, None)
    assert np.isfinite(found.distance) and found.distance > found.threshold


def test_nobody_enrolled_is_a_mistake_of_the_caller(basis: EigenfaceBasis) -> None:
    with pytest.raises(ValueError, match="at least one"):
        identifier_of(basis, [])


def test_a_basis_of_another_kind_of_crop_is_refused(
    basis_xml: Path, identifier_spec: EigenfaceSpec
) -> None:
    with pytest.raises(BundleError, match=r"eigenfaces of 84 pixels \(7056 values\), found 5310"):
        EigenfaceBasis(basis_xml, identifier_spec.model_copy(update={"features": None}))
    with pytest.raises(BundleError, match="expected 21 eigenvectors, found 20"):
        EigenfaceBasis(basis_xml, identifier_spec.model_copy(update={"components": 21}))


def test_what_is_no_basis_is_refused(tmp_path: Path, identifier_spec: EigenfaceSpec) -> None:
    (tmp_path / "text.xml").write_text("no XML")

    for name in ("text.xml", "missing.xml"):
        with pytest.raises(BundleError, match="expected an Eigenfaces XML"):
            EigenfaceBasis(tmp_path / name, identifier_spec)


def test_grey_values_serve_as_features_too(tmp_path: Path, identifier_spec: EigenfaceSpec) -> None:
    grey = identifier_spec.model_copy(update={"features": None})
    write_drawn_basis(tmp_path / "grey.xml", grey)

    identifier = enrolled(EigenfaceBasis(tmp_path / "grey.xml", grey), 1, 2, 3)

    assert [seen(identifier, person).nearest for person in (1, 2, 3)] == ["P1", "P2", "P3"]


def test_bases_of_another_file_or_crop_are_told_apart(
    basis: EigenfaceBasis, basis_xml: Path, identifier_spec: EigenfaceSpec, tmp_path: Path
) -> None:
    changed = tmp_path / "eigenfaces.xml"
    changed.write_bytes(basis_xml.read_bytes() + b"\n")
    wider = identifier_spec.crop.model_copy(update={"span": 3.0})
    looser = identifier_spec.model_copy(update={"max_threshold": 0.5})

    assert EigenfaceBasis(basis_xml, looser).digest == basis.digest
    assert EigenfaceBasis(changed, identifier_spec).digest != basis.digest
    assert EigenfaceBasis(
        basis_xml, identifier_spec.model_copy(update={"crop": wider})
    ).digest != basis.digest  # fmt: skip
