"""YuNet's faces: of hand-made outputs, and those of a portrait in every size and light."""

from pathlib import Path

import cv2
import numpy as np
import pytest

import edge_app
from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.core.types import BBox, ColorImage, Detection, FloatArray, Picture
from edge_app.vision.detection.base import QuickDetector, Search
from edge_app.vision.detection.yunet import Yunet, YunetSpec, decode
from edge_app.vision.parts import detector_specs

PORTRAIT = Path(edge_app.__file__).parent / "samples" / "astronaut.jpg"
FACE = BBox(178, 66, 270, 176)
"""In the portrait of 512x512."""
POINTS = np.array([(201, 104), (245, 104), (221, 126), (202, 144), (240, 145)], np.float32)
"""The landmarks in it."""
SIDE = 112


@pytest.fixture(scope="module")
def spec(bundle: Bundle) -> YunetSpec:
    (found,) = (spec for spec in detector_specs(bundle) if isinstance(spec, YunetSpec))
    return found


@pytest.fixture(scope="module")
def moving(bundle: Bundle, spec: YunetSpec) -> Yunet:
    return spec.build(bundle, Search())


@pytest.fixture(scope="module")
def still(bundle: Bundle, spec: YunetSpec) -> Yunet:
    return spec.build(bundle, Search(still=True))


@pytest.fixture(scope="module")
def portrait() -> ColorImage:
    image = cv2.imread(str(PORTRAIT))
    assert image is not None
    return image.astype(np.uint8)


def scaled(image: ColorImage, scale: float) -> ColorImage:
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=way).astype(np.uint8)


def in_frame(image: ColorImage, size: tuple[int, int], left: int, top: int) -> Picture:
    """What of the portrait fits on a grey wall; size is (width, height)."""
    shift = np.array([[1.0, 0.0, left], [0.0, 1.0, top]])
    frame = cv2.warpAffine(image, shift, size, borderValue=(110, 110, 110))
    return Picture(frame.astype(np.uint8))


def check(
    found: list[Detection], *, scale: float = 1.0, left: float = 0.0, top: float = 0.0
) -> Detection:
    """One face alone, where the portrait's is after the picture was scaled and moved."""
    assert len(found) == 1
    (face,) = found
    corners = [left + FACE.xmin * scale, top + FACE.ymin * scale]
    corners += [left + FACE.xmax * scale, top + FACE.ymax * scale]
    assert face.bbox.iou(BBox(*map(round, corners))) > 0.55
    assert face.landmarks is not None and face.landmarks.dtype == np.float32
    expected = POINTS * scale + np.array([left, top])
    assert np.abs(face.landmarks - expected).max() < 0.15 * SIDE * scale
    return face


def place_row(score: float) -> FloatArray:
    """An answer of the network: a box of one stride around the corner, landmarks on a diagonal."""
    return np.array([score, 0, 0, 0, 0, *np.repeat(np.arange(5) / 4, 2)], np.float32)


@pytest.mark.parametrize(
    ("row", "stride", "corner"),
    [
        (0, 8, (0, 0)),
        (9, 8, (8, 8)),
        (31, 8, (56, 24)),
        (32, 16, (0, 0)),
        (37, 16, (16, 16)),
        (40, 32, (0, 0)),
        (41, 32, (32, 0)),
    ],
)
def test_each_row_of_the_output_is_a_place_of_a_stride(
    row: int, stride: int, corner: tuple[int, int]
) -> None:
    """Of a picture of 64x32: 8x4, 4x2 and 2x1 places."""
    outputs = np.zeros((42, 15), np.float32)
    outputs[row] = place_row(0.9)

    (found,) = decode(outputs, 64, 0.6)

    x, y = corner
    assert found[0] == np.float32(0.9)
    np.testing.assert_allclose(found[1:5], [x - stride / 2, y - stride / 2, stride, stride])
    diagonal = np.arange(5)[:, np.newaxis] / 4 * stride + np.array(corner)
    np.testing.assert_allclose(found[5:].reshape(5, 2), diagonal)


def test_offsets_count_in_strides_and_sizes_grow_by_their_exponent() -> None:
    outputs = np.zeros((21, 15), np.float32)
    outputs[16] = [0.7, 0.5, -0.25, np.log(2.0), np.log(3.0), *[1.0] * 10]  # stride 16

    (found,) = decode(outputs, 32, 0.6)

    np.testing.assert_allclose(found[1:5], [8 - 16, -4 - 24, 32, 48], atol=1e-4)
    np.testing.assert_allclose(found[5:], 16.0)


def test_what_scores_less_or_is_no_number_is_no_face() -> None:
    outputs = np.tile(place_row(0.9), (21, 1))
    outputs[:, 0] = 0.59
    outputs[1, 0], outputs[2, 0], outputs[3, 0], outputs[4, 0] = 0.6, np.nan, np.inf, 0.9
    outputs[4, 3], outputs[5] = 1e9, np.nan

    found = decode(outputs, 32, 0.6)

    assert found.shape == (1, 15)
    assert found[0, 1] == 8 - 4


