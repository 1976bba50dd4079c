import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from edge_app.core.errors import InputMissingError, PeopleError
from edge_app.core.types import BBox, Detection, Picture
from edge_app.enrolment.folders import export_people, folder_name, homes_in, load_people
from edge_app.media.photo import write_photo
from edge_app.samples.faces import drawn_face, tinted
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from tests.stored import new_sample

_NAMES = ["Íñigo", "../../etc/passwd", "..", "a/b", "50 % Ana", "李" * 100, "CON: x", ".hidden"]


@pytest.mark.parametrize("name", _NAMES)
def test_a_name_is_one_plain_folder(name: str) -> None:
    folder = folder_name(name)

    assert Path(folder).name == folder
    assert not folder.startswith(".")
    assert "/" not in folder
    assert len(folder.encode()) <= 200


def test_exported_people_come_back_under_their_names(tmp_path: Path) -> None:
    with State(tmp_path / "state") as state:
        gallery = Gallery(state)
        for name in _NAMES:
            gallery.enrol(name, [new_sample()])

        assert export_people(gallery, tmp_path / "out") == len(_NAMES)

    homes = homes_in(tmp_path / "out")
    assert sorted(name for name, _ in homes) == sorted(_NAMES)
    assert all(home.parent == tmp_path / "out" for _, home in homes)
    assert {path.name for path in tmp_path.iterdir()} == {"state", "out"}


class _FindsAll:
    """Takes every picture for a face."""

    def detect(self, picture: Picture) -> Sequence[Detection]:
        height, width = picture.gray.shape
        return [Detection(BBox(0, 0, width, height), 9.0)]


def test_photographs_are_of_whom_an_export_names(tmp_path: Path) -> None:
    names = ["O'Collins", "Íñigo"]
    with State(tmp_path / "state") as state:
        for name in names:
            Gallery(state).enrol(name, [new_sample()])
        export_people(Gallery(state), tmp_path / "out")
    taken_apart = unicodedata.normalize("NFD", "Íñigo")
    (tmp_path / "out" / "Íñigo").rename(tmp_path / "out" / taken_apart)

    samples = load_people(tmp_path / "out", _FindsAll())

    assert sorted(sample.name for sample in samples) == sorted(names)


class _Counting:
    """Progress as a list: how many were announced, and how many of them came."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []

    def start(self, total: int) -> None:
        self.told.append((total, 0))

    def advance(self) -> None:
        total, done = self.told[-1]
        self.told[-1] = (total, done + 1)


def test_every_photograph_counts_as_progress_whether_it_will_do_or_not(tmp_path: Path) -> None:
    for name in ("Ana", "Eva"):
        write_photo(tmp_path / name / "0.png", tinted(drawn_face(1, side=84)))
    (tmp_path / "Eva" / "1.png").write_bytes(b"no picture")
    counting = _Counting()

    samples = load_people(tmp_path, _FindsAll(), counting)

    assert len(samples) == 2
    assert counting.told == [(3, 3)]


def test_somebody_without_a_usable_photograph_is_an_error(tmp_path: Path) -> None:
    write_photo(tmp_path / "Ana" / "0.png", tinted(drawn_face(1, side=84)))
    (tmp_path / "Eva").mkdir()
    (tmp_path / "Eva" / "0.png").write_bytes(b"no picture")

    with pytest.raises(PeopleError, match=r"found 1 photos and none such among them; .* of Eva"):
        load_people(tmp_path, _FindsAll())


def test_no_folder_and_no_people_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="no such folder"):
        homes_in(tmp_path / "missing")
    with pytest.raises(PeopleError, match="found none"):
        homes_in(tmp_path)
