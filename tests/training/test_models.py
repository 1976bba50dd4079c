import keras
import numpy as np
import pytest

from training.config import ArchitectureName
from training.models import ARCHITECTURES, INPUT_SIDE, computing_in, in_precision


@pytest.fixture(scope="module")
def compact() -> keras.Model:
    return ARCHITECTURES["compact"].build(7)


def test_compact_stays_under_the_limit_of_a_small_device(compact: keras.Model) -> None:
    assert compact.count_params() == 1_089_191


def test_dilated_kernels_see_at_every_second_place_what_those_of_compact_see() -> None:
    compact, dilated = (ARCHITECTURES[name].build(7) for name in ("compact", "compact-dilated"))
    _simplify(compact)
    dilated.set_weights(compact.get_weights())
    rng = np.random.default_rng(0)
    faces = rng.normal(size=(3, INPUT_SIDE, INPUT_SIDE, 1)).astype(np.float32)

    small, large = (_last_maps(network).predict(faces, verbose=0) for network in (compact, dilated))

    assert large.shape == (3, 12, 12, 128)
    np.testing.assert_allclose(large[:, 1::2, 1::2], small, rtol=1e-4, atol=1e-4)


def _simplify(network: keras.Model) -> None:
    """Without what differs: what squeezes a map sees all of it, and so more of a larger one; a
    shortcut that halves a map takes the pixel beside the one that the convolution is centred on.
    """
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, *bias = layer.get_weights()
            squeezes = layer.activation is keras.activations.sigmoid
            if squeezes or kernel.shape == (1, 1, 64, 128):
                layer.set_weights([np.zeros_like(kernel), *bias])


def _last_maps(network: keras.Model) -> keras.Model:
    pooled = [x for x in network.layers if isinstance(x, keras.layers.GlobalAveragePooling2D)][-1]
    return keras.Model(network.input, pooled.input)


def test_scores_are_a_softmax_over_the_classes(compact: keras.Model) -> None:
    rng = np.random.default_rng(0)
    faces = rng.normal(size=(3, INPUT_SIDE, INPUT_SIDE, 1)).astype(np.float32)

    scores = compact.predict(faces, verbose=0)

    assert scores.shape == (3, 7)
    np.testing.assert_allclose(scores.sum(axis=1), 1.0, rtol=1e-5)


def test_only_the_scores_of_a_network_in_bfloat16_are_float32() -> None:
    with computing_in("bfloat16"):
        network = ARCHITECTURES["compact"].build(7)

    computed = {layer.name: layer.compute_dtype for layer in network.layers[1:]}
    assert computed.pop("emotion") == "float32"
    assert set(computed.values()) == {"bfloat16"}
    assert {str(weights.dtype) for weights in network.weights} == {"float32"}


def test_in_single_precision_a_network_scores_as_before() -> None:
    rng = np.random.default_rng(0)
    faces = rng.normal(size=(8, INPUT_SIDE, INPUT_SIDE, 1)).astype(np.float32)
    with computing_in("bfloat16"):
        network = ARCHITECTURES["compact"].build(7)
    network.compile("sgd", "categorical_crossentropy")

    single = in_precision(network, "float32")

    scores = single.predict(faces, verbose=0)
    np.testing.assert_allclose(network.predict(faces, verbose=0), scores, atol=0.05)
    assert not single.compiled
    for ours, theirs in zip(single.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_number_of_classes_is_free() -> None:
    assert ARCHITECTURES["compact"].build(4).output_shape == (None, 4)


def test_only_layers_that_every_backend_and_converter_knows(compact: keras.Model) -> None:
    for layer in compact.layers:
        assert type(layer).__module__.startswith("keras.src.layers")
        assert not isinstance(layer, keras.layers.Lambda)


@pytest.mark.parametrize(
    ("name", "classes", "parameters"),
    [("vgg", 7, 2_395_591), ("vgg", 4, 2_395_204), ("vgg-sgd", 7, 7_241_223)],
)
def test_the_student_projects_networks_have_its_sizes(
    name: ArchitectureName, classes: int, parameters: int
) -> None:
    network = ARCHITECTURES[name].build(classes)

    assert network.count_params() == parameters
    assert network.output_shape == (None, classes)
