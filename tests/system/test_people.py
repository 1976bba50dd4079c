"""``reconocias people`` as a user types it, on drawn people."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.bundle.loader import default_bundle_folder
from edge_app.core.types import ColorImage
from edge_app.media.photo import read_photo, write_photo
from edge_app.media.video_writer import VideoWriter
from edge_app.samples.faces import drawn_face, tinted
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from tests.edge_app.conftest import write_person
from tests.stored import drawn_sample, new_sample

_OF_A_BUNDLE = {"add", "import", "test", "calibrate", "retrain", "reject", "check"}


@pytest.fixture(scope="module", autouse=True)
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The packaged bundle without what takes drawn people for what they are."""
    folder = tmp_path_factory.mktemp("bundle") / "plain"
    shutil.copytree(default_bundle_folder(), folder, ignore=_of_others)
    (folder / "manifest.json.sig").unlink(missing_ok=True)
    manifest = json.loads((folder / "manifest.json").read_text())
    for role, kind in (("detectors", "haar"), ("identifiers", "eigenfaces")):
        manifest[role] = [part for part in manifest[role] if part["kind"] == kind]
    for file in list(manifest["files"]):
        if not (folder / file).exists():
            del manifest["files"][file]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAIN_BUNDLE", str(folder))
        yield folder


def _of_others(folder: str, names: list[str]) -> list[str]:
    return [
        name
        for name in names
        if name.startswith(("yunet", "sface", "golden-detector", "golden-embedding"))
    ]


