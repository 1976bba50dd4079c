import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.core.errors import InputError, InputMissingError
from edge_app.core.progress import SILENT
from edge_app.core.types import GrayImage
from edge_app.samples.faces import drawn_face
from edge_app.vision.detection.base import Search
from edge_app.vision.detection.haar import HaarDetector
from edge_app.vision.detection.turned import TurningDetector
from edge_app.vision.parts import load_bundle, load_space
from edge_app.vision.recognition.identifier import FaceSpace
from tests.training.test_scenes import place
from training import bored, scenes
from training.datasets import bored as bored_set
from training.datasets.fer2013 import USAGES, DataError, Usage
from training.recipe import HAAR, opencv_cascade


@pytest.fixture(scope="module")
def detector() -> TurningDetector:
    return TurningDetector(HaarDetector(opencv_cascade(), HAAR, Search(still=True)))


def photo(person: int, scene: int, *, at: tuple[int, int] = (60, 100), faces: int = 1) -> GrayImage:
    image = cv2.resize(place(scene), (640, 480), interpolation=cv2.INTER_CUBIC)
    for number in range(faces):
        top, left = at[0], at[1] + 240 * number
        image[top : top + 130, left : left + 130] = drawn_face(person + number, side=130)
    return image.astype(np.uint8)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scenes with three photographs each, one without a face, one with two, one damaged."""
    folder = tmp_path_factory.mktemp("photos")
    for scene in range(4):
        for shot in range(3):
            image = photo(scene, scene, at=(60, 80 + 40 * shot))
            cv2.imwrite(str(folder / f"{scene}-{shot}.png"), image)
    cv2.imwrite(str(folder / "nobody.png"), np.full((200, 300), 128, np.uint8))
    cv2.imwrite(str(folder / "two.png"), photo(7, 9, faces=2))
    (folder / "damaged.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def space() -> FaceSpace:
    return load_space(load_bundle())


@pytest.fixture(scope="module")
def found(photos: Path, detector: TurningDetector) -> bored.Found:
    return bored.find_faces(photos, detector, SILENT)


def test_every_photograph_is_accounted_for(found: bored.Found) -> None:
    assert len(found.faces) == 12
    assert (found.without_face, found.with_several, found.unreadable) == (1, 1, 1)
    assert str(found).startswith("15 photographs: 12 faces")
    assert found.faces[0].crop.shape == (48, 48)


def test_a_photograph_that_hangs_upside_down_is_turned(
    detector: TurningDetector, tmp_path: Path
) -> None:
    for name in ("upright", "turned"):
        (tmp_path / name).mkdir()
    image = photo(2, 2)
    cv2.imwrite(str(tmp_path / "upright" / "a.png"), image)
    cv2.imwrite(str(tmp_path / "turned" / "a.png"), image[::-1, ::-1])

    (upright,) = bored.find_faces(tmp_path / "upright", detector, SILENT).faces
    found = bored.find_faces(tmp_path / "turned", detector, SILENT)

    (turned,) = found.faces
    assert (upright.detection.turn, turned.detection.turn) == (0, 180)
    assert np.abs(turned.crop.astype(int) - upright.crop).max() <= 8
    assert np.abs(turned.sample.astype(int) - upright.sample).max() <= 8
    assert "1 in turned photographs" in str(found)


def test_photographs_of_one_scene_stay_together(
    found: bored.Found, space: FaceSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # all drawn faces have the same strokes, about ten details of them
    monkeypatch.setattr(scenes, "SAME_SCENE", 30)
    prepared = bored.split(found.faces, seed=1, progress=SILENT, space=space)
    bored.write(prepared, tmp_path)

    with (tmp_path / "groups.csv").open(newline="") as text:
        rows = list(csv.DictReader(text))
    splits: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        splits.setdefault(row["photo"][0], set()).add((row["group"], row["Usage"]))
    assert all(len(where) == 1 for where in splits.values())
    assert len({group for where in splits.values() for group, _ in where}) == 4
    assert len({usage for where in splits.values() for _, usage in where}) == 3
    data = bored_set.load(tmp_path / "bored.csv")
    assert len(data.labels) == 12
    np.testing.assert_array_equal(data.images[int(rows[5]["row"])], found.faces[5].crop)
    assert "no group stands in two splits" in str(prepared)
    assert "faces outside of Training the recogniser takes" in str(prepared)


def test_photographs_keep_the_split_of_an_earlier_preparation(
    found: bored.Found, space: FaceSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "SAME_SCENE", 30)
    bored.write(bored.split(found.faces[:9], seed=3, progress=SILENT, space=space), tmp_path)
    before = bored.read_splits(tmp_path / "groups.csv")

    again = bored.split(found.faces, seed=4, progress=SILENT, space=space, earlier=before)

    now = {
        face.photo.name: USAGES[usage]
        for face, usage in zip(again.faces, again.data.usage, strict=True)
    }
    assert len(before) == 9
    assert {name: now[name] for name in before} == before
    assert {usage for name, usage in now.items() if name not in before} == {"Training"}


def test_splits_that_cannot_be_kept_name_the_photographs(
    found: bored.Found, space: FaceSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "SAME_SCENE", 0)  # all are one scene
    names = [face.photo.name for face in found.faces]
    clash: dict[str, Usage] = dict.fromkeys(names[:8], "Training")
    clash[names[8]] = "PublicTest"

    with pytest.raises(ValueError, match=rf"{names[8]} \(PublicTest\).*take them away: {names[9]}"):
        bored.split(found.faces, seed=4, progress=SILENT, space=space, earlier=clash)
    clash = {"other.jpg": "Training"}
    with pytest.raises(ValueError, match="found none of them"):
        bored.split(found.faces, seed=4, progress=SILENT, space=space, earlier=clash)


def test_splits_of_another_file_name_the_row(tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text("photo,Usage\na.jpg,Training\nb.jpg,test\n")

    with pytest.raises(DataError, match=r"groups.csv, row 2: expected .* found b.jpg and test"):
        bored.read_splits(tmp_path / "groups.csv")


def test_folders_without_photographs_are_named(tmp_path: Path, detector: TurningDetector) -> None:
    with pytest.raises(InputMissingError, match="no such folder"):
        bored.find_faces(tmp_path / "none", detector, SILENT)
    with pytest.raises(InputError, match="expected photographs, found none"):
        bored.find_faces(tmp_path, detector, SILENT)
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((200, 300), 128, np.uint8))
    with pytest.raises(InputError, match="expected photographs with one clear face, found none"):
        bored.find_faces(tmp_path, detector, SILENT)
