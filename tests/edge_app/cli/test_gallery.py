"""People's commands on a database of a program that knew no landmarks."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

import edge_app
from edge_app.cli import main
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from tests.edge_app.enrolment.test_aligning import store_as_before
from tests.stored import drawn_sample, new_sample


@pytest.fixture
def old_state(tmp_path: Path) -> Path:
    """Of every table one face, and one that cannot be made out."""
    image = cv2.imread(str(Path(edge_app.__file__).parent / "samples" / "astronaut.jpg"), 0)
    assert image is not None
    face = cv2.resize(image[60:200, 150:290], (84, 84)).astype(np.uint8)
    folder = tmp_path / "state"
    with State(folder) as state:
        gallery = Gallery(state)
        ana = gallery.enrol("Ana", [new_sample(1), new_sample(2)])
        gallery.rejections.add(ana.id, drawn_sample(3))
        UnknownPeople(state).see([new_sample(4)])
        store_as_before(state, "samples", face, np.zeros((84, 84), np.uint8))
        store_as_before(state, "rejections", face)
        store_as_before(state, "unknown_faces", face)
    return folder


@pytest.mark.parametrize("words", [["list"], ["unknown", "list"], ["retrain"]])
def test_faces_are_aligned_by_the_first_command_that_opens_them(
    words: list[str], old_state: Path
) -> None:
    result = CliRunner().invoke(main.app, ["people", *words, "--state", str(old_state)])

    assert result.exit_code == 0, result.output
    with State(old_state) as state:
        gallery, unknown = Gallery(state), UnknownPeople(state)
        assert [face.layout for face in gallery.samples()] == ["aligned", "box"]
        assert [face.layout for face in gallery.rejections.faces()] == ["aligned"]
        assert [face.layout for face in unknown.faces()] == ["aligned"]


def test_people_are_listed_where_no_detector_can_be_built(
    old_state: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = ["people", "unknown", "list", "--state", str(old_state)]

    CliRunner().invoke(main.app, [*words, "--bundle", str(tmp_path / "none")])

    assert "stored faces not aligned: " in caplog.text
    with State(old_state) as state:
        assert len(UnknownPeople(state).unaligned()) == 1