def test_nothing_found_keeps_its_form() -> None:
    assert decode(np.zeros((21, 15), np.float32), 32, 0.6).shape == (0, 15)


class _Outputs:
    """A network that finds the same boxes (x, y, width, height, score) in whatever it reads."""

    input_shape: tuple[int | None, ...] = (None, None, 3)
    outputs = 15

    def __init__(self, *boxes: tuple[float, float, float, float, float]) -> None:
        self._boxes = boxes
        self.read: list[FloatArray] = []

    def __call__(self, inputs: FloatArray) -> FloatArray:
        self.read.append(inputs[0])
        height, width = inputs.shape[1:3]
        places = sum((height // stride) * (width // stride) for stride in (8, 16, 32))
        outputs = np.zeros((1, places, 15), np.float32)
        for place, (x, y, w, h, score) in enumerate(self._boxes):
            middle = np.array([x + w / 2, y + h / 2]) / 8 - (place, 0)
            outputs[0, place] = [score, *middle, np.log(w / 8), np.log(h / 8), *[0.0] * 10]
        return outputs


def faces_of(network: _Outputs, spec: YunetSpec, image: ColorImage) -> list[Detection]:
    """At the picture's own size, behind a border of 16 pixels."""
    return Yunet(lambda: network, spec, Search(min_face=1)).detect_quickly(Picture(image))


WALL = np.full((96, 96, 3), 77, np.uint8)


def test_boxes_are_clipped_to_the_picture_and_those_outside_dropped(spec: YunetSpec) -> None:
    quick = spec.model_copy(update={"quick_face": 1})
    network = _Outputs((6, 8, 30, 30, 0.9), (100, 100, 40, 50, 0.8), (0, 60, 12, 12, 0.9))

    found = faces_of(network, quick, WALL)

    assert [face.bbox for face in found] == [BBox(0, 0, 20, 22), BBox(84, 84, 96, 96)]
    assert [face.score for face in found] == pytest.approx([0.9, 0.8])


def test_one_box_a_face_the_mean_of_its_places_and_the_largest_first(spec: YunetSpec) -> None:
    quick = spec.model_copy(update={"quick_face": 1, "overlap": 0.3})
    network = _Outputs((30, 30, 30, 30, 0.7), (32, 32, 30, 30, 0.9), (70, 64, 40, 40, 0.8))

    found = faces_of(network, quick, WALL)

    assert [face.bbox for face in found] == [BBox(54, 48, 94, 88), BBox(15, 15, 45, 45)]


def test_the_border_has_the_pictures_mean_colour(spec: YunetSpec) -> None:
    image = np.zeros((40, 70, 3), np.uint8)
    image[:, 35:] = (200, 100, 50)
    network = _Outputs()

    faces_of(network, spec.model_copy(update={"quick_face": 1}), image)

    (read,) = network.read
    assert read.shape == (96, 128, 3)
    np.testing.assert_array_equal(read[16:56, 16:86], image)
    assert (read[:16] == (100, 50, 25)).all() and (read[56:] == (100, 50, 25)).all()
    assert (read[:, :16] == (100, 50, 25)).all() and (read[:, 86:] == (100, 50, 25)).all()


def test_a_network_that_gives_no_numbers_finds_nothing(spec: YunetSpec) -> None:
    class Broken(_Outputs):
        def __call__(self, inputs: FloatArray) -> FloatArray:
            return np.full_like(super().__call__(inputs), np.nan)

    assert Yunet(Broken, spec, Search()).detect(Picture(WALL)) == []


@pytest.mark.parametrize("runtime", ["tflite", "onnx"])
def test_the_portrait_is_found_by_every_runtime(
    bundle: Bundle, spec: YunetSpec, portrait: ColorImage, runtime: Runtime
) -> None:
    """TFLite takes another size of picture between two of the same."""
    detector = spec.build(bundle, Search(), runtime)

    first = check(detector.detect(Picture(portrait)))
    check(detector.detect(Picture(scaled(portrait, 0.7))), scale=0.7)
    assert detector.detect(Picture(portrait)) == [first]


@pytest.mark.parametrize("size", [(512, 512), (300, 200), (640, 480), (97, 331), (40, 25)])
def test_runtimes_find_the_same_boxes(
    bundle: Bundle, spec: YunetSpec, portrait: ColorImage, size: tuple[int, int]
) -> None:
    picture = Picture(cv2.resize(portrait[40:220, 120:330], size).astype(np.uint8))

    one, other = (
        spec.build(bundle, Search(still=True), each).detect(picture)
        for each in ("tflite", "onnx")
    )  # fmt: skip

    assert [face.bbox for face in one] == [face.bbox for face in other]
    for face, same in zip(one, other, strict=True):
        assert face.landmarks is not None and same.landmarks is not None
        np.testing.assert_allclose(face.landmarks, same.landmarks, atol=0.05)


@pytest.mark.parametrize("side", [24, 40, 80, 160, 300])
def test_a_face_in_a_frame_of_640x480(moving: Yunet, portrait: ColorImage, side: int) -> None:
    scale = side / SIDE
    left, top = round(320 - 224 * scale), round(240 - 120 * scale)

    found = moving.detect(in_frame(scaled(portrait, scale), (640, 480), left, top))

    check(found, scale=scale, left=left, top=top)


@pytest.mark.parametrize("side", [48, 120, 300])
def test_most_frames_of_a_camera_are_searched_for_larger_faces(
    moving: Yunet, portrait: ColorImage, side: int
) -> None:
    scale = side / SIDE
    left, top = round(320 - 224 * scale), round(240 - 120 * scale)

    found = moving.detect_quickly(in_frame(scaled(portrait, scale), (640, 480), left, top))

    assert isinstance(moving, QuickDetector)
    check(found, scale=scale, left=left, top=top)


@pytest.mark.parametrize("side", [40, 90, 250, 420, 600, 1000])
def test_a_face_in_a_photograph_of_4000x3000(still: Yunet, portrait: ColorImage, side: int) -> None:
    scale = side / SIDE
    left, top = (1800, 1300) if side < 100 else (0, 0)

    found = still.detect(in_frame(scaled(portrait, scale), (4000, 3000), left, top))

    check(found, scale=scale, left=left, top=top)


def test_the_least_face_may_be_said(bundle: Bundle, spec: YunetSpec, portrait: ColorImage) -> None:
    picture = in_frame(scaled(portrait, 24 / SIDE), (2000, 1500), 900, 700)

    def found(least: int | None) -> list[Detection]:
        return spec.build(bundle, Search(still=True, min_face=least)).detect(picture)

    check(found(24), scale=24 / SIDE, left=900, top=700)
    assert found(150) == []


@pytest.mark.parametrize("pixels", [60, 112, 150, 400, 900, 2000])
@pytest.mark.parametrize("kind", ["moving", "still"])
def test_a_face_that_fills_the_picture(
    request: pytest.FixtureRequest, portrait: ColorImage, pixels: int, kind: str
) -> None:
    """The box of the face alone, without forehead and ears."""
    detector: Yunet = request.getfixturevalue(kind)
    scale = pixels / FACE.height
    crop = scaled(portrait[FACE.ymin : FACE.ymax, FACE.xmin : FACE.xmax], scale)

    (face,) = detector.detect(Picture(crop))

    assert face.landmarks is not None
    expected = (POINTS - (FACE.xmin, FACE.ymin)) * scale
    assert np.abs(face.landmarks - expected).max() < 0.15 * pixels


def test_crops_of_150x150_with_a_face_that_touches_their_edges(
    still: Yunet, portrait: ColorImage
) -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(40):
        room = rng.uniform(-0.04, 0.25, 4) * SIDE
        left, right = round(FACE.xmin - room[0]), round(FACE.xmax + room[1])
        top, bottom = round(max(0, FACE.ymin - room[2])), round(FACE.ymax + room[3])
        crop = cv2.resize(
            portrait[top:bottom, left:right], (150, 150), interpolation=cv2.INTER_AREA
        )
        found.append(len(still.detect(Picture(crop.astype(np.uint8)))))

    assert found == [1] * 40


@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom"])
def test_a_face_that_touches_an_edge(moving: Yunet, portrait: ColorImage, edge: str) -> None:
    left = FACE.xmin if edge == "left" else 0
    top = FACE.ymin if edge == "top" else 0
    right = FACE.xmax if edge == "right" else 512
    bottom = FACE.ymax if edge == "bottom" else 512

    found = moving.detect(Picture(portrait[top:bottom, left:right]))

    check(found, left=-left, top=-top)


def grey(image: ColorImage) -> ColorImage:
    return Picture.of_gray(Picture(image).gray).image


def dark(image: ColorImage) -> ColorImage:
    return (image * 0.18).astype(np.uint8)


def jpeg(image: ColorImage) -> ColorImage:
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 10])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded.astype(np.uint8)


@pytest.mark.parametrize("change", [grey, dark, jpeg])
@pytest.mark.parametrize("scale", [0.4, 1.0])
def test_a_face_without_colour_or_light_and_of_few_bytes(
    moving: Yunet, portrait: ColorImage, change: object, scale: float
) -> None:
    assert callable(change)

    check(moving.detect(Picture(change(scaled(portrait, scale)))), scale=scale)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (20, 20), (31, 500), (5000, 40), (40, 5000)])
@pytest.mark.parametrize("color", [0, 120, 255])
def test_a_wall_of_any_size_has_no_face(
    moving: Yunet, still: Yunet, size: tuple[int, int], color: int
) -> None:
    wall = Picture(np.full((size[1], size[0], 3), color, np.uint8))

    assert moving.detect(wall) == still.detect(wall) == moving.detect_quickly(wall) == []


def test_a_part_of_a_larger_picture_need_not_be_copied(moving: Yunet, portrait: ColorImage) -> None:
    """OpenCV draws its border from the pixels around a part, unless it is told not to."""
    part = portrait[60:300, 100:400]

    assert moving.detect(Picture(part)) == moving.detect(Picture(part.copy()))
