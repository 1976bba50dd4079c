import pytest

from export.formats import MODELS, without


def test_what_is_left_keeps_its_order() -> None:
    kept = without(["emotion-int8.onnx", "emotion.tflite"])

    assert [model.file for model in kept] == [
        "emotion-dynamic.tflite",
        "emotion-int8.tflite",
        "emotion-float16.tflite",
        "emotion.onnx",
    ]


def test_a_file_that_no_bundle_has_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"emotion\.pt: no file of a bundle; expected emotion-dyn"):
        without(["emotion.pt"])


def test_a_bundle_without_a_network_is_an_error() -> None:
    with pytest.raises(ValueError, match="every one left out"):
        without([model.file for model in MODELS])
