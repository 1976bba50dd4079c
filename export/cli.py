"""The command ``python -m export``."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_app.core.errors import ReconociasError, RuntimeMissingError
from edge_app.core.progress import ConsoleProgress

app = typer.Typer(help=__doc__, add_completion=False)

_EXIT_USER_ERROR = 2
_EXIT_INTERRUPTED = 130


@app.command()
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished training run.")],
    data: Annotated[Path, typer.Option("--data", help="Folder with the csv that it learned from.")],
    name: Annotated[str, typer.Option(help="Name of the bundle, as emotions-fer7.")],
    version: Annotated[str, typer.Option(help="Version of the bundle, as 1.0.0.")],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help="Folder that becomes the bundle; an earlier bundle there is replaced.",
        ),
    ],
    people: Annotated[
        Path | None,
        typer.Option(
            "--people",
            metavar="DIR",
            help="Photographs to train the eigenfaces on, a folder per person, of people who will "
            "not be enrolled; default: the run's eigenfaces.",
        ),
    ] = None,
    detector: Annotated[
        Path | None,
        typer.Option(
            "--detector",
            metavar="FILE",
            help="The published YuNet (ONNX); default: fetched once from the OpenCV Zoo.",
        ),
    ] = None,
    embedding: Annotated[
        Path | None,
        typer.Option(
            "--embedding",
            metavar="FILE",
            help="The published SFace (ONNX); default: fetched once from the OpenCV Zoo.",
        ),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="A model file to do without, as emotion-int8.onnx."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--sign", metavar="KEY", help="SSH key to sign with.")
    ] = None,
) -> None:
    """Convert a run to TFLite and ONNX, prove the files, package and sign them."""
    try:
        from export.package import open_run, package
    except ImportError as error:
        raise RuntimeMissingError(
            f"export needs {error.name}, which is not installed; pip install -e '.[export]'"
        ) from error
    from training.datasets.label_sets import LABEL_SETS

    opened = open_run(run)
    faces = LABEL_SETS[opened.config.labels].load(data)
    with ConsoleProgress(Console(stderr=True)) as progress:
        manifest = package(
            opened,
            faces,
            name=name,
            version=version,
            output=output,
            people=people,
            detector=detector,
            embedding=embedding,
            progress=progress,
            leave_out=leave_out or (),
            key=key,
        )
    print(f"{output}: {manifest.name} {manifest.version}, {'signed' if key else 'not signed'}")
    for figure, value in manifest.metrics.items():
        print(f"  {figure}: {value:.4f}")


def main() -> None:
    """Run the command; an error that the user can put right is told, with exit code 2."""
    logging.basicConfig(level=logging.WARNING, format="export: %(message)s")
    logging.getLogger("export").setLevel(logging.INFO)
    try:
        app(prog_name="python -m export")
    except (ReconociasError, ValueError, OSError) as error:
        print(f"export: error: {error}", file=sys.stderr)
        sys.exit(_EXIT_USER_ERROR)
    except SystemExit as ended:  # typer makes one of Ctrl-C, and says nothing
        if ended.code == _EXIT_INTERRUPTED:
            print("export: interrupted", file=sys.stderr)
        raise