def people(state: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge_app", "people", *words, "--state", state]
    if words[0] in _OF_A_BUNDLE or words[:2] in (("unknown", "list"), ("unknown", "name")):
        command += ["--bundle", os.environ["PLAIN_BUNDLE"]]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    write_person(folder, "Íñigo", 1, photos=3)
    write_person(folder, "李小龙", 4, photos=3)
    (folder / "Íñigo" / "broken.jpg").write_bytes(b"\xff\xd8\xff no more of it")
    return folder


def test_somebody_comes_in_is_renamed_recognised_and_goes(photos: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"

    refused = people(tmp_path / "careful", "import", photos)
    assert refused.returncode == 2
    assert "李小龙: expected a face that is nobody else's" in " ".join(refused.stderr.split())
    assert refused.stdout.splitlines() == ["Íñigo: 3 samples"]

    imported = people(state, "import", photos, "--anyway")
    assert imported.returncode == 0
    assert "broken.jpg" in imported.stderr
    assert imported.stdout.splitlines() == ["Íñigo: 3 samples", "李小龙: 2 samples"]

    tested = people(state, "test", photos)
    assert tested.returncode == 0
    assert tested.stdout.splitlines()[-1] == "6 of 6 right"

    drawn = people(state, "calibrate", "-o", tmp_path / "curve.svg")
    assert drawn.returncode == 0
    assert (tmp_path / "curve.svg").read_text().startswith("<svg")

    exported = people(state, "export", tmp_path / "out")
    assert exported.returncode == 0
    assert len(list((tmp_path / "out" / "李小龙").glob("*.png"))) == 2
    again = people(tmp_path / "other", "import", tmp_path / "out")
    assert again.returncode == 0
    assert again.stdout.splitlines() == ["Íñigo: 3 samples", "李小龙: 2 samples"]
    assert "李小龙 looks like Íñigo" in " ".join(again.stderr.split())

    assert people(state, "rename", "íñigo", "Eva").stdout == "íñigo is now Eva\n"
    assert people(state, "merge", "Eva", "李小龙").stdout == "Eva: 5 samples\n"
    assert "Eva" in people(state, "list").stdout
    people(state, "rename", "Eva", "Eva [/b]")
    assert "Eva [/b]" in people(state, "list").stdout
    assert people(state, "delete", "Eva [/b]", "--yes").returncode == 0
    assert "nobody is enrolled" in people(state, "list").stdout


def test_photographs_enrol_and_what_is_stored_already_is_refused(tmp_path: Path) -> None:
    write_person(tmp_path, "photos", 1, photos=3)
    first, second, third = (tmp_path / "photos" / f"{number}.png" for number in range(3))

    added = people(tmp_path, "add", "Ana", first, second)
    again = people(tmp_path, "add", "Ana", first, "--more")
    more = people(tmp_path, "add", "ana", first, third, "--more")

    assert added.stdout == "Ana: 2 samples kept, 2 in all\n"
    assert again.returncode == 2
    assert "the same as a photo that was kept" in " ".join(again.stderr.split())
    assert more.stdout == "Ana: 1 samples kept, 3 in all\n"
    folder = people(tmp_path / "of a folder", "add", "Ana", tmp_path / "photos")
    assert folder.stdout == "Ana: 3 samples kept, 3 in all\n"

    retrained = people(tmp_path, "retrain")
    assert re.fullmatch(
        r"3 samples in \d+\.\d\d s; named up to a distance of 0\.\d{3}\n", retrained.stdout
    )


def test_a_video_in_place_of_a_camera_enrols(tmp_path: Path) -> None:
    clip, wall = tmp_path / "clip.mp4", tmp_path / "wall.mp4"
    write_clip(clip, lambda index: swaying(index / 5))
    write_clip(wall, lambda index: np.full((480, 640, 3), 120, np.uint8))

    refused = people(tmp_path, "add", "Ana", "--camera", wall)
    assert refused.returncode == 2
    assert "found 0; Come closer and look at the camera" in " ".join(refused.stderr.split())
    assert "nobody is enrolled" in people(tmp_path, "list").stdout

    added = people(tmp_path, "add", "Ana", "--camera", clip)
    kept = re.fullmatch(r"Ana: (\d+) samples kept, (\d+) in all\n", added.stdout)
    assert kept is not None
    assert 8 <= int(kept[1]) == int(kept[2]) <= 30


def write_clip(path: Path, picture: Callable[[int], ColorImage]) -> None:
    """Five seconds at ten frames a second."""
    with VideoWriter(path, size=(640, 480), rate=Fraction(10)) as video:
        for index in range(50):
            video.write(picture(index), index / 10)
        video.finish()


def swaying(seconds: float) -> ColorImage:
    """A drawn person who tilts the head and smiles by turns."""
    picture = np.full((480, 640, 3), 110, np.uint8)
    picture[130:350, 210:430] = tinted(drawn_face(1, side=220, mood=float(np.sin(seconds))))
    tilt = cv2.getRotationMatrix2D((320, 240), 12 * np.sin(seconds * 0.8), 1.0)
    return cv2.warpAffine(picture, tilt, (640, 480), borderMode=cv2.BORDER_REPLICATE).astype(
        np.uint8
    )


def test_a_stranger_who_was_taken_for_somebody_is_not_any_more(tmp_path: Path) -> None:
    write_person(tmp_path, "Ana", 1)
    write_person(tmp_path, "a stranger", 2, photos=3)
    state, wrong = tmp_path / "state", tmp_path / "a stranger" / "0.png"
    assert people(state, "add", "Ana", "--from", tmp_path / "Ana").returncode == 0
    assert answers(state, tmp_path) == {
        "Ana": {"Ana": 2, "unknown": 0},
        "a stranger": {"Ana": 3, "unknown": 0},
    }

    rejected = people(state, "reject", "ana", wrong)

    assert rejected.stdout == f"{wrong}: was Ana, is unknown\n"
    assert answers(state, tmp_path) == {
        "Ana": {"Ana": 2, "unknown": 0},
        "a stranger": {"Ana": 0, "unknown": 3},
    }
    assert people(state, "list").stdout.splitlines()[1].split()[:3] == ["Ana", "2", "1"]

    assert people(state, "unreject", "ana").stdout == "Ana: 1 corrections deleted\n"

    assert answers(state, tmp_path)["a stranger"] == {"Ana": 3, "unknown": 0}
    assert people(state, "list").stdout.splitlines()[1].split()[:3] == ["Ana", "2", "0"]


def answers(state: Path, photos: Path) -> dict[str, dict[str, int]]:
    """What ``people test`` says of everybody shown."""
    tested = people(state, "test", photos)
    header, *rows = (re.split(r" {2,}", line.rstrip()) for line in tested.stdout.splitlines()[:-1])
    return {name: dict(zip(header[1:], map(int, counts), strict=True)) for name, *counts in rows}


def test_strangers_are_listed_named_discarded_and_forgotten(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        kept = UnknownPeople(state, clock=lambda: time.time() - 3 * 86_400.0)
        for person in (1, 2, 3):
            kept.see([new_sample(person)] * 3)
        UnknownPeople(state).see([new_sample(4)] * 3)
        begona = Gallery(state).add_person("Begoña")
        for days in (1, 3, 4):
            noted_at = time.time() - days * 86_400.0
            noted = Gallery(state, clock=partial(float, noted_at))
            noted.rejections.add(begona.id, drawn_sample(5))
    config = tmp_path / "config.toml"
    config.write_text("[unknown]\nkeep_days = 1000000")
    assert people(tmp_path, "unknown", "forget", "--config", config).stdout == (
        "0 strangers deleted, 0 corrections\n"
    )
    config.write_text("[unknown]\nkeep_days = 2")

    listed = people(tmp_path, "unknown", "list", "--pictures", tmp_path / "faces")
    assert [line.split()[:3] for line in listed.stdout.splitlines()[1:]] == [
        [number, "3", "1"] for number in ("4", "3", "2", "1")
    ]
    assert len(list((tmp_path / "faces").glob("2-*.png"))) == 3
    assert people(tmp_path, "unknown", "name", "1", "Ana").stdout == "Ana: 3 samples\n"
    assert people(tmp_path, "unknown", "name", "4", "ana").stdout == "Ana: 6 samples\n"
    refused = people(tmp_path, "unknown", "discard", "2", "99")
    assert refused.returncode == 2 and "none of number 99" in refused.stderr
    assert people(tmp_path, "unknown", "discard", "2").stdout == "1 strangers deleted\n"
    forgotten = people(tmp_path, "unknown", "forget", "--config", config)
    assert forgotten.stdout == "1 strangers deleted, 2 corrections\n"
    assert people(tmp_path, "unknown", "list").stdout == "no stranger was kept\n"


def test_a_face_that_is_somebodys_is_not_enrolled_twice_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAIN_BUNDLE", str(default_bundle_folder()))
    portrait = read_photo(Path(str(resources.files("edge_app.samples") / "astronaut.jpg")))
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    write_photo(first, portrait)
    write_photo(second, np.ascontiguousarray(portrait[:, ::-1]))

    added = people(tmp_path, "add", "Eileen", first)
    refused = people(tmp_path, "add", "Eva", second)
    more = people(tmp_path, "add", "Eileen", second, "--more")
    asked = people(tmp_path, "add", "Eva", second, "--anyway")
    checked = people(tmp_path, "check")
    told = json.loads(people(tmp_path, "check", "--json").stdout)

    assert (added.returncode, refused.returncode) == (0, 2)
    assert "one that looks like Eileen (0." in " ".join(refused.stderr.split())
    assert (more.stdout, asked.stdout) == (
        "Eileen: 1 samples kept, 2 in all\n",
        "Eva: 1 samples kept, 1 in all\n",
    )
    assert "Eileen and Eva look much alike" in checked.stdout
    assert told[0]["kind"] == "hard_to_tell"
    assert people(tmp_path / "nobody", "check").stdout == "nothing found\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add", "", "photo.png"), "expected a name, found an empty one"),
        (("add", "a" * 300, "photo.png"), "at most 100 characters, found 300"),
        (("add", "Ana"), "one of them alone"),
        (("add", "Ana", "missing.png"), "found 1 photos and none such"),
        (("add", "Ana", "."), ".: expected photos, found none"),
        (("rename", "Ana", "Eva"), "nobody called 'Ana'"),
        (("delete", "Ana", "--yes"), "nobody called 'Ana'"),
        (("test", "missing"), "found nobody"),
        (("calibrate",), "found nobody"),
        (("reject", "Ana", "missing.png"), "nobody called 'Ana'"),
        (("unreject", "Ana"), "nobody called 'Ana'"),
        (("unknown", "discard"), "one of them alone"),
        (("unknown", "name", "7", "Ana"), "none of number 7"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    done = people(tmp_path, *words)

    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
