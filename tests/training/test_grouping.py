import numpy as np
import pytest

from training import grouping
from training.datasets.fer2013 import USAGES


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_groups_are_never_divided_and_every_split_gets_some(seed: int) -> None:
    sizes = [40, 9, 7, 5, 5, 4, 3, 3, 2, *[1] * 22]
    groups = np.repeat(np.arange(len(sizes)), sizes)

    usage = grouping.assign(groups, seed=seed)

    grouping.check_disjoint(groups, usage)
    shares = np.bincount(usage, minlength=3) / len(groups)
    assert shares[USAGES.index("Training")] > 0.6
    assert 0.05 <= shares[USAGES.index("PublicTest")] <= 0.1
    assert 0.05 <= shares[USAGES.index("PrivateTest")] <= 0.1


def test_three_groups_are_one_for_each_split() -> None:
    usage = grouping.assign(np.array([5, 5, 5, 8, 9]), seed=1)

    assert sorted(np.unique(usage).tolist()) == [0, 1, 2]
    assert usage[0] == USAGES.index("Training")


def test_fewer_groups_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"expected at least 3 groups .* found 2"):
        grouping.assign(np.array([0, 0, 1]), seed=1)


def test_splits_are_kept_and_new_groups_are_for_training() -> None:
    groups = np.array([4, 4, 7, 7, 9, 2])
    earlier = np.array([1, -1, -1, 2, -1, 0])

    assert grouping.keep(groups, earlier).tolist() == [1, 1, 2, 2, 0, 0]


def test_a_group_whose_members_stood_apart_is_named() -> None:
    with pytest.raises(ValueError, match="expected group 4 in one split, found it in Training and"):
        grouping.keep(np.array([4, 4, 7]), np.array([0, 2, 1]))


def test_a_divided_group_is_named() -> None:
    with pytest.raises(ValueError, match="expected group 4 in one split, found it in Training and"):
        grouping.check_disjoint(np.array([1, 4, 4]), np.array([0, 0, 2]))


def test_the_nearest_are_looked_for_across_splits_only() -> None:
    similarity = np.array([[0.0, 9.0, 2.0], [9.0, 0.0, 5.0], [2.0, 5.0, 0.0]])

    assert set(grouping.nearest_across(similarity, np.array([0, 0, 1]))) == {1, 2}
    with pytest.raises(ValueError, match="found one split"):
        grouping.nearest_across(similarity, np.array([0, 0, 0]))
