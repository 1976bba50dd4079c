"""Commands that look at data sets and make new ones."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_app.core.progress import ConsoleProgress
from training.commands.options import CascadeOption, DataFolder

app = typer.Typer()


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
        Path,
        typer.Option(
            "-o", "--output", help="Folder for bored.csv, groups.csv and a page of the faces."
        ),
    ],
    cascade: CascadeOption = None,
    seed: Annotated[int, typer.Option(help="Which groups go to which split.")] = 2013,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="GROUPS.CSV",
            help="Photographs named there keep their split; new scenes go to Training.",
        ),
    ] = None,
) -> None:
    """Cut faces out of photographs and split them so that no scene stands on both sides."""
    from edge_app.bundle import loader
    from edge_app.vision.detection.haar import HaarDetector
    from edge_app.vision.recognition.methods import load_space
    from training import bored, bored_page
    from training.recipe import DETECTOR, opencv_cascade

    detector = HaarDetector(cascade or opencv_cascade(), DETECTOR, DETECTOR.still)
    with ConsoleProgress(Console(stderr=True)) as progress:
        earlier = None if keep is None else bored.read_splits(keep)
        found = bored.find_faces(photos, detector, progress)
        space = load_space(loader.load())
        prepared = bored.split(
            found.faces, seed=seed, progress=progress, space=space, earlier=earlier
        )
    bored.write(prepared, output)
    page = output / "index.html"
    bored_page.write(prepared, found, page)
    print(found)
    print(prepared)
    print(f"{output / 'bored.csv'}, {output / 'groups.csv'}; look at the faces in {page}")


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


@app.command()
def framing(
    photos: Annotated[Path, typer.Argument(help="Photographs; folders in it are looked into.")],
    data: DataFolder,
    cascade: CascadeOption = None,
    count: Annotated[int, typer.Option(min=1, help="Faces of FER2013 to compare with.")] = 4000,
    seed: Annotated[int, typer.Option(help="Which faces of FER2013.")] = 2013,
) -> None:
    """Which crop margin gives faces in photographs the place that FER2013's faces have."""
    import numpy as np

    from edge_app.media.photo import photos_in
    from edge_app.vision.detection.haar import HaarDetector
    from training import framing as frames
    from training.datasets import fer2013
    from training.recipe import DETECTOR, opencv_cascade
    from training.tables import markdown_table

    faces = fer2013.load(fer2013.find(data)).split("Training").images
    chosen = np.random.default_rng(seed).permutation(len(faces))[:count]
    folders = [photos, *sorted(path for path in photos.iterdir() if path.is_dir())]
    paths = [path for folder in folders for path in photos_in(folder)]
    detector = HaarDetector(cascade or opencv_cascade(), DETECTOR, DETECTOR.still)
    eyes = frames.EyeFinder()
    with ConsoleProgress(Console(stderr=True)) as progress:
        boxes = frames.framing(map(eyes, frames.boxed_faces(paths, detector, progress)))
        theirs = frames.framing(map(eyes, frames.watched(faces[chosen], progress)))
    rows = (
        (name, one.count, *(f"{value:.3f}" for value in (*one.distances, *one.heights)))
        for name, one in (("FER2013", theirs), ("boxes in photographs", boxes))
    )
    print(
        markdown_table(
            (
                "eyes",
                "faces",
                "apart, quartile",
                "median",
                "quartile",
                "height, quartile",
                "median",
                "quartile",
            ),
            rows,
        ),
        end="",
    )
    print(f"margin for the same distance: {frames.margin(theirs, boxes):+.3f}")
