import numpy as np

from edge_app.vision.parts import load_bundle, load_space
from tests.stored import drawn_sample
from training import persons


def test_whoever_stands_on_both_sides_is_recognised_and_nobody_else() -> None:
    people = [1, 1, 2, 2, 3, 3, 1, 7, 8]
    moods = [-0.5, 0.5, -0.5, 0.5, -0.5, 0.5, 0.1, 0.0, 0.0]
    samples = np.stack(
        [drawn_sample(person, mood) for person, mood in zip(people, moods, strict=True)]
    )
    samples[7:] = np.random.default_rng(0).integers(0, 256, samples[7:].shape)  # nobody at all
    usage = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2])

    found = persons.recognised(samples, np.array(people), usage, load_space(load_bundle()))

    assert found.tolist() == [6]
