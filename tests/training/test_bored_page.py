import re
from pathlib import Path

import numpy as np

from edge_app.core.types import BBox, Detection
from training import bored_page
from training.bored import BoredSet, Found, Nearest, PhotoFace
from training.datasets.bored import BORED
from training.datasets.fer2013 import Fer2013
from training.scenes import describe


def a_set(groups: list[int], usage: list[int]) -> tuple[BoredSet, Found]:
    """Faces 0.jpg, 1.jpg, ... of these groups and splits."""
    rng = np.random.default_rng(7)
    crops = rng.integers(0, 256, (len(groups), 48, 48), np.uint8)
    faces = tuple(
        PhotoFace(
            Path(f"{number}.jpg"),
            Detection(BBox(0, 0, 48, 48), 9.0),
            crop,
            np.zeros((160, 160, 3), np.uint8),
            describe(crop),
        )
        for number, crop in enumerate(crops)
    )
    data = Fer2013(crops, np.full(len(crops), BORED), np.array(usage))
    nearest = Nearest("0.jpg", f"{len(crops) - 1}.jpg", 0.5)
    return (
        BoredSet(faces, np.array(groups), data, nearest, nearest, recognised=1),
        Found(faces, without_face=3, with_several=2, unreadable=1, beside_smaller=0),
    )


def test_the_page_shows_every_face_under_its_split_the_largest_group_first(tmp_path: Path) -> None:
    bored, found = a_set(groups=[4, 9, 9, 2, 7], usage=[0, 0, 0, 1, 2])

    bored_page.write(bored, found, tmp_path / "index.html")

    page = (tmp_path / "index.html").read_text()
    training, public, private = re.split("<h2>(?:PublicTest|PrivateTest)", page)
    assert re.findall('title="(.*?)"', training) == ["1.jpg", "2.jpg", "0.jpg"]
    assert re.findall('title="(.*?)"', public) == ["3.jpg"]
    assert re.findall('title="(.*?)"', private) == ["4.jpg"]
    assert "3 faces,\n  2 groups" in training
    assert "9: 2 faces" in training


def test_the_page_stands_alone() -> None:
    page = bored_page.render(*a_set(groups=[0, 1, 2], usage=[0, 1, 2]))

    assert "http" not in page
    assert page.count('src="data:image/png;base64,') == page.count("<img") == 3 + 2
