"""Networks of the tests are as the real ones, smaller."""

import keras
import numpy as np
import pytest
from keras import layers

from edge_app.core.types import FloatArray
from training.models import ARCHITECTURES, INPUT_SIDE
from training.transfer import start_from

SIDE = 8


def faces(side: int = SIDE) -> FloatArray:
    return np.random.default_rng(4).uniform(0, 255, (16, side, side, 1)).astype(np.float32)


def chain(filters: int, dense: tuple[int, ...], classes: int = 3) -> keras.Model:
    """As vgg and vgg-sgd, with one block; its statistics and biases are drawn."""
    inputs = keras.Input((SIDE, SIDE, 1))
    x = layers.Rescaling(1.0 / 255.0)(inputs)
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.BatchNormalization()(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    for units in dense:
        x = layers.Dense(units, activation="relu")(x)
        x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.4)(x)
    model = keras.Model(inputs, layers.Dense(classes, activation="softmax")(x), name="chain")
    rng = np.random.default_rng(8)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, weights.shape) for weights in layer.weights])
    return model


def scores(model: keras.Model, inputs: FloatArray) -> FloatArray:
    found: FloatArray = model.predict(inputs, verbose=0)
    return found


@pytest.fixture(scope="module")
def compact() -> keras.Model:
    return ARCHITECTURES["compact"].build(7)


def test_a_head_of_another_size_stays_new(compact: keras.Model) -> None:
    four = ARCHITECTURES["compact"].build(4)
    head = four.layers[-1].get_weights()[0]

    start_from(compact, four, seed=1)

    for ours, theirs in zip(four.layers[:-1], compact.layers[:-1], strict=True):
        for mine, yours in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(mine, yours)
    np.testing.assert_array_equal(four.layers[-1].get_weights()[0], head)


def test_a_head_of_the_same_size_is_copied(compact: keras.Model) -> None:
    other = ARCHITECTURES["compact"].build(7)

    start_from(compact, other, seed=1)

    np.testing.assert_array_equal(
        other.layers[-1].get_weights()[0], compact.layers[-1].get_weights()[0]
    )


def test_another_architecture_is_no_start(compact: keras.Model) -> None:
    with pytest.raises(ValueError, match="expected a network like vgg, or a narrower one"):
        start_from(compact, ARCHITECTURES["vgg"].build(7), seed=1)


@pytest.mark.parametrize(
    ("filters", "dense"), [(8, (6,)), (11, (6,)), (4, (6, 12)), (8, (9, 18)), (4, (6,))]
)
def test_a_wider_and_deeper_chain_begins_with_the_same_scores(
    filters: int, dense: tuple[int, ...]
) -> None:
    narrow = chain(4, (6,))
    wide = chain(filters, dense)

    start_from(narrow, wide, seed=1)

    np.testing.assert_allclose(scores(wide, faces()), scores(narrow, faces()), atol=1e-5)


def test_units_that_say_the_same_do_not_learn_the_same() -> None:
    narrow, wide = chain(4, (6,)), chain(8, (6,))
    start_from(narrow, wide, seed=1)
    wide.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy")

    wide.train_on_batch(faces(), np.eye(3, dtype=np.float32)[np.arange(16) % 3])

    first = wide.layers[2].get_weights()[0]
    assert np.abs(first[..., :4] - first[..., 4:]).max() > 1e-4


def test_shares_are_drawn_by_seed() -> None:
    narrow = chain(4, (6,))
    one, same, other = (chain(8, (6,)) for _ in range(3))
    for wide, seed in ((one, 1), (same, 1), (other, 2)):
        start_from(narrow, wide, seed=seed)

    kernel, again, otherwise = (model.layers[4].get_weights()[0] for model in (one, same, other))
    np.testing.assert_array_equal(kernel, again)
    assert not np.array_equal(kernel, otherwise)


def test_a_wider_chain_may_have_other_classes() -> None:
    narrow, wide = chain(4, (6,)), chain(8, (6,), classes=5)
    head = wide.layers[-1].get_weights()[0]

    start_from(narrow, wide, seed=1)

    np.testing.assert_array_equal(wide.layers[-1].get_weights()[0], head)
    np.testing.assert_array_equal(
        wide.layers[2].get_weights()[0][..., :4], narrow.layers[2].get_weights()[0]
    )


def test_an_added_layer_is_normalised_as_it_will_be_found_in_training() -> None:
    """A rectified normal variable, and its negative: what a batch shows is what was assumed."""
    narrow, deep = chain(4, (50,)), chain(4, (50, 100))
    start_from(narrow, deep, seed=1)
    added = deep.layers[-3]
    gamma, beta, *_ = deep.layers[-5].get_weights()
    drawn = np.random.default_rng(2).normal(beta, np.abs(gamma), (20_000, 50))
    rectified = np.maximum(np.concatenate([drawn, -drawn], axis=1), 0)

    assert isinstance(added, layers.BatchNormalization)
    np.testing.assert_allclose(added.moving_mean, rectified.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(added.moving_variance, rectified.var(axis=0), atol=0.05)


@pytest.mark.parametrize(
    "unlike",
    [
        chain(3, (6,)),
        chain(4, (5,)),
        chain(8, (6, 9)),
        chain(8, ()),
        keras.Sequential([*chain(4, (6,)).layers, layers.Dense(6)], name="headless"),
    ],
    ids=["fewer filters", "fewer units", "cannot say its input twice", "none", "another head"],
)
def test_a_chain_without_room_is_refused(unlike: keras.Model) -> None:
    with pytest.raises(ValueError, match="or a narrower one of its kind"):
        start_from(chain(4, (6,)), unlike, seed=1)


@pytest.mark.slow("the two largest networks")
def test_vgg_is_a_narrower_vgg_sgd() -> None:
    narrow, wide = (ARCHITECTURES[name].build(7) for name in ("vgg", "vgg-sgd"))

    start_from(narrow, wide, seed=1)

    inputs = faces(INPUT_SIDE)[:2]
    np.testing.assert_allclose(scores(wide, inputs), scores(narrow, inputs), atol=1e-4)
