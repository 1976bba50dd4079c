import shutil
from pathlib import Path

import pytest

from edge_app.media.photo import write_photo
from edge_app.samples.faces import drawn_face, tinted
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from export import basis
from export.basis import write_eigenfaces
from tests import tiny
from training.recipe import EIGENFACES, opencv_cascade


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    for person in range(4):
        for index in range(3):
            home = folder / f"person{person}"
            home.mkdir(exist_ok=True)
            face = drawn_face(person, side=200, mood=0.8 * (index - 1))
            write_photo(home / f"{index}.png", tinted(face))
    return folder


def test_the_runs_eigenfaces_are_copied(tmp_path: Path) -> None:
    tiny.write_eigenfaces(tmp_path / "eigenfaces.xml")

    write_eigenfaces(tmp_path, None, tmp_path / "copy.xml")

    copied, original = (tmp_path / name for name in ("copy.xml", "eigenfaces.xml"))
    assert copied.read_bytes() == original.read_bytes()


def test_a_run_with_too_few_eigenfaces_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.write_eigenfaces(tmp_path / "eigenfaces.xml")
    more = EIGENFACES.model_copy(update={"components": EIGENFACES.components + 1})
    monkeypatch.setattr(basis, "EIGENFACES", more)

    with pytest.raises(ValueError, match="expected at least 201 eigenfaces, found 200"):
        write_eigenfaces(tmp_path, None, tmp_path / "copy.xml")


def test_another_xml_is_no_eigenfaces(tmp_path: Path) -> None:
    shutil.copyfile(opencv_cascade(), tmp_path / "eigenfaces.xml")

    with pytest.raises(ValueError, match="expected an Eigenfaces XML, found none"):
        write_eigenfaces(tmp_path, None, tmp_path / "copy.xml")


def test_a_run_without_eigenfaces_is_told_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="python -m training eigenfaces"):
        write_eigenfaces(tmp_path, None, tmp_path / "copy.xml")


def test_photographs_make_a_basis_that_a_device_reads(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = EIGENFACES.model_copy(update={"components": 5})
    monkeypatch.setattr(basis, "EIGENFACES", few)

    write_eigenfaces(tmp_path, people, tmp_path / "new.xml")

    found = EigenfaceBasis(tmp_path / "new.xml", few)
    assert len(found.cohort) == 4


def test_too_few_photographs_are_counted(people: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected more than 200 photographs.*found 12"):
        write_eigenfaces(tmp_path, people, tmp_path / "new.xml")
