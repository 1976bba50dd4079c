"""The commands of ``python -m training``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_app.errors import ReconociasError
from edge_app.progress import ConsoleProgress
from training.datasets.fer2013 import Usage

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

_EXIT_USER_ERROR = 2
_EXIT_INTERRUPTED = 130

DataFolder = Annotated[
    Path, typer.Option("--data", help="Folder with fer2013.csv and, if wanted, ferplus.csv.")
]

CascadeOption = Annotated[
    Path | None, typer.Option(help="Haar cascade; default: the one in OpenCV's package.")
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
    cascade: CascadeOption = None,
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


@app.command()
def eda(
    data: Annotated[
        Path,
        typer.Option(
            "--data", help="Folder with fer2013.csv (and ferplus.csv), or train and test."
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the page; it will show faces.")
    ],
    seed: Annotated[int, typer.Option(help="Which faces the sample grid shows.")] = 2013,
) -> None:
    """Explore FER2013: one HTML page with counts, samples and doubles, and csv files beside it."""
    from training import eda as exploring
    from training import eda_page

    faces, votes = exploring.load(data)
    with ConsoleProgress(Console(stderr=True)) as progress:
        found = exploring.explore(faces, votes, progress)
    tables = exploring.write_tables(found, output)
    eda_page.write(found, output / "index.html", seed=seed)
    print(
        f"{output / 'index.html'}: {len(faces.labels)} faces, {found.surplus} identical to an "
        f"earlier one, {len(found.duplicates.pairs)} near pairs, {len(found.blank)} blank"
    )
    print("beside it:", ", ".join(path.name for path in tables))


@app.command("prepare-bored")
def prepare_bored(
    photos: Annotated[Path, typer.Argument(help="Folder of photographs of bored people.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for bored.csv and groups.csv.")
    ],
    cascade: CascadeOption = None,
    seed: Annotated[int, typer.Option(help="Which groups go to which split.")] = 2013,
) -> None:
    """Cut faces out of photographs and split them so that no scene stands on both sides."""
    from edge_app.detect import HaarDetector
    from training import bored
    from training.recipe import DETECTOR, opencv_cascade

    detector = HaarDetector(cascade or opencv_cascade(), DETECTOR, DETECTOR.still)
    with ConsoleProgress(Console(stderr=True)) as progress:
        found = bored.find_faces(photos, detector, progress)
        prepared = bored.split(found.faces, seed=seed, progress=progress)
    bored.write(prepared, output)
    print(found)
    print(prepared)
    print(f"{output / 'bored.csv'}, {output / 'groups.csv'}")


@app.command()
def merge(
    data: DataFolder,
    bored: Annotated[Path, typer.Option("--bored", help="The csv that prepare-bored wrote.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The merged csv to write.")],
) -> None:
    """Put FER2013 and the bored faces into one csv, FER2013's rows first."""
    from training.datasets import bored as bored_set
    from training.datasets import fer2013

    merged = bored_set.merge(fer2013.load(fer2013.find(data)), bored_set.load(bored))
    fer2013.save(output, merged)
    count = (merged.labels == bored_set.BORED).sum()
    print(f"{output}: {len(merged.labels)} faces, {count} of them bored")


def main() -> None:
    """Run the command; an error that the user can put right becomes one line and exit code 2."""
    try:
        app(prog_name="python -m training")
    except (ReconociasError, ValueError, OSError) as error:
        print(f"training: error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(_EXIT_USER_ERROR)
    except KeyboardInterrupt:
        print("training: interrupted", file=sys.stderr)
        sys.exit(_EXIT_INTERRUPTED)
