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


def test_as_many_parameters_fit_where_pixels_are() -> None:
    assert ARCHITECTURES["compact-wide"].build(7).count_params() <= 1_200_000


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
