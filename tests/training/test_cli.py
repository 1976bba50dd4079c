import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge_app.media.photo import write_photo
from edge_app.samples.faces import drawn_face, tinted
from training import cli, records, runs
from training import train as training
from training.augment import Augmentation
from training.config import TrainConfig, recipe


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[TrainConfig]:
    """The configurations that the command asked to train."""
    asked: list[TrainConfig] = []
    monkeypatch.setattr(training, "train", lambda config, data, run: asked.append(config))
    report = {"best_epoch": 2, "epochs": 3, "public_test_accuracy": 0.5,
              "public_test_mean_recall": 0.45, "public_test_macro_f1": 0.4, "temperature": 1.0,
              "votes": False}  # fmt: skip
    monkeypatch.setattr(runs, "read_report", lambda run: report)
    return asked


def invoke(*words: str) -> None:
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 0, result.output


def test_without_options_the_recipe_is_trained(trained: list[TrainConfig]) -> None:
    invoke("train", "--data", "d", "--run", "r", "--architecture", "vgg", "--labels", "bored4")

    assert trained == [recipe("vgg", "bored4")]


@pytest.mark.parametrize(
    "config",
    [
        recipe("vgg-sgd", "fer7"),
        replace(recipe("compact", "bored4"), epochs=12, init="my runs/a", teachers=("b", "c"),
                teacher_weight=0.3, teacher_temperature=2.0, ema_momentum=None,
                weight_decay=None),
        replace(recipe("compact", "fer7"), mixup=0.2, label_smoothing=0.1, vote_weight=0.5, seed=7,
                batch_size=64, peak_learning_rate=0.05, augmentation=None, monitor="macro_f1"),
        replace(recipe("compact", "fer7"), ema_momentum=0.99, class_balance=0.25,
                weight_decay=0.005,
                augmentation=Augmentation(erase_probability=0.0, noise=20.0)),
        replace(recipe("vgg", "fer7"), optimizer="sgd", schedule="cosine", precision="bfloat16",
                augmentation=Augmentation(rotation=9.0, scale=0.09, shift=0.07, gamma=0.24)),
    ],
)  # fmt: skip
def test_the_command_in_the_models_table_trains_that_very_configuration(
    config: TrainConfig, trained: list[TrainConfig]
) -> None:
    words = shlex.split(records.command(config, "name"))

    invoke(*words[3:])

    assert trained == [config]


def test_a_run_is_evaluated_with_figures_and_pictures(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invoke("evaluate", str(run), "--data", str(data), "-o", str(tmp_path))

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model.keras-PublicTest-confusion.csv", "model.keras-PublicTest-confusion.png",
        "model.keras-PublicTest-reliability.png", "model.keras-PublicTest.json",
    ]  # fmt: skip


def test_robustness_of_a_run(run: Path, data: Path) -> None:
    result = CliRunner().invoke(cli.app, ["robustness", str(run), "--data", str(data)])

    assert result.exit_code == 0, result.output
    assert result.output.startswith("| PublicTest: accuracy, mean recall (FER+ majority); ")


def test_runs_are_compared(run: Path, data: Path) -> None:
    result = CliRunner().invoke(cli.app, ["compare", str(run), str(run), "--data", str(data)])

    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"| against {run} on PublicTest | by | points of accuracy |")
    same = "+0.00 | +0.00 to +0.00 | +0.000 | +0.000 to +0.000 | +0.000 | +0.000 to +0.000"
    for measure in ("FER+ majority", "labels"):
        assert f"| {run} | {measure} | {same} |" in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["evaluate", "none.tflite", "--data", "."], "none.tflite: no such file"),
        (["latency", "x.tflite", "--fer", "none.tflite"], "none.tflite: no such file"),
        (["latency", "model.keras", "--fer", "x.tflite"], "expected .tflite or .onnx files"),
        (["calibrate", "nowhere", "--data", "."], "found no trained.json"),
        (["merge", "--data", "nowhere", "--bored", "b.csv", "-o", "c.csv"], "expected fer2013.csv"),
    ],
)
def test_what_the_user_can_put_right_is_one_line(
    words: list[str], message: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr("sys.argv", ["training", *words])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert message in error
    assert error.count("\n") == 1


def test_an_interrupted_run_is_told_how_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "train", interrupt)
    monkeypatch.setattr("sys.argv", ["training", "train", "--data", "d", "--run", "r"])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 130
    assert "interrupted; a run goes on with the same command" in capsys.readouterr().err


def test_quick_settings_can_be_said_by_options(trained: list[TrainConfig]) -> None:
    invoke("train", "--data", "d", "--run", "r", "--epochs", "3", "--batch-size", "8",
           "--ema", "0.5")  # fmt: skip

    assert trained == [replace(recipe("compact", "fer7"), epochs=3, batch_size=8, ema_momentum=0.5)]


def test_variations_of_faces_that_are_not_varied_are_refused(trained: list[TrainConfig]) -> None:
    words = ("train", "--data", "d", "--run", "r", "--no-augment", "--erase", "0.5")

    result = CliRunner().invoke(cli.app, words)

    assert "--no-augment" in str(result.exception)
    assert "--erase" in str(result.exception)
    assert trained == []


def test_a_weight_of_teachers_without_teachers_is_refused(trained: list[TrainConfig]) -> None:
    words = ("train", "--data", "d", "--run", "r", "--teacher-weight", "0.5")

    result = CliRunner().invoke(cli.app, words)

    assert "--teacher beside" in str(result.exception)
    assert trained == []


def test_the_end_of_a_run_is_told(trained: list[TrainConfig]) -> None:
    result = CliRunner().invoke(cli.app, ["train", "--data", "d", "--run", "r"])

    assert result.output == (
        "r: epoch 2 of 3, PublicTest accuracy 0.5000, mean recall 0.4500, macro-F1 0.4000, "
        "temperature 1.00, without FER+'s votes: there were none\n"
    )


@pytest.fixture
def photographed(tmp_path: Path) -> Path:
    """Folders ``people`` and ``test`` of the same three people."""
    for person in range(3):
        for index in range(4):
            home = tmp_path / ("people" if index < 3 else "test") / f"person{person}"
            home.mkdir(parents=True, exist_ok=True)
            face = drawn_face(person, side=200, mood=0.5 * (index - 1))
            write_photo(home / f"{index}.png", tinted(face))
    return tmp_path


def test_eigenfaces_of_people_are_evaluated_on_other_photographs(
    photographed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people, xml = str(photographed / "people"), str(photographed / "eigenfaces.xml")

    invoke("eigenfaces", people, "-o", xml, "--components", "6", "--detector", "haar")
    invoke("evaluate-faces", people, str(photographed / "test"), "--eigenfaces", xml,
           "--detector", "haar", "-o", str(photographed))  # fmt: skip

    assert (photographed / "people-confusion.csv").read_text().startswith("true,person0,person1")
    assert (photographed / "people-confusion.png").stat().st_size > 1000


@pytest.mark.parametrize("words", [(), ("people", "--data", "data")])
def test_eigenfaces_wants_people_or_data(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli.app, ["eigenfaces", "-o", "x.xml", *words])

    assert isinstance(result.exception, ValueError)
    assert "PEOPLE or --data" in str(result.exception)
