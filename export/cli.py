"""The command ``python -m export``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished training run.")],
    data: Annotated[Path, typer.Option("--data", help="Folder with fer2013.csv.")],
    name: Annotated[str, typer.Option(help="Name of the bundle, as emotions-fer7.")],
    version: Annotated[str, typer.Option(help="Version of the bundle, as 1.0.0.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder that becomes the bundle.")],
    key: Annotated[
        Path | None, typer.Option("--sign", metavar="KEY", help="SSH key to sign with.")
    ] = None,
) -> None:
    """Convert a run to TFLite and ONNX, prove the files, package and sign them."""
    from export.package import open_run, package
    from training.datasets import fer2013

    try:
        faces = fer2013.load(data / "fer2013.csv")
        manifest = package(open_run(run), faces, name=name, version=version, output=output, key=key)
    except (OSError, ValueError) as error:
        print(f"export: error: {error}", file=sys.stderr)
        raise typer.Exit(2) from error
    print(f"{output}: {manifest.name} {manifest.version}")
    for figure, value in manifest.metrics.items():
        print(f"  {figure}: {value:.4f}")
