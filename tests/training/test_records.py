import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from training import records
from training.augment import Augmentation
from training.config import TrainConfig, recipe
from training.datasets.fer2013 import DataError
from training.records import Latency, Record

REPORT = {"best_epoch": 3, "epochs": 14}
MODELS = Path(__file__).parents[2] / "models"


def evaluation(file: str, split: str, accuracy: float) -> dict[str, object]:
    majority = {"accuracy": accuracy, "mean_recall": accuracy - 0.1}
    labels = {"accuracy": accuracy - 0.2, "mean_recall": accuracy - 0.3}
    return {"file": file, "split": split, "majority": majority, "majority_without_copies": None,
            "labels": labels}  # fmt: skip


@pytest.fixture
def record(run: Path, tmp_path: Path) -> Path:
    """What is kept of a run whose exported files were measured."""
    folder = tmp_path / "runs" / "quick"
    folder.mkdir(parents=True)
    for name in ("config.json", "history.csv", "trained.json"):
        shutil.copyfile(run / name, folder / name)
    records.write_latencies(folder, [Latency("slow.onnx", 9_000_000, 4.0),
                                     Latency("fast.tflite", 1_250_000, 2.5)])  # fmt: skip
    for file, split, accuracy in (
        ("fast.tflite", "PublicTest", 0.7),
        ("slow.onnx", "PublicTest", 0.8),
        ("fast.tflite", "PrivateTest", 0.72),
    ):
        found = evaluation(file, split, accuracy)
        (folder / f"{Path(file).stem}-{split}.json").write_text(json.dumps(found))
    return folder


def test_the_table_has_the_figures_of_the_fastest_file(record: Path) -> None:
    text = records.table(records.read_records(record.parent))

    row = next(line for line in text.splitlines() if line.startswith("| quick "))
    assert (
        "| fer7 | 1,089,191 | `fast.tflite` | 1.25 MB | 70.00%, recall 0.600 | "
        "72.00%, recall 0.620 | - | 52.00%, recall 0.420 | 2.50" in row
    )


def test_every_architecture_and_label_set_has_a_row(record: Path) -> None:
    lines = records.table(records.read_records(record.parent)).splitlines()[2:]

    assert [line.split(" | ")[0] for line in lines] == [
        "| quick", "| compact-bored4", "| compact-dilated-fer7", "| compact-dilated-bored4",
        "| vgg-fer7", "| vgg-bored4", "| vgg-sgd-fer7", "| vgg-sgd-bored4",
    ]  # fmt: skip
    assert all("not trained" in line for line in lines[1:])


def test_a_run_whose_files_were_not_measured_shows_its_network() -> None:
    found = {("model.keras", "PublicTest"): evaluation("model.keras", "PublicTest", 0.5)}
    text = records.table([Record("plain", TrainConfig(), REPORT, found, [])])  # type: ignore[arg-type]

    assert (
        "| `model.keras` | - | 50.00%, recall 0.400 | - | - | - | - | trained, epoch 3 of 14 |"
        in text
    )


def test_a_command_says_only_what_the_recipe_does_not() -> None:
    config = replace(
        recipe("compact", "bored4"), epochs=10, init="runs/a", teachers=("runs/b", "runs/c"),
        ema_momentum=None, augmentation=Augmentation(erase_probability=0.25, noise=20.0),
    )  # fmt: skip

    assert records.command(recipe("vgg", "fer7"), "x") == (
        "python -m training train --data DATA --run runs/x --architecture vgg --labels fer7"
    )
    assert records.command(config, "x").removeprefix("python -m training train --data DATA ") == (
        "--run runs/x --architecture compact --labels bored4 --epochs 10 --init runs/a --ema 0 "
        "--teacher runs/b --teacher runs/c --noise 20.0 --erase 0.25"
    )


def test_the_table_goes_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- table -->\nold\n<!-- /table -->\nafter\n")

    records.update(page, "new\n")

    assert page.read_text() == "before\n<!-- table -->\nnew\n<!-- /table -->\nafter\n"


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("text\n")

    with pytest.raises(DataError, match="found no such marks"):
        records.update(page, "new\n")

    assert page.read_text() == "text\n"


def test_the_projects_own_table_is_what_its_records_say(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    shutil.copyfile(MODELS / "README.md", page)

    records.update(page, records.table(records.read_records(MODELS / "runs")))

    assert page.read_text() == (MODELS / "README.md").read_text(), (
        "run python -m training table --update models/README.md"
    )
