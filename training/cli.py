"""The commands of ``python -m training``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from training.datasets.fer2013 import Usage

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

DataFolder = Annotated[
    Path, typer.Option("--data", help="Folder with fer2013.csv and, if wanted, ferplus.csv.")
]


@app.callback()
def _commands() -> None:
    """Build the emotion networks on a workstation."""


@app.command()
def train(
    data: DataFolder,
    run: Annotated[Path, typer.Option("--run", help="Folder that receives the run.")],
    epochs: Annotated[int, typer.Option(min=1)] = 45,
    batch_size: Annotated[int, typer.Option(min=2)] = 128,
    seed: int = 2013,
) -> None:
    """Train on FER2013's Training split, chosen on PublicTest. A stopped run is resumed."""
    from training.train import TrainConfig
    from training.train import train as run_training

    run_training(TrainConfig(epochs=epochs, batch_size=batch_size, seed=seed), data, run)


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(help="A .keras, .tflite or .onnx file.")],
    data: DataFolder,
    split: Annotated[
        Usage, typer.Option(help="PrivateTest is for a report at the end, never for a choice.")
    ] = "PublicTest",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the figures and the picture.")
    ] = None,
    architecture: str = "compact",
) -> None:
    """Accuracy, F1 and the confusion matrix of a trained or exported network."""
    from edge_app.preprocess import normalize
    from training import evaluate as evaluating
    from training.datasets import fer2013
    from training.models import ARCHITECTURES

    faces = fer2013.load(data / "fer2013.csv").split(split)
    predict = evaluating.load_predictor(model)
    scores = predict(normalize(faces.images, ARCHITECTURES[architecture].normalization))
    evaluation = evaluating.evaluate(scores, faces, fer2013.LABELS)
    title = f"{model.name} on {split}: accuracy {evaluation.accuracy:.4f}"
    print(f"{title}, macro-F1 {evaluation.macro_f1:.4f}")
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        figures = json.dumps(evaluation.summary(), indent=2) + "\n"
        (output / f"metrics-{split}.json").write_text(figures, encoding="utf-8")
        evaluating.draw_confusion(evaluation, title, output / f"confusion-{split}.png")


@app.command()
def eigenfaces(
    data: DataFolder,
    output: Annotated[Path, typer.Option("-o", "--output", help="The XML to write.")],
    cascade: Annotated[
        Path | None, typer.Option(help="Haar cascade; default: the one in OpenCV's package.")
    ] = None,
    count: Annotated[int, typer.Option(min=100, help="Faces of strangers to train on.")] = 1000,
    seed: int = 2013,
) -> None:
    """Train the eigenface basis on faces of FER2013's Training split."""
    from edge_app.detect import HaarDetector
    from training.datasets import fer2013
    from training.eigenfaces import cohort_crops, train_basis
    from training.recipe import DETECTOR, IDENTIFIER, opencv_cascade

    faces = fer2013.load(data / "fer2013.csv").split("Training")
    detector = HaarDetector(cascade or opencv_cascade(), DETECTOR, DETECTOR.still)
    crops = cohort_crops(faces.images, detector, IDENTIFIER.crop, count=count, seed=seed)
    train_basis(crops, IDENTIFIER.components, output)
    print(f"{output}: {IDENTIFIER.components} components of {len(crops)} faces")
