"""Every method that a manifest may choose, on drawn people."""

from pathlib import Path

import numpy as np
import pytest

from edge_app.bundle.loader import Bundle
from edge_app.vision.parts import RecognitionSettings, load_space
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis, EigenfaceSpec
from edge_app.vision.recognition.identifier import (
    FaceSample,
    FaceSpace,
    PeopleIdentifier,
    identifier_of,
)
from edge_app.vision.recognition.methods import METHODS
from edge_app.vision.recognition.sface import SfaceSpace
from tests.edge_app.conftest import DRAWN_FACE, drawn_picture
from tests.stored import drawn_sample

MOODS = (-0.8, 0.8)


@pytest.fixture(params=METHODS)
def space(
    request: pytest.FixtureRequest, bundle: Bundle, basis_xml: Path, identifier_spec: EigenfaceSpec
) -> FaceSpace:
    """sface: real people's, to whom the drawn ones all look alike, so with the strictest rate."""
    if request.param == "eigenfaces":
        far = identifier_spec.model_copy(update={"max_threshold": 1000.0})
        return EigenfaceBasis(basis_xml, far)
    return load_space(bundle, RecognitionSettings(method=request.param))


def samples(*people: int) -> list[FaceSample]:
    return [
        FaceSample(f"P{person}", drawn_sample(person, mood)) for person in people for mood in MOODS
    ]


def nearest(identifier: PeopleIdentifier, *people: int) -> list[str | None]:
    return [
        identifier.identify(drawn_picture(person, 0.0), DRAWN_FACE).nearest for person in people
    ]


def test_there_is_a_test_for_every_method(bundle: Bundle) -> None:
    kinds = {
        kind: type(load_space(bundle, RecognitionSettings.model_validate({"method": kind})))
        for kind in METHODS
    }

    assert kinds == {"sface": SfaceSpace, "eigenfaces": EigenfaceBasis}


def test_people_are_nearest_to_themselves(space: FaceSpace) -> None:
    identifier = identifier_of(space, samples(1, 2, 3, 4, 5))

    assert nearest(identifier, 1, 2, 3, 4, 5) == ["P1", "P2", "P3", "P4", "P5"]


def test_fewer_false_accepts_mean_a_nearer_threshold(space: FaceSpace) -> None:
    identifier = identifier_of(space, samples(1, 2, 3, 4, 5))

    thresholds = [identifier.threshold_at(rate) for rate in (0.001, 0.01, 0.05)]

    assert thresholds == sorted(thresholds) and thresholds[0] < thresholds[-1]


def test_a_rejected_face_is_nobody(space: FaceSpace) -> None:
    enrolled = samples(1, 2, 3)
    projections = np.stack([space.enrolled(sample.crop) for sample in enrolled])
    wrong = space.project(drawn_sample(2)[np.newaxis])
    names = [sample.name for sample in enrolled]

    identifier = PeopleIdentifier(space, names, projections, rejected={"P2": wrong})

    assert identifier.identify_projection(wrong[0]).name is None
    assert identifier.identify_sample(enrolled[2].crop).name == "P2"


def test_many_faces_are_projected_as_each_alone(space: FaceSpace) -> None:
    faces = np.stack([drawn_sample(person) for person in (1, 2, 3)])

    together = space.project(faces)

    for face, projection in zip(faces, together, strict=True):
        np.testing.assert_allclose(space.project(face[np.newaxis])[0], projection, atol=1e-4)


def test_the_sample_itself_comes_first_of_what_is_enrolled(space: FaceSpace) -> None:
    face = drawn_sample(1)
    matcher = space.matcher(
        [0, 1], np.stack([space.enrolled(face), space.enrolled(drawn_sample(2))])
    )

    own, other = matcher.distances(
        space.project(face[np.newaxis])[0],
        np.stack([space.enrolled(drawn_sample(person))[0] for person in (1, 2)]),
    )

    assert own < other
    assert own < 0.1
