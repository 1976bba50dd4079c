"""`reconocias annotate` as a process: what it writes, and one clear line for every bad input."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from edge_app.bundle.loader import default_bundle_folder
from edge_app.media.photo import read_photo, write_photo
from edge_app.media.video_writer import VideoWriter
from tests.edge_app.conftest import scene, write_person

Done = subprocess.CompletedProcess[str]


def reconocias(*arguments: object) -> Done:
    command = [sys.executable, "-m", "edge_app", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def one_error(done: Done, *parts: str) -> None:
    """One line on stderr, exit code 2, no traceback, and the message has every part."""
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    errors = [line for line in lines if line.startswith("reconocias: error: ")]
    assert len(errors) == 1, done.stderr
    assert lines[-1] == errors[0], done.stderr
    for part in parts:
        assert part in errors[0]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second with two people, 10 frames a second."""
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    with VideoWriter(path, size=(640, 480), rate=Fraction(10)) as video:
        for index in range(10):
            video.write(scene(1, 2, side=200), index / 10)
        video.finish()
    return path


def test_people_are_named_and_others_are_strangers(tmp_path: Path) -> None:
    with resources.as_file(resources.files("edge_app.samples") / "astronaut.jpg") as portrait:
        home = tmp_path / "people" / "Begoña Ñ"
        home.mkdir(parents=True)
        shutil.copyfile(portrait, home / "1.jpg")
        picture = np.hstack([read_photo(portrait), scene(4, side=300, size=(512, 512))])
    clip, results = tmp_path / "clip.mp4", tmp_path / "results.jsonl"
    with VideoWriter(clip, size=(1024, 512), rate=Fraction(10)) as video:
        for index in range(10):
            video.write(picture, index / 10)
        video.finish()

    done = reconocias(
        "annotate", clip, "-o", tmp_path / "out.mp4", "--people", tmp_path / "people",
        "--results", results,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "10 frames" in done.stdout
    assert "frames per second" in done.stdout
    lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    assert len(lines) == 10
    for line in lines:
        by_place = sorted(line["faces"], key=lambda face: face["bbox"][0])
        name = "Begoña Ñ" if line["frame"] >= 2 else None  # by the votes of three looks
        assert [face["name"] for face in by_place] == [name, None]
        assert all(sum(face["scores"].values()) == pytest.approx(1, abs=0.01) for face in by_place)


@pytest.mark.parametrize("runtime", ["tflite", "onnx"])
def test_both_runtimes_say_the_same(tmp_path: Path, runtime: str) -> None:
    write_photo(tmp_path / "a.png", scene(3))

    done = reconocias(
        "annotate", tmp_path / "a.png", "--runtime", runtime, "--results", tmp_path / "a.jsonl"
    )

    assert done.returncode == 0, done.stderr
    (face,) = json.loads((tmp_path / "a.jsonl").read_text())["faces"]
    assert face["emotion"] in {*face["scores"], "unclear"}
    assert (tmp_path / "a.annotated.png").is_file()


def test_emotions_can_be_left_out(tmp_path: Path) -> None:
    write_photo(tmp_path / "a.png", scene(3))

    done = reconocias(
        "annotate", tmp_path / "a.png", "--no-emotions", "--results", tmp_path / "a.jsonl"
    )

    assert done.returncode == 0, done.stderr
    (face,) = json.loads((tmp_path / "a.jsonl").read_text())["faces"]
    assert face["emotion"] is None


def test_a_folder_becomes_a_folder(tmp_path: Path) -> None:
    home = tmp_path / "in"
    home.mkdir()
    for person in (1, 2):
        write_photo(home / f"{person}.jpg", scene(person))

    done = reconocias("annotate", home)

    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "in.annotated").iterdir()) == ["1.jpg", "2.jpg"]


def test_a_folder_is_gone_on_with(tmp_path: Path) -> None:
    home = tmp_path / "in"
    write_photo(home / "1.jpg", scene(1))
    assert reconocias("annotate", home).returncode == 0
    write_photo(home / "2.jpg", scene(2))

    done = reconocias("annotate", home, "--resume", "--workers", 2)

    assert done.returncode == 0, done.stderr
    assert "1 frames" in done.stdout
    assert "1 photos were done already" in done.stdout


def test_data_alone(clip: Path, tmp_path: Path) -> None:
    one_error(reconocias("annotate", clip, "-o", "none"), "expected --results FILE")

    done = reconocias("annotate", clip, "-o", "none", "--results", tmp_path / "r.jsonl")

    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["r.jsonl"]


def _missing(folder: Path) -> Path:
    return folder / "film.mp4"


def _empty(folder: Path) -> Path:
    (folder / "a.jpg").touch()
    return folder / "a.jpg"


