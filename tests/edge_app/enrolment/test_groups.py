import numpy as np
import pytest

from edge_app.enrolment.groups import APART, APART_ALONE, are_apart, halves
from tests.embedded import vector


def test_faces_fall_into_the_groups_that_are_most_alike() -> None:
    ana = [vector(0.9, 0.0, part) for part in (0.3, -0.3, 0.0)]
    eva = [vector(0.1, 0.9, 0.0, part) for part in (0.3, -0.3)]

    found = halves(np.stack([eva[0], *ana, eva[1]]))

    assert (found.more, found.fewer) == ([1, 2, 3], [0, 4])
    assert found.similarity == pytest.approx(0.3, abs=0.1)
    assert found.apart


def test_two_faces_are_two_groups_of_which_the_later_is_the_fewer() -> None:
    found = halves(np.stack([vector(1.0), vector(0.2)]))

    assert (found.more, found.fewer) == ([0], [1])
    assert not found.apart


@pytest.mark.parametrize(
    ("similarity", "one", "other", "apart"),
    [
        (APART - 0.01, 2, 9, True),
        (APART + 0.01, 2, 9, False),
        (APART - 0.01, 9, 1, False),
        (APART_ALONE - 0.01, 9, 1, True),
        (APART_ALONE + 0.01, 1, 1, False),
    ],
)
def test_a_single_picture_must_be_less_alike(
    similarity: float, one: int, other: int, apart: bool
) -> None:
    assert are_apart(similarity, one, other) is apart
