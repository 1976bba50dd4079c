import cv2
import numpy as np
import pytest

from edge_app.core.progress import SILENT
from edge_app.core.types import GrayImage
from training import scenes
from training.scenes import SAME_SCENE, similarity


def place(seed: int) -> GrayImage:
    """A wall of rectangles and discs, as unlike another place's as two walls are."""
    rng = np.random.default_rng(seed)
    image = np.full((240, 320), 128, np.uint8)
    for _ in range(60):
        x, y = (int(value) for value in rng.integers(0, (320, 240)))
        size, grey = int(rng.integers(6, 30)), int(rng.integers(0, 256))
        if rng.random() < 0.5:
            cv2.rectangle(image, (x, y), (x + size, y + 2 * size), grey, -1)
        else:
            cv2.circle(image, (x, y), size, grey, -1)
    return image


def changed(image: GrayImage, *, angle: float = 0.0, zoom: float = 1.0) -> GrayImage:
    height, width = image.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, zoom)
    return cv2.warpAffine(image, matrix, (width, height)).astype(np.uint8)


@pytest.mark.parametrize(
    "again",
    [
        place(1)[:, ::-1],
        changed(place(1), angle=20.0),
        changed(place(1), zoom=1.3),
        place(1)[30:200, 20:300],
        (place(1) // 2).astype(np.uint8),
    ],
    ids=["mirrored", "turned", "nearer", "cut", "darker"],
)
def test_the_same_place_is_known_again(again: GrayImage) -> None:
    assert similarity(scenes.describe(place(1)), scenes.describe(again)) >= SAME_SCENE


def test_other_places_are_other_places() -> None:
    described = [scenes.describe(place(seed)) for seed in range(5)]

    shared = scenes.similarities(described, SILENT)

    assert shared.max() < SAME_SCENE
    assert (shared == shared.T).all()


def test_a_blank_photograph_is_like_nothing() -> None:
    blank = scenes.describe(np.zeros((50, 60), np.uint8))

    assert similarity(blank, blank) == 0


def test_a_chain_of_same_scenes_is_one_group() -> None:
    shared = np.zeros((4, 4), np.int64)
    shared[0, 1] = shared[1, 0] = shared[1, 2] = shared[2, 1] = SAME_SCENE
    shared[2, 3] = shared[3, 2] = SAME_SCENE - 1

    numbers = scenes.groups(shared)

    assert numbers[0] == numbers[1] == numbers[2] != numbers[3]