def _text(folder: Path) -> Path:
    (folder / "a.jpg").write_text("Dear photo,\n")
    return folder / "a.jpg"


def _text_video(folder: Path) -> Path:
    (folder / "a.mp4").write_text("Dear film,\n")
    return folder / "a.mp4"


def _huge(folder: Path) -> Path:
    Image.new("1", (30_000, 30_000)).save(folder / "huge.png")
    return folder / "huge.png"


def _no_photos(folder: Path) -> Path:
    (folder / "in").mkdir()
    (folder / "in" / "notes.txt").touch()
    return folder / "in"


def _no_frames(folder: Path) -> Path:
    """What OpenCV leaves when nothing was written to it."""
    path = folder / "empty.avi"
    cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48)).release()
    return path


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (_missing, ("no such file", "check the path")),
        (_empty, ("expected a photo, found an empty file",)),
        (_text, ("expected a photo", "found data that is none")),
        (_text_video, ("expected a photo or a whole video", "found data that is none")),
        (_huge, ("million pixels", "scale the photo down")),
        (_no_photos, ("expected a folder with photos, found none",)),
        (_no_frames, ("expected",)),
    ],
)
def test_bad_input_is_one_clear_line_and_leaves_nothing(
    tmp_path: Path, make: Callable[[Path], Path], parts: tuple[str, ...]
) -> None:
    source = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    one_error(reconocias("annotate", source), str(source), *parts)

    assert sorted(tmp_path.rglob("*")) == before


def test_a_truncated_video(clip: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.mp4"
    short.write_bytes(clip.read_bytes()[: clip.stat().st_size * 2 // 3])

    one_error(reconocias("annotate", short, "-o", tmp_path / "out.mp4"), "short.mp4")

    assert not (tmp_path / "out.mp4").exists()


def test_an_output_that_cannot_be_written(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = reconocias("annotate", clip, "-o", tmp_path / "file" / "out.mp4")

    one_error(done, "cannot be written", "choose another place")


def test_results_do_not_replace_the_video(clip: Path, tmp_path: Path) -> None:
    video = Path(shutil.copyfile(clip, tmp_path / "in.mp4"))

    one_error(reconocias("annotate", video, "--results", video), "is the input itself")

    assert video.read_bytes() == clip.read_bytes()


def test_a_person_without_a_face(clip: Path, tmp_path: Path) -> None:
    write_person(tmp_path / "people", "Ana", 1)
    (tmp_path / "people" / "Wall").mkdir()
    write_photo(tmp_path / "people" / "Wall" / "1.png", np.full((200, 200, 3), 120, np.uint8))

    done = reconocias("annotate", clip, "-o", tmp_path / "out.mp4", "--people", tmp_path / "people")

    one_error(done, "Wall", "from the front")
    assert not (tmp_path / "out.mp4").exists()


@pytest.fixture
def copied_bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_bundle_folder(), tmp_path / "bundle"))


def test_a_bundle_with_one_flipped_bit(copied_bundle: Path, tmp_path: Path) -> None:
    write_photo(tmp_path / "a.png", scene(1))
    file = next(copied_bundle.glob("*.onnx"))
    data = bytearray(file.read_bytes())
    data[1000] ^= 4
    file.write_bytes(data)

    done = reconocias("annotate", tmp_path / "a.png", "--bundle", copied_bundle)

    one_error(done, file.name, "copy the bundle again")
    assert not (tmp_path / "a.annotated.png").exists()


@pytest.mark.parametrize("name", ["haarcascade_frontalface_default.xml", "eigenfaces.xml"])
def test_a_bundle_without_one_of_its_xml_files(
    copied_bundle: Path, tmp_path: Path, name: str
) -> None:
    write_photo(tmp_path / "a.png", scene(1))
    (copied_bundle / name).unlink()

    done = reconocias("annotate", tmp_path / "a.png", "--bundle", copied_bundle)

    one_error(done, name, "missing")


def test_doctor_says_that_all_works() -> None:
    done = reconocias("doctor")

    assert done.returncode == 0, done.stdout
    assert "Everything needed works." in done.stdout


def test_the_device_needs_no_tensorflow(tmp_path: Path) -> None:
    """Every module of the device imports where the workstation's packages cannot be had."""
    forbidden = ("tensorflow", "keras", "pandas", "sklearn", "matplotlib", "scipy", "training")
    script = tmp_path / "imports.py"
    script.write_text(
        "import importlib, pkgutil, sys\n"
        f"sys.modules.update(dict.fromkeys({forbidden!r}))\n"
        "import edge_app\n"
        "names = [m.name for m in pkgutil.walk_packages(edge_app.__path__, 'edge_app.')]\n"
        "for name in names:\n"
        "    if not name.endswith('__main__'):\n"
        "        importlib.import_module(name)\n"
        "print(len(names))\n"
    )

    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20
