"""Recognition on drawn people, with a basis of other drawn people."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from edge_app.bundle.manifest import IdentifierSpec
from edge_app.core.errors import BundleError
from edge_app.core.types import FloatArray, GrayImage
from edge_app.enrolment.gallery_identifier import identifier_for
from edge_app.storage.gallery import Gallery, NewSample
from edge_app.storage.state import State
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from edge_app.vision.recognition.identifier import FaceSample, PeopleIdentifier, identifier_of
from tests.edge_app.conftest import DRAWN_FACE, drawn_crop, drawn_picture
from training.eigenfaces import train_basis

MOODS = (-0.8, 0.0, 0.8)


def enrolled(basis: EigenfaceBasis, *people: int) -> PeopleIdentifier:
    samples = [
        FaceSample(f"P{person}", drawn_crop(person, mood, basis.spec))
        for person in people
        for mood in (MOODS[0], MOODS[2])
    ]
    return identifier_of(basis, samples)


def named(identifier: PeopleIdentifier, people: Sequence[int]) -> list[str | None]:
    return [identifier.identify(drawn_picture(person, 0.0), DRAWN_FACE).name for person in people]


def test_enrolled_are_named_and_strangers_are_not(basis: EigenfaceBasis) -> None:
    identifier = enrolled(basis, 1, 2, 3, 4, 5)

    assert named(identifier, [1, 2, 3, 4, 5]) == ["P1", "P2", "P3", "P4", "P5"]
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


def test_the_same_picture_is_nearest(basis: EigenfaceBasis) -> None:
    identity = enrolled(basis, 1, 2).identify(drawn_picture(1, MOODS[0]), DRAWN_FACE)

    assert identity.name == "P1"
    assert identity.margin > 0.0
    assert (
        identity.distance
        < enrolled(basis, 1, 2).identify(drawn_picture(9, 0.0), DRAWN_FACE).distance
    )


def test_fewer_false_accepts_mean_a_nearer_threshold(basis: EigenfaceBasis) -> None:
    identifier = enrolled(basis, 1, 2, 3)

    thresholds = [identifier.threshold_at(rate) for rate in (0.001, 0.01, 0.1, 0.5)]

    assert thresholds == sorted(thresholds)
    assert thresholds[0] < thresholds[-1]
    assert identifier.threshold == identifier.threshold_at(basis.spec.false_accept_rate)


def test_a_share_of_the_cohort_lies_within_the_threshold(basis: EigenfaceBasis) -> None:
    identifier = enrolled(basis, 1, 2, 3)
    limit = identifier.threshold_at(0.2)
    strangers = [
        identifier.identify(drawn_picture(seed, 0.0), DRAWN_FACE).distance <= limit
        for seed in range(200, 300)
    ]

    assert 0.05 < np.mean(strangers) < 0.5


def test_a_rejected_face_is_nobody(basis: EigenfaceBasis) -> None:
    person, wrong = drawn_crop(1, MOODS[0], basis.spec), drawn_crop(1, 0.0, basis.spec)
    projections = np.stack([basis.enrolled(person)])
    face = basis.project(wrong[np.newaxis])[0]

    before = PeopleIdentifier(basis, ["Ana"], projections)
    after = PeopleIdentifier(basis, ["Ana"], projections, rejected={"Ana": face[np.newaxis]})

    assert before.identify_projection(face).name == "Ana"
    assert after.identify_projection(face).name is None
    assert after.identify_projection(projections[0, 0]).name == "Ana"


def test_nobody_enrolled_is_a_mistake_of_the_caller(basis: EigenfaceBasis) -> None:
    with pytest.raises(ValueError, match="at least one"):
        identifier_of(basis, [])


def test_a_basis_of_another_kind_of_crop_is_refused(
    basis_xml: Path, identifier_spec: IdentifierSpec
) -> None:
    with pytest.raises(BundleError, match=r"eigenfaces of 84 pixels \(7056 values\), found 5310"):
        EigenfaceBasis(basis_xml, identifier_spec.model_copy(update={"features": None}))
    with pytest.raises(BundleError, match="expected 21 eigenvectors, found 20"):
        EigenfaceBasis(basis_xml, identifier_spec.model_copy(update={"components": 21}))


def test_what_is_no_basis_is_refused(tmp_path: Path, identifier_spec: IdentifierSpec) -> None:
    (tmp_path / "text.xml").write_text("no XML")

    for name in ("text.xml", "missing.xml"):
        with pytest.raises(BundleError, match="expected an Eigenfaces XML"):
            EigenfaceBasis(tmp_path / name, identifier_spec)


def test_grey_values_serve_as_features_too(tmp_path: Path, identifier_spec: IdentifierSpec) -> None:
    grey = identifier_spec.model_copy(update={"features": None})
    strangers = np.stack([drawn_crop(seed, 0.0, grey) for seed in range(100, 160)])
    train_basis(strangers, grey, tmp_path / "grey.xml")

    identifier = enrolled(EigenfaceBasis(tmp_path / "grey.xml", grey), 1, 2, 3)

    faces = np.stack([drawn_crop(person, 0.0, grey) for person in (1, 2, 3)])
    nearest = [identifier.nearest(face)[0] for face in identifier.space.project(faces)]
    assert nearest == ["P1", "P2", "P3"]


class CountingBasis(EigenfaceBasis):
    count = 0

    def enrolled(self, crop: GrayImage) -> FloatArray:
        self.count += 1
        return super().enrolled(crop)


def new_samples(person: int, identifier_spec: IdentifierSpec) -> list[NewSample]:
    return [
        NewSample(drawn_crop(person, mood, identifier_spec), 0.5, "camera")
        for mood in (MOODS[0], MOODS[2])
    ]


def test_identifier_of_a_gallery_projects_only_what_is_new(
    basis_xml: Path, identifier_spec: IdentifierSpec, tmp_path: Path
) -> None:
    basis = CountingBasis(basis_xml, identifier_spec)
    with State(tmp_path) as state:
        gallery = Gallery(state)
        assert identifier_for(gallery, basis) is None
        gallery.enrol("Ana", new_samples(1, identifier_spec))
        assert identifier_for(gallery, basis) is not None
        eva = gallery.enrol("Eva", new_samples(2, identifier_spec))
        identifier = identifier_for(gallery, basis)

        assert basis.count == 4
        assert identifier is not None
        assert named(identifier, [1, 2, 30]) == ["Ana", "Eva", None]
        known, stranger = (
            identifier.identify_crop(drawn_crop(seed, 0.0, identifier_spec)) for seed in (2, 30)
        )
        assert (known.person_id, stranger.person_id) == (eva.id, None)

        gallery.rejections.add(eva.id, drawn_crop(2, 0.0, identifier_spec))
        identifier = identifier_for(gallery, basis)
        assert identifier is not None
        assert named(identifier, [1, 2]) == ["Ana", None]

        gallery.rejections.delete_of(eva.id)
        identifier = identifier_for(gallery, basis)
        assert identifier is not None
        assert named(identifier, [1, 2]) == ["Ana", "Eva"]


def test_another_basis_projects_everybody_anew(
    basis_xml: Path, identifier_spec: IdentifierSpec, tmp_path: Path
) -> None:
    first = CountingBasis(basis_xml, identifier_spec)
    second = CountingBasis(basis_xml, identifier_spec.model_copy(update={"components": 15}))
    with State(tmp_path) as state:
        gallery = Gallery(state)
        gallery.enrol("Ana", new_samples(1, identifier_spec))
        identifier_for(gallery, first)
        identifier = identifier_for(gallery, second)

    assert first.count == second.count == 2
    assert identifier is not None
    assert named(identifier, [1]) == ["Ana"]
