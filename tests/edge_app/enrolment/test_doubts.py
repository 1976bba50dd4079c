from functools import partial

import pytest

from edge_app.core.types import ColorImage
from edge_app.enrolment.doubts import doubt_about
from edge_app.storage.gallery import Gallery
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from edge_app.vision.recognition.identifier import FaceSpace
from tests.embedded import same, striped_samples, striped_space
from tests.stored import drawn_sample, new_sample

ANA, EVA = (1.0,), (0.0, 1.0)


def pictures(*cosines: float, count: int = 3) -> list[ColorImage]:
    return same(striped_samples(*cosines, count=count))


def unread() -> FaceSpace:
    raise AssertionError("there is nothing to compare")


def test_one_picture_of_the_first_person_is_compared_with_nothing(gallery: Gallery) -> None:
    assert doubt_about(gallery, unread, pictures(*ANA, count=1)) is None
    assert doubt_about(gallery, unread, []) is None


def test_pictures_of_two_people_are_doubted_with_nobody_enrolled_too(gallery: Gallery) -> None:
    mixed = [*pictures(*ANA), *pictures(*EVA)]

    doubt = doubt_about(gallery, striped_space, mixed)

    assert doubt is not None and (doubt.kind, doubt.person) == ("two_people", None)
    assert doubt.sentence.startswith("expected pictures of one person, found what looks like two")
    assert doubt_about(gallery, striped_space, pictures(*ANA)) is None


def test_whoever_looks_like_another_is_told_so_first(gallery: Gallery) -> None:
    ana = gallery.enrol("Ana", striped_samples(*ANA))
    eva = gallery.enrol("Eva", striped_samples(*EVA))
    doubts = partial(doubt_about, gallery, striped_space, pictures(*ANA))

    for person in (eva, None):
        doubt = doubts(person)
        assert doubt is not None and (doubt.kind, doubt.person) == ("looks_like", ana)
        assert str(doubt) == "looks like Ana (1.00)"
    assert doubts(ana) is None


@pytest.mark.parametrize(
    ("cosine", "count", "doubted"),
    [(0.3, 3, True), (0.43, 3, False), (0.3, 1, False), (0.1, 1, True)],
)
def test_pictures_unlike_a_persons_samples_are_doubted(
    gallery: Gallery, cosine: float, count: int, doubted: bool
) -> None:
    ana = gallery.enrol("Ana", striped_samples(*ANA))

    doubt = doubt_about(gallery, striped_space, pictures(cosine, count=count), ana)

    assert (doubt is not None) is doubted
    if doubt is not None:
        assert (doubt.kind, doubt.person) == ("unlike", ana)
        assert str(doubt) == f"does not look like Ana ({cosine:.2f})"


def test_of_somebody_without_samples_nothing_is_unlike(gallery: Gallery) -> None:
    ana = gallery.enrol("Ana", [])

    assert doubt_about(gallery, striped_space, pictures(*EVA), ana) is None


def test_without_cosines_it_is_seen_whom_faces_are_named_after(
    gallery: Gallery, basis: EigenfaceBasis
) -> None:
    for person in (1, 2):
        moods = (-0.8, -0.3, 0.3, 0.8)
        gallery.enrol(str(person), [new_sample(person, mood=mood) for mood in moods])
    one = gallery.find("1")

    doubt = doubt_about(gallery, lambda: basis, [drawn_sample(2, mood) for mood in (-0.5, 0.0)])

    assert doubt is not None and str(doubt) == "looks like 2"
    assert doubt_about(gallery, lambda: basis, [drawn_sample(1), drawn_sample(7)], one) is None
