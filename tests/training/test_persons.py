import numpy as np

from edge_app.bundle import loader
from edge_app.vision.recognition.methods import load_space
from tests.edge_app.conftest import drawn_crop
from training import persons
from training.recipe import IDENTIFIER


def test_whoever_stands_on_both_sides_is_recognised_and_nobody_else() -> None:
    people = [1, 1, 2, 2, 3, 3, 1, 7, 8]
    moods = [-0.5, 0.5, -0.5, 0.5, -0.5, 0.5, 0.1, 0.0, 0.0]
    crops = np.stack(
        [drawn_crop(person, mood, IDENTIFIER) for person, mood in zip(people, moods, strict=True)]
    )
    crops[7:] = np.random.default_rng(0).integers(0, 256, crops[7:].shape)  # nobody at all
    usage = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2])

    found = persons.recognised(crops, np.array(people), usage, load_space(loader.load()))

    assert found.tolist() == [6]
