import logging
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.core.types import BBox, Detection, GrayImage, Picture
from edge_app.enrolment.aligning import align_gallery, align_stored
from edge_app.samples.faces import drawn_face
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.vision import align
from tests.stored import drawn_sample, new_sample


class Finds:
    """The middle of every picture that is not black, with landmarks."""

    def __init__(self) -> None:
        self.built = 0
        self.sides: set[int] = set()

    def __call__(self) -> "Finds":
        self.built += 1
        return self

    def detect(self, picture: Picture) -> list[Detection]:
        side = len(picture.image)
        self.sides.add(side)
        if not picture.gray.any():
            return []
        box = BBox(side // 5, side // 5, side - side // 5, side - side // 5)
        face = Detection(box, 1.0)
        return [Detection(box, 1.0, align.points(face))]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path) as state:
        yield state


def store_as_before(state: State, table: str, *faces: GrayImage) -> None:
    """Of faces that are there, as programs stored them that knew no landmarks."""
    with state.writing() as connection:
        numbers = [row[0] for row in connection.execute(f"SELECT id FROM {table} ORDER BY id")]
        for number, face in zip(numbers, faces, strict=True):
            png = cv2.imencode(".png", face)[1].tobytes()
            connection.execute(
                f"UPDATE {table} SET crop = ?, layout = 'box' WHERE id = ?", (png, number)
            )


def test_old_faces_are_aligned_once_and_what_cannot_be_stays(
    state: State, caplog: pytest.LogCaptureFixture
) -> None:
    gallery, finds = Gallery(state), Finds()
    ana = gallery.enrol("Ana", [new_sample(1), new_sample(2), new_sample(3)])
    gallery.rejections.add(ana.id, drawn_sample(4))
    black = np.zeros((84, 84), np.uint8)
    store_as_before(state, "samples", drawn_face(1, side=84), black, drawn_face(2, side=84))
    store_as_before(state, "rejections", drawn_face(4, side=84))

    with caplog.at_level(logging.INFO):
        align_gallery(gallery, finds)
    align_gallery(gallery, finds)

    samples = gallery.samples(ana.id)
    assert [sample.layout for sample in samples] == ["aligned", "box", "aligned"]
    assert [sample.crop.shape for sample in samples] == [(160, 160, 3), (84, 84, 3), (160, 160, 3)]
    assert [face.id for face in gallery.unaligned(tried=True)] == [samples[1].id]
    measured = samples[0].measured
    assert measured is not None and measured.size_px in range(48, 54)  # as it was stored
    assert gallery.rejections.faces()[0].layout == "aligned"
    assert finds.sides == {252}
    assert finds.built == 2  # once for the samples, once for the corrections
    said = [(record.aligned, record.not_aligned) for record in caplog.records]  # type: ignore[attr-defined]
    assert said == [(2, 1), (1, 0)]


def test_without_old_faces_no_detector_is_built(state: State) -> None:
    gallery, finds = Gallery(state), Finds()
    gallery.enrol("Ana", [new_sample(1)])

    align_stored(gallery, finds)

    assert finds.built == 0


def test_a_damaged_picture_stays(state: State) -> None:
    gallery = Gallery(state)
    ana = gallery.enrol("Ana", [new_sample(1)])
    with state.writing() as connection:
        connection.execute("UPDATE samples SET crop = x'00', layout = 'box'")

    align_stored(gallery, Finds())

    assert [sample.layout for sample in gallery.samples(ana.id)] == ["box"]
