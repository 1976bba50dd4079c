from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_app.enrolment.variety import compared, likeness, most_different, thin
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from tests.stored import drawn_sample, new_sample


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with State(tmp_path) as state:
        yield Gallery(state)


def test_the_same_face_is_more_alike_than_another_mood_than_another_person() -> None:
    ana, smiling, eva = (
        compared(drawn_sample(person, mood)) for person, mood in [(1, 0.0), (1, 0.9), (2, 0.0)]
    )

    assert likeness(ana, ana) == pytest.approx(1.0)
    assert 1.0 > likeness(ana, smiling) > likeness(ana, eva)


def test_of_two_that_are_alike_the_worse_goes() -> None:
    crops = [drawn_sample(1, 0.0), drawn_sample(2), drawn_sample(1, 0.05), drawn_sample(3)]

    assert most_different(crops, [0.9, 0.1, 0.5, 0.1], 3) == [0, 1, 3]
    assert most_different(crops, [0.5, 0.1, 0.9, 0.1], 3) == [1, 2, 3]
    assert most_different(crops, [0.5] * 4, 3) == [0, 1, 3]  # who came first stays
    assert most_different(crops, [0.5] * 4, 4) == [0, 1, 2, 3]


def test_a_person_keeps_the_most_different_samples_that_may_be(gallery: Gallery) -> None:
    moods = [-0.9, -0.88, 0.0, 0.02, 0.9]
    ana = gallery.enrol("Ana", [new_sample(1, mood=mood) for mood in moods])
    eva = gallery.enrol("Eva", [new_sample(2)])
    numbers = [sample.id for sample in gallery.samples(ana.id)]

    assert thin(gallery, ana.id, 3) == 2
    assert thin(gallery, ana.id, 3) == 0

    left = [numbers.index(sample.id) for sample in gallery.samples(ana.id)]
    assert left == [0, 2, 4]
    assert gallery.person(eva.id).sample_count == 1
