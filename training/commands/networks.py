"""Commands that train networks and measure them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from training.commands.options import DataFolder
from training.config import ArchitectureName, Monitor, recipe
from training.datasets.fer2013 import Usage
from training.datasets.label_sets import LabelSetName

app = typer.Typer()


@app.command()
def train(
    data: DataFolder,
    run: Annotated[Path, typer.Option("--run", help="Folder that receives the run.")],
    architecture: ArchitectureName = "compact",
    labels: LabelSetName = "fer7",
    epochs: Annotated[int | None, typer.Option(min=1)] = None,
    batch_size: Annotated[int | None, typer.Option(min=2)] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=0.0, help="The largest of the schedule.")
    ] = None,
    seed: int | None = None,
    augment: Annotated[
        bool, typer.Option("--augment/--no-augment", help="Vary the faces as the recipe does.")
    ] = True,
    erase: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Chance of a blanked rectangle (cutout).")
    ] = None,
    mixup: Annotated[
        float | None, typer.Option(min=0.0, help="Alpha of the Beta distribution; 0 is none.")
    ] = None,
    label_smoothing: Annotated[float | None, typer.Option(min=0.0, max=0.9)] = None,
    vote_weight: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Share of FER+'s votes in the targets.")
    ] = None,
    ema: Annotated[
        float | None,
        typer.Option(min=0.0, max=0.99999, help="Momentum of averaged weights; 0 is none."),
    ] = None,
    class_balance: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="0 treats faces alike, 1 treats classes alike."),
    ] = None,
    monitor: Annotated[
        Monitor | None, typer.Option(help="The figure on PublicTest that the best epoch has.")
    ] = None,
    teacher: Annotated[
        list[Path] | None, typer.Option(help="A run to learn from; may be given several times.")
    ] = None,
    teacher_weight: Annotated[float | None, typer.Option(min=0.0, max=1.0)] = None,
    teacher_temperature: Annotated[float | None, typer.Option(min=0.1)] = None,
    init: Annotated[
        Path | None, typer.Option(help="A run of the same architecture to start from.")
    ] = None,
) -> None:
    """Train on the Training split, chosen on PublicTest. A stopped run is resumed.

    What is not given has the value of the architecture's recipe (training/config.py).
    """
    from training.train import train as run_training

    given: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "peak_learning_rate": learning_rate,
        "seed": seed,
        "mixup": mixup,
        "label_smoothing": label_smoothing,
        "vote_weight": vote_weight,
        "class_balance": class_balance,
        "monitor": monitor,
        "teachers": tuple(map(str, teacher)) if teacher else None,
        "teacher_weight": teacher_weight,
        "teacher_temperature": teacher_temperature,
        "init": None if init is None else str(init),
    }
    settings = {name: value for name, value in given.items() if value is not None}
    config = replace(recipe(architecture, labels), **settings)
    if ema is not None:
        config = replace(config, ema_momentum=ema or None)
    if not augment:
        config = replace(config, augmentation=None)
    elif erase is not None and config.augmentation is not None:
        config = replace(config, augmentation=replace(config.augmentation, erase_probability=erase))
    run_training(config, data, run)


@app.command()
def evaluate(
    model: Annotated[
        Path,
        typer.Argument(help="Folder of a run, or a .keras, .tflite or .onnx of a run or bundle."),
    ],
    data: DataFolder,
    split: Annotated[
        Usage, typer.Option(help="PrivateTest is for a report at the end, never for a choice.")
    ] = "PublicTest",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for figures and pictures.")
    ] = None,
) -> None:
    """Accuracy, F1, confusion matrix and calibration of a trained or exported network."""
    from training import evaluate as evaluating
    from training import pictures
    from training.datasets.label_sets import load_for
    from training.network import mirror_averaged, open_network

    network = open_network(model)
    faces = load_for(network.labels, data).split(split)
    evaluation = evaluating.evaluate(network(faces.images), faces, network.labels)
    mirrored = evaluating.evaluate(mirror_averaged(network, faces.images), faces, network.labels)
    print(f"{network.file} on {split}: {evaluation.describe()}")
    print(f"averaged with the mirror image: {mirrored.describe()}")
    if output is not None:
        stem = f"{network.file.stem}-{split}"
        title = f"{network.file.name} on {split}"
        record = {"file": network.file.name, "split": split, **evaluation.summary()}
        record["mirror_averaged"] = mirrored.figures()
        output.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, indent=2) + "\n"
        (output / f"{stem}.json").write_text(text, encoding="utf-8")
        evaluating.write_confusion(evaluation, output / f"{stem}-confusion.csv")
        pictures.draw_confusion(evaluation, title, output / f"{stem}-confusion.png")
        pictures.draw_reliability(evaluation, title, output / f"{stem}-reliability.png")


@app.command()
def calibrate(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")], data: DataFolder
) -> None:
    """Fit the temperature of a run's scores on PublicTest and put it into its network."""
    from training.calibrate import calibrate_run

    before, after = calibrate_run(run, data)
    print(f"{run}: calibration error on PublicTest {before:.4f}, now {after:.4f}")
