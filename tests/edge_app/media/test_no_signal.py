import pytest

from edge_app.media.annotators import no_signal_picture


@pytest.mark.parametrize("size", [(640, 480), (64, 48), (48, 640), (1920, 1080)])
def test_text_is_in_a_picture_of_the_wanted_size(size: tuple[int, int]) -> None:
    image = no_signal_picture(size, ("Sin imagen", "camera:0"), "reason " * 60)
    assert image.shape == (size[1], size[0], 3)
    assert image.max() > 200 and image.std() > 0
    assert image[:2].max() < 60  # a margin above
