from pathlib import Path

import numpy as np
import pytest

from edge_app.core.types import FloatArray, GrayImage
from edge_app.vision.preprocess import normalize
from training.datasets import fer2013
from training.network import both_ways, load_predictor, open_network


def test_a_run_says_its_labels_and_normalization(run: Path) -> None:
    network = open_network(run)
    faces = np.random.default_rng(0).integers(0, 256, (2, 48, 48), dtype=np.uint8)

    assert network.labels == fer2013.LABELS
    np.testing.assert_array_equal(network.prepare(faces), normalize(faces, "standard"))
    assert network(faces).shape == (2, 7)


def test_the_file_of_a_run_is_the_run(run: Path) -> None:
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)

    np.testing.assert_array_equal(open_network(run / "model.keras")(faces),
                                  open_network(run)(faces))  # fmt: skip


def test_a_file_without_its_folder_is_refused(run: Path, tmp_path: Path) -> None:
    lonely = tmp_path / "model.keras"
    lonely.write_bytes((run / "model.keras").read_bytes())

    with pytest.raises(ValueError, match=r"found neither, so its labels are unknown"):
        open_network(lonely)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.tflite: no such file"):
        open_network(tmp_path / "none.tflite")


def test_other_files_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected a \.keras"):
        load_predictor(Path("weights.pt"))


def test_the_mirror_average_is_the_same_for_a_face_and_its_mirror_image() -> None:
    def brightness_on_the_left(images: GrayImage) -> FloatArray:
        left = images[:, :, :24].mean(axis=(1, 2)) / 255
        return np.stack([left, 1 - left], axis=1).astype(np.float32)

    faces = np.random.default_rng(0).integers(0, 256, (300, 48, 48), dtype=np.uint8)
    faces[:, :, :24] //= 2

    scores, plain = both_ways(brightness_on_the_left, faces)
    _, mirrored = both_ways(brightness_on_the_left, faces[:, :, ::-1])

    np.testing.assert_array_equal(scores, brightness_on_the_left(faces))
    np.testing.assert_allclose(plain, mirrored, atol=1e-6)
    assert not np.allclose(plain, scores, atol=0.05)
