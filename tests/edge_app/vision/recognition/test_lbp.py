import numpy as np
import pytest
from pydantic import ValidationError

from edge_app.bundle.manifest import CropSpec
from edge_app.samples.faces import drawn_face
from edge_app.vision.recognition.eigenfaces import EigenfaceSpec
from edge_app.vision.recognition.lbp import LbpSpec, feature_count, lbp_features

SPEC = LbpSpec(radii=(1, 2), rows=3, columns=2, width=40, height=48, lower=1)


def test_histograms_of_each_cell_sum_to_one() -> None:
    faces = np.stack([drawn_face(seed, side=64) for seed in (1, 2)])

    features = lbp_features(faces, SPEC)

    assert features.shape == (2, feature_count(SPEC)) == (2, 2 * 3 * 2 * 59)
    np.testing.assert_allclose((features**2).reshape(2, 12, 59).sum(axis=2).mean(), 1.0, atol=1e-5)


def test_light_changes_nothing_and_another_face_does() -> None:
    face, other = drawn_face(1, side=64), drawn_face(2, side=64)
    darker = face // 2 * 2  # what halves without rounding
    features = lbp_features(np.stack([darker, darker // 2, other]), SPEC)

    np.testing.assert_array_equal(features[0], features[1])
    assert np.abs(features[0] - features[2]).max() > 0.1


def test_pattern_of_a_plain_face_is_one_bin() -> None:
    features = lbp_features(np.full((1, 64, 64), 90, np.uint8), SPEC)

    assert (features > 0).sum() == 12


def test_what_lies_outside_of_the_window_does_not_count() -> None:
    face = drawn_face(1, side=64)
    framed = np.full_like(face, 255)
    framed[9:57, 12:52] = face[9:57, 12:52]

    np.testing.assert_array_equal(*lbp_features(np.stack([face, framed]), SPEC))


@pytest.mark.parametrize("size", [40, 47, 49])
def test_window_larger_than_the_crop_is_refused(size: int) -> None:
    with pytest.raises(ValidationError, match="window inside of the crop"):
        EigenfaceSpec(
            file="eigenfaces.xml",
            crop=CropSpec(size=size, span=3.6, interpolation="area"),
            features=SPEC,
            components=4,
            false_accept_rate=0.01,
            max_threshold=1.0,
        )
