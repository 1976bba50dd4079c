"""The commands of ``python -m training``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge_app.errors import ReconociasError
from training.commands import data as data_commands
from training.commands import figures as figure_commands
from training.commands import networks as network_commands
from training.commands import people as people_commands
from training.commands.options import CascadeOption, DataFolder

app = typer.Typer(
    help="Build the emotion networks on a workstation.", no_args_is_help=True, add_completion=False
)
app.add_typer(data_commands.app)
app.add_typer(network_commands.app)
app.add_typer(figure_commands.app)
app.add_typer(people_commands.app)

_EXIT_USER_ERROR = 2
_EXIT_INTERRUPTED = 130


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
    train_basis(crops, IDENTIFIER, output)
    print(f"{output}: {IDENTIFIER.components} components of {len(crops)} faces")


def main() -> None:
    """Run the command; an error that the user can put right becomes one line and exit code 2."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's remarks on the processor
    try:
        app(prog_name="python -m training")
    except (ReconociasError, ValueError, OSError) as error:
        print(f"training: error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(_EXIT_USER_ERROR)
    except KeyboardInterrupt:
        print("training: interrupted", file=sys.stderr)
        sys.exit(_EXIT_INTERRUPTED)
