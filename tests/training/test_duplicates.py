import numpy as np
import pytest

from edge_app.core.progress import SILENT
from edge_app.core.types import GrayImage
from edge_app.samples.faces import drawn_face
from edge_app.vision.preprocess import resize
from training import duplicates
from training.duplicates import NEAR_THRESHOLD


@pytest.fixture(scope="module")
def people() -> GrayImage:
    """Noise on a coarse grid: pictures that have nothing in common."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (8, 6, 6), dtype=np.uint8)
    return np.stack([resize(image, 48, "cubic") for image in coarse])


def test_copies_mirrored_and_darker_pictures_are_found_together(people: GrayImage) -> None:
    copy, mirrored, darker = people[0], people[1][:, ::-1], people[2] // 2
    blank = np.full((2, 48, 48), 7, np.uint8)
    images = np.concatenate([people, np.stack([copy, mirrored, darker]), blank])

    found = duplicates.find(images, SILENT)

    assert found.identical[8] == found.identical[0]
    assert len(np.unique(found.identical)) == 12
    assert found.alike[[8, 9, 10]].tolist() == found.alike[[0, 1, 2]].tolist()
    assert len(np.unique(found.alike)) == 10
    pairs = found.pairs
    ends = zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    near = dict(zip(ends, pairs.mirrored.tolist(), strict=True))
    assert near == {(1, 9): True, (2, 10): False}
    assert (found.pairs.correlation >= NEAR_THRESHOLD).all()


def test_blank_pictures_are_alone(people: GrayImage) -> None:
    blank = np.zeros((2, 48, 48), np.uint8)

    found = duplicates.find(np.concatenate([people[:1], blank]), SILENT)

    assert duplicates.is_blank(blank).all()
    assert not duplicates.is_blank(people).any()
    assert len(np.unique(found.identical)) == 3


def test_pairs_are_found_over_the_border_of_blocks(
    people: GrayImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = np.concatenate([people, people[:3] // 2 + 20])
    whole = duplicates.near_pairs(images, NEAR_THRESHOLD, SILENT)
    monkeypatch.setattr(duplicates, "_BLOCK", 2)

    blocks = duplicates.near_pairs(images, NEAR_THRESHOLD, SILENT)

    assert sorted(zip(whole.first, whole.second, strict=True)) == [(0, 8), (1, 9), (2, 10)]
    assert sorted(zip(blocks.first, blocks.second, strict=True)) == [(0, 8), (1, 9), (2, 10)]


def test_a_moved_crop_correlates_more_than_another_person() -> None:
    face = drawn_face(1, side=200)
    crop, moved = (resize(face[at : at + 180, at : at + 180], 48, "area") for at in (8, 10))
    other = resize(drawn_face(2, side=200)[8:188, 8:188], 48, "area")

    signatures = duplicates.signatures(np.stack([crop, moved, other]))

    assert signatures[0] @ signatures[1] > signatures[0] @ signatures[2]


def test_copies_count_each_split_against_each() -> None:
    sets = np.array([0, 0, 0, 1, 2, 2])
    usage = np.array([0, 0, 1, 1, 0, 2])

    counts = duplicates.copies(sets, usage, usages=3)

    assert counts.tolist() == [[2, 2, 1], [1, 0, 0], [1, 0, 0]]
