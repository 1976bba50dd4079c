"""Every method that a manifest may choose, on drawn people."""

import logging
from pathlib import Path

import numpy as np
import pytest
from edge_app.vision.recognition.fisherfaces import FisherfaceBasis
from edge_app.vision.recognition.lbph import LbphSpace, LbphSpec

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import PeopleError
from edge_app.enrolment.calibration import calibration_of
from edge_app.enrolment.gallery_identifier import identifier_builder, identifier_for
from edge_app.storage.gallery import Gallery, NewSample
from edge_app.storage.state import State
from edge_app.vision.recognition.eigenfaces import BasisSpec, EigenfaceBasis
from edge_app.vision.recognition.identifier import (
    FaceSample,
    FaceSpace,
    PeopleIdentifier,
    identifier_of,
)
from edge_app.vision.recognition.methods import METHODS, load_space
from tests.edge_app.conftest import DRAWN_FACE, drawn_crop, drawn_picture
from training.recipe import IDENTIFIERS

MOODS = (-0.8, 0.8)


@pytest.fixture(params=METHODS)
def space(request: pytest.FixtureRequest, basis_xml: Path, identifier_spec: BasisSpec) -> FaceSpace:
    return made(request.param, basis_xml, identifier_spec)


def made(method: str, xml: Path, spec: BasisSpec) -> FaceSpace:
    far = spec.model_copy(update={"max_threshold": 1000.0})
    if method == "lbph":
        return LbphSpace(
            LbphSpec(crop=far.crop, false_accept_rate=0.01, max_threshold=far.max_threshold)
        )
    return {"eigenfaces": EigenfaceBasis, "fisherfaces": FisherfaceBasis}[method](xml, far)


def samples(space: FaceSpace, *people: int) -> list[FaceSample]:
    return [
        FaceSample(f"P{person}", drawn_crop(person, mood, space.spec))
        for person in people
        for mood in MOODS
    ]


def named(identifier: PeopleIdentifier, *people: int) -> list[str | None]:
    return [identifier.identify(drawn_picture(person, 0.0), DRAWN_FACE).name for person in people]


def test_the_manifest_chooses_the_method(bundle: Bundle) -> None:
    kinds = {}
    for method, spec in IDENTIFIERS.items():
        manifest = bundle.manifest.model_copy(update={"identifier": spec})
        kinds[method] = type(load_space(Bundle(bundle.folder, manifest)))

    assert kinds == {
        "eigenfaces": EigenfaceBasis, "fisherfaces": FisherfaceBasis, "lbph": LbphSpace
    }  # fmt: skip


def test_enrolled_are_named_and_strangers_are_not(space: FaceSpace) -> None:
    identifier = identifier_of(space, samples(space, 1, 2, 3, 4, 5))

    assert named(identifier, 1, 2, 3, 4, 5) == ["P1", "P2", "P3", "P4", "P5"]
    assert named(identifier, *range(20, 40)).count(None) >= 17


def test_an_identity_says_how_near_it_was_to_the_threshold(space: FaceSpace) -> None:
    identifier = identifier_of(space, samples(space, 1, 2, 3, 4, 5))

    known = identifier.identify(drawn_picture(1, 0.0), DRAWN_FACE)
    stranger = max(
        (identifier.identify(drawn_picture(seed, 0.0), DRAWN_FACE) for seed in range(20, 40)),
        key=lambda identity: identity.distance,
    )

    assert known.threshold == stranger.threshold == identifier.threshold
    assert known.margin == known.threshold - known.distance > 0.0 > stranger.margin


def test_fewer_false_accepts_mean_a_nearer_threshold(space: FaceSpace) -> None:
    identifier = identifier_of(space, samples(space, 1, 2, 3, 4, 5))

    thresholds = [identifier.threshold_at(rate) for rate in (0.001, 0.05, 0.5)]

    assert thresholds == sorted(thresholds) and thresholds[0] < thresholds[-1]


def test_a_rejected_face_is_nobody(space: FaceSpace) -> None:
    enrolled = samples(space, 1, 2, 3)
    projections = np.stack([space.enrolled(sample.crop) for sample in enrolled])
    wrong = space.project(drawn_crop(2, 0.0, space.spec)[np.newaxis])
    names = [sample.name for sample in enrolled]

    identifier = PeopleIdentifier(space, names, projections, rejected={"P2": wrong})

    assert named(identifier, 1, 2, 3) == ["P1", None, "P3"]
    assert identifier.identify_crop(enrolled[2].crop).name == "P2"


def test_people_of_the_database_are_known_and_their_threshold_is_drawn(
    space: FaceSpace, tmp_path: Path
) -> None:
    with State(tmp_path) as state:
        gallery = Gallery(state)
        for person in range(1, 5):
            crops = [sample.crop for sample in samples(space, person)]
            gallery.enrol(f"P{person}", [NewSample(crop, 0.5, "camera") for crop in crops])
        for _ in range(2):  # projected, and then read back
            identifier = identifier_for(gallery, space)
            assert identifier is not None
            assert named(identifier, 1, 2, 3, 4) == ["P1", "P2", "P3", "P4"]
        points = calibration_of(gallery, space)

    shares = [point.recognised for point in points]
    assert shares == sorted(shares) and shares[-1] > 0.0


def test_fisherfaces_name_nobody_before_there_are_two(
    basis_xml: Path,
    identifier_spec: BasisSpec,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    space = made("fisherfaces", basis_xml, identifier_spec)
    with pytest.raises(PeopleError, match="two people or more"):
        identifier_of(space, samples(space, 1))

    with State(tmp_path) as state, caplog.at_level(logging.WARNING):
        gallery, build = Gallery(state), identifier_builder(lambda: space)
        for person in (1, 2):
            crops = [sample.crop for sample in samples(space, person)]
            gallery.enrol(f"P{person}", [NewSample(crop, 0.5, "camera") for crop in crops])
            identifier = build(gallery)
            assert (identifier is None) == (person == 1)
    assert "nobody is named" in caplog.text


def test_lbph_holds_one_person_alone_against_the_manifests_limit(
    basis_xml: Path, identifier_spec: BasisSpec
) -> None:
    space = made("lbph", basis_xml, identifier_spec)

    assert identifier_of(space, samples(space, 1)).threshold == space.spec.max_threshold
