"""The variations of faces, by both who make them: OpenCV on the host, JAX on an accelerator."""

from collections.abc import Callable
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edge_app.core.types import FloatArray, GrayImage
from edge_app.vision.preprocess import normalize
from training import accelerator
from training.augment import Augmentation

STILL = Augmentation(rotation=0, scale=0, shift=0, gamma=0, erase_probability=0, mirror=False)

Vary = Callable[[GrayImage, Augmentation], FloatArray]


def on_host(faces: GrayImage, amounts: Augmentation) -> FloatArray:
    return amounts(faces, np.random.default_rng(4)).astype(np.float32)


def on_accelerator(faces: GrayImage, amounts: Augmentation) -> FloatArray:
    return np.asarray(accelerator.vary(jnp.float32(faces), jax.random.key(4), amounts))


@pytest.fixture(
    params=[on_host, pytest.param(on_accelerator, marks=pytest.mark.slow("JAX compiles"))]
)
def vary(request: pytest.FixtureRequest) -> Vary:
    function: Vary = request.param
    return function


def test_faces_turn_and_grow_and_are_mirrored_about_their_middle(vary: Vary) -> None:
    """A dot right of the middle may go anywhere on a ring, which scale alone makes wider."""
    faces = np.zeros((200, 49, 49), np.uint8)
    faces[:, 23:26, 35:38] = 255  # 12 pixels from the middle

    def offsets(amounts: Augmentation) -> FloatArray:
        found = [np.argwhere(face > 100).mean(axis=0) - 24 for face in vary(faces, amounts)]
        return np.array(found, np.float32)

    np.testing.assert_array_equal(vary(faces, STILL), faces)
    turned = offsets(replace(STILL, rotation=90.0))
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 12.0, atol=0.5)
    assert turned[:, 0].min() < -11 < 11 < turned[:, 0].max()
    grown = offsets(replace(STILL, scale=0.25))
    np.testing.assert_allclose(grown[:, 0], 0.0, atol=0.5)
    assert 8.5 < grown[:, 1].min() < 10 < 14 < grown[:, 1].max() < 15.5
    mirrored = offsets(replace(STILL, mirror=True))
    assert {round(float(x)) for x in mirrored[:, 1]} == {-12, 12}
    shifted = offsets(replace(STILL, shift=0.1))
    np.testing.assert_allclose(np.abs(shifted - [0, 12]).max(axis=0), 4.9, atol=0.5)


def test_noise_leaves_half_of_the_faces_alone_and_stays_within_its_deviation(vary: Vary) -> None:
    grey = np.full((400, 48, 48), 128, np.uint8)

    deviations = vary(grey, replace(STILL, noise=20.0)).std(axis=(1, 2))

    assert 0.4 < (deviations == 0).mean() < 0.6
    assert 18.0 < deviations.max() < 22.0


def test_light_is_a_power_of_the_grey_level(vary: Vary) -> None:
    ramp = np.broadcast_to(np.arange(48, dtype=np.uint8) * 5, (400, 48, 48)).copy()

    lit = vary(ramp, replace(STILL, gamma=0.4))

    powers = np.log(lit[:, 0, 24] / 255.0) / np.log(24 * 5 / 255.0)
    assert np.exp(-0.41) < powers.min() < np.exp(-0.38)
    assert np.exp(0.38) < powers.max() < np.exp(0.41)
    expected = 255.0 * (ramp[:, 0] / 255.0) ** powers[:, np.newaxis]
    np.testing.assert_allclose(lit[:, 0], expected, atol=2.0)


def test_one_rectangle_of_some_faces_is_blanked(vary: Vary) -> None:
    striped = np.broadcast_to(np.arange(48, dtype=np.uint8), (400, 48, 48)).copy()
    amounts = replace(STILL, erase_probability=0.5, erase_area=(0.05, 0.2))

    changed = vary(striped, amounts) != striped

    blanked = changed.any(axis=(1, 2))
    assert 0.4 < blanked.mean() < 0.6
    for face in changed[blanked]:
        rows, columns = np.flatnonzero(face.any(axis=1)), np.flatnonzero(face.any(axis=0))
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        # a column of the very grey level that blanks it does not change
        assert face.sum() >= height * (width - 1)
        assert 0.03 < height * width / 48**2 < 0.22


def test_a_constant_face_is_normalized_as_on_a_device() -> None:
    faces = np.random.default_rng(0).integers(0, 256, (4, 48, 48), dtype=np.uint8)
    faces[0] = 7

    ours = accelerator.normalized(jnp.float32(faces))

    np.testing.assert_allclose(ours, normalize(faces, "standard")[..., 0], atol=1e-5)
