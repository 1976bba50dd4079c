import keras
import numpy as np
import pytest

from training.models import ARCHITECTURES, INPUT_SIDE


@pytest.fixture(scope="module")
def compact() -> keras.Model:
    return ARCHITECTURES["compact"].build(7)


def test_compact_stays_under_the_limit_of_a_small_device(compact: keras.Model) -> None:
    assert compact.count_params() == 1_089_191


def test_scores_are_a_softmax_over_the_classes(compact: keras.Model) -> None:
    rng = np.random.default_rng(0)
    faces = rng.normal(size=(3, INPUT_SIDE, INPUT_SIDE, 1)).astype(np.float32)

    scores = compact.predict(faces, verbose=0)

    assert scores.shape == (3, 7)
    np.testing.assert_allclose(scores.sum(axis=1), 1.0, rtol=1e-5)


def test_number_of_classes_is_free() -> None:
    assert ARCHITECTURES["compact"].build(4).output_shape == (None, 4)


def test_only_layers_that_every_backend_and_converter_knows(compact: keras.Model) -> None:
    for layer in compact.layers:
        assert type(layer).__module__.startswith("keras.src.layers")
        assert not isinstance(layer, keras.layers.Lambda)
