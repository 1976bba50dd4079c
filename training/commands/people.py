"""Commands about people and their faces."""

import unicodedata
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_app.progress import ConsoleProgress

app = typer.Typer()


@app.command("evaluate-faces")
def evaluate_faces(
    people: Annotated[Path, typer.Argument(help="A folder of photographs per enrolled person.")],
    test: Annotated[
        Path,
        typer.Argument(help="The same with other photographs; other names are strangers' folders."),
    ],
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Default: the packaged one.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the confusion matrix.")
    ] = None,
) -> None:
    """Enrol people from photographs and see who is taken for whom on others."""
    from edge_app import bundle as bundles
    from edge_app.pipeline import build_pipeline
    from training import identification
    from training.pictures import draw_matrix

    opened = bundles.load(bundle)
    pipeline = build_pipeline(opened, people=people, emotions=False, still=True)
    assert pipeline.identifier is not None  # people are given
    names = [
        unicodedata.normalize("NFC", home.name)
        for home in people.iterdir()
        if home.is_dir() and not home.name.startswith(".")
    ]
    with ConsoleProgress(Console(stderr=True)) as progress:
        found = identification.evaluate_faces(
            test, names, pipeline.detector, pipeline.identifier, progress
        )
    print(found)
    if output is not None:
        identification.write_identification(found, output / "people-confusion.csv")
        draw_matrix(
            found.confusion, found.rows, found.columns, str(test), output / "people-confusion.png"
        )
