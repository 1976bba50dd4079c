import numpy as np
import pytest

from edge_app.core.types import BBox, Detection, Emotion, Face, Frame, FrameResult, Identity
from edge_app.media.annotators import (
    NO_IDENTITY_COLOR,
    UNKNOWN_COLOR,
    FaceAnnotator,
    _fit,
    _font,
    no_signal_picture,
    person_color,
)

EMOTION = Emotion("happy", {"happy": 0.9, "sad": 0.1})


def result(*faces: Face, size: tuple[int, int] = (640, 480)) -> FrameResult:
    image = np.full((size[1], size[0], 3), 128, np.uint8)
    return FrameResult(Frame(image, 0, 0.0), faces)


def face(box: BBox, name: str | None = "Ana", emotion: Emotion | None = EMOTION) -> Face:
    return Face(Detection(box, 9.0), 1, Identity(name, 0.1, 0.5), emotion)


def test_the_frame_itself_is_left_alone() -> None:
    found = result(face(BBox(100, 100, 200, 200)))

    marked = FaceAnnotator().annotate(found)

    assert (found.frame.image == 128).all()
    assert marked.shape == found.frame.image.shape
    assert (marked != 128).any()


def test_nothing_is_drawn_without_a_face() -> None:
    assert (FaceAnnotator().annotate(result()) == 128).all()


def test_the_box_has_the_colour_of_the_person() -> None:
    marked = FaceAnnotator().annotate(result(face(BBox(200, 200, 300, 300), "Begoña")))

    assert marked[299, 250].tolist() == list(person_color("Begoña"))


@pytest.mark.parametrize(
    ("shown", "color"),
    [(face(BBox(200, 200, 300, 300), None), UNKNOWN_COLOR),
     (Face(Detection(BBox(200, 200, 300, 300), 9.0), 1, None, EMOTION), NO_IDENTITY_COLOR)],
)  # fmt: skip
def test_strangers_and_faces_nobody_asked_about_look_different(
    shown: Face, color: tuple[int, int, int]
) -> None:
    marked = FaceAnnotator().annotate(result(shown))

    assert marked[299, 250].tolist() == list(color)


def test_the_label_of_a_face_takes_a_small_part_of_the_picture() -> None:
    drawn = (FaceAnnotator().annotate(result(face(BBox(200, 240, 300, 340)))) != 128).any(axis=2)

    label = np.flatnonzero(drawn.any(axis=1))
    above = 240 - label[0]
    assert 480 * 0.05 < above < 480 * 0.13


def test_colours_differ_between_people_and_not_between_runs() -> None:
    colors = {person_color(name) for name in ("Ana", "Íñigo", "Begoña", "Juan Pedro", "Ricardo")}

    assert len(colors) == 5
    assert person_color("Ana") == person_color("Ana")


@pytest.mark.parametrize(
    ("box", "free"),
    [
        (BBox(200, 200, 300, 300), (slice(210, 290), slice(210, 290))),  # room above
        (BBox(200, 0, 300, 100), (slice(10, 90), slice(210, 290))),  # room below only
    ],
)
def test_the_label_leaves_the_face_free(box: BBox, free: tuple[slice, slice]) -> None:
    marked = FaceAnnotator().annotate(result(face(box)))

    assert (marked[free] == 128).all()


@pytest.mark.parametrize("size", [(64, 48), (160, 120), (640, 480), (3840, 2160), (30, 400)])
def test_every_resolution_can_be_marked(size: tuple[int, int]) -> None:
    width, height = size
    boxes = BBox(0, 0, width, height), BBox(width // 2, height // 2, width, height)

    marked = FaceAnnotator().annotate(
        result(*(face(box, "Ana María Fernández de la Vega") for box in boxes), size=size)
    )

    assert marked.shape == (height, width, 3)


def test_text_grows_with_the_picture() -> None:
    def label_height(size: tuple[int, int]) -> int:
        width, height = size
        box = BBox(width // 4, height // 2, width // 2, height - height // 8)
        marked = FaceAnnotator().annotate(result(face(box), size=size))
        above = marked[: height // 2 - height // 40, width // 4 + 2]
        return int((above != 128).any(axis=1).sum())

    assert label_height((1920, 1440)) > 2 * label_height((640, 480))


def test_accents_are_drawn_and_not_replaced() -> None:
    font = _font(24)

    drawn = [np.asarray(font.getmask(letter)).tobytes() for letter in ("n", "ñ", "N", "Ñ", "?")]

    assert len(set(drawn)) == 5


def test_a_long_name_ends_in_an_ellipsis() -> None:
    font = _font(20)

    short = _fit("Maximiliano Wenceslao", font, 120)

    assert short.startswith("Max")
    assert short.endswith("…")
    assert font.getlength(short) <= 120


def test_language_of_the_words() -> None:
    stranger = face(BBox(10, 10, 50, 50), None)

    assert FaceAnnotator("es")._lines(stranger) == ("desconocido", "alegría 90 %")
    assert FaceAnnotator("en")._lines(stranger) == ("unknown", "happy 90 %")


def test_a_face_without_a_clear_emotion_says_so_and_has_no_percentage() -> None:
    unclear = face(BBox(10, 10, 50, 50), emotion=Emotion("unclear", {"happy": 0.5}))

    assert FaceAnnotator("es")._lines(unclear) == ("Ana", "sin emoción clara")
    assert FaceAnnotator("en")._lines(unclear) == ("Ana", "no clear emotion")


def test_what_is_switched_off_is_not_written() -> None:
    assert FaceAnnotator("en")._lines(Face(Detection(BBox(0, 0, 9, 9), 9.0), 1)) == ()


@pytest.mark.parametrize("size", [(640, 480), (64, 48), (48, 640), (1920, 1080)])
def test_text_is_in_a_picture_of_the_wanted_size(size: tuple[int, int]) -> None:
    image = no_signal_picture(size, ("Sin imagen", "camera:0"), "reason " * 60)
    assert image.shape == (size[1], size[0], 3)
    assert image.max() > 200 and image.std() > 0
    assert image[:2].max() < 60  # a margin above
