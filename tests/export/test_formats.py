import pytest

from export.formats import EMOTION_MODELS, without


def test_what_is_left_keeps_its_order() -> None:
    kept = without(["emotion-int8.onnx", "emotion.tflite"])

    assert [model.file for model in kept.emotion] == [
        "emotion-dynamic.tflite",
        "emotion-int8.tflite",
        "emotion.onnx",
        "emotion-float16.tflite",
    ]


def test_a_file_that_no_bundle_has_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"emotion\.pt: no file of a bundle; expected emotion-dyn"):
        without(["emotion.pt"])


@pytest.mark.parametrize(
    ("role", "files"),
    [
        ("emotion", [model.file for model in EMOTION_MODELS]),
        ("detector", ["yunet.onnx", "yunet.tflite"]),
        ("embedding", ["sface-dynamic.tflite"]),
    ],
)
def test_a_bundle_without_one_of_its_networks_is_an_error(role: str, files: list[str]) -> None:
    with pytest.raises(ValueError, match=f"a file of the {role} network .*every one left out"):
        without(files)
