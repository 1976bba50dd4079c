import pytest

from edge_app.enrolment.resemblance import (
    likenesses,
    look_alikes,
    means_of,
    naming_cosine,
    whose,
)
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from edge_app.vision.recognition.identifier import FaceSample
from tests.embedded import same, striped_samples, striped_space
from tests.stored import drawn_sample, new_sample

SPACE = striped_space()


@pytest.mark.parametrize(
    ("cosine", "count", "belongs"),
    [(0.52, 3, True), (0.48, 3, False), (0.48, 2, True), (0.48, 1, True), (0.43, 1, False)],
)
def test_faces_belong_to_whom_their_mean_is_near(
    gallery: Gallery, cosine: float, count: int, belongs: bool
) -> None:
    ana = gallery.enrol("Ana", striped_samples(1.0))
    gallery.enrol("Eva", striped_samples(0.0, 1.0))

    found = whose(gallery, SPACE, same(striped_samples(cosine, 0.2, count=count)))

    assert (found is not None and found.person) == (ana if belongs else False)
    if found is not None:
        assert found.similarity == pytest.approx(cosine, abs=0.02)
        assert str(found) == f"Ana ({cosine})"


def test_the_rate_of_false_accepts_counts_for_a_single_face(gallery: Gallery) -> None:
    gallery.enrol("Ana", striped_samples(1.0))
    face = same(striped_samples(0.43, count=1))

    assert naming_cosine(SPACE, 0.1) == 0.40
    assert whose(gallery, SPACE, face) is None
    assert whose(gallery, SPACE, face, 0.1) is not None


def test_in_a_gallery_of_nobody_faces_are_nobodys(gallery: Gallery) -> None:
    gallery.enrol("Ana", [])

    assert whose(gallery, SPACE, same(striped_samples(1.0))) is None


def test_without_cosines_faces_belong_to_whom_they_are_named_after(
    gallery: Gallery, basis: EigenfaceBasis
) -> None:
    moods = (-0.8, -0.3, 0.3, 0.8)
    for person in (1, 2):
        gallery.enrol(str(person), [new_sample(person, mood=mood) for mood in moods])

    found = whose(gallery, basis, [drawn_sample(2, mood) for mood in (-0.5, 0.0, 0.5)])

    assert found is not None
    assert str(found) == "2"
    assert whose(gallery, basis, [drawn_sample(7)]) is None
    assert means_of(gallery, basis) is None


def test_strangers_look_like_whom_they_nearly_are(gallery: Gallery, state: State) -> None:
    unknown = UnknownPeople(state)
    near = unknown.see(striped_samples(0.44, 0.1))
    unknown.see(striped_samples(0.35, 0.1))
    assert likenesses(gallery, unknown, SPACE) == {}

    gallery.enrol("Ana", striped_samples(1.0))

    assert likenesses(gallery, unknown, SPACE) == {near.id: "Ana"}


@pytest.mark.parametrize(
    ("cosine", "count", "alike"), [(0.52, 3, True), (0.47, 3, False), (0.47, 2, True)]
)
def test_two_names_of_one_person_are_told(cosine: float, count: int, alike: bool) -> None:
    cosines = {"Ana": (1.0,), "Eva": (0.0, 1.0), "Twin": (cosine, 0.2)}
    samples = [
        FaceSample(name, crop)
        for name, embedding in cosines.items()
        for crop in same(striped_samples(*embedding, count=count))
    ]

    found = list(look_alikes(samples, SPACE))

    assert [pair[:2] for pair in found] == ([("Ana", "Twin")] if alike else [])


def test_two_names_are_not_compared_without_cosines(basis: EigenfaceBasis) -> None:
    samples = [FaceSample(name, drawn_sample(1)) for name in ("Ana", "Twin")]

    assert list(look_alikes(samples, basis)) == []
