"""Commands that look at data sets and make new ones."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_app.core.progress import ConsoleProgress
from training.commands.options import BundleOption, DataFolder, DetectorOption

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
    bundle: BundleOption = None,
    detector: DetectorOption = "auto",
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
    from edge_app.vision.parts import RecognitionSettings, build_detector, load_bundle, load_space
    from training import bored, bored_page

    opened = load_bundle(bundle)
    faces = build_detector(opened, RecognitionSettings(detector=detector), still=True)
    with ConsoleProgress(Console(stderr=True)) as progress:
        earlier = None if keep is None else bored.read_splits(keep)
        found = bored.find_faces(photos, faces, progress)
        prepared = bored.split(
            found.faces, seed=seed, progress=progress, space=load_space(opened), earlier=earlier
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
    data: DataFolder,
    bundle: BundleOption = None,
    count: Annotated[int, typer.Option(min=1, help="Faces to look at.")] = 4000,
    seed: Annotated[int, typer.Option(help="Which faces.")] = 2013,
) -> None:
    """How large FER2013's faces are in their pictures: the span of the emotion crop."""
    import numpy as np

    from edge_app.vision.parts import RecognitionSettings, build_detector, load_bundle
    from training.datasets import fer2013
    from training.framing import spans

    faces = fer2013.load(fer2013.find(data)).split("Training").images
    chosen = faces[np.random.default_rng(seed).permutation(len(faces))[:count]]
    landmarks = RecognitionSettings(detector="yunet")
    detector = build_detector(load_bundle(bundle), landmarks, still=True)
    with ConsoleProgress(Console(stderr=True)) as progress:
        found = spans(chosen, detector, progress)
    if not found:
        raise ValueError(f"{data}: expected faces with landmarks, found none")
    quartiles = np.percentile(found, [25, 50, 75])
    print(
        f"{len(found)} of {len(chosen)} faces found; side of the picture in distances from the "
        f"eyes to the mouth: median {quartiles[1]:.2f}, half of them from {quartiles[0]:.2f} to "
        f"{quartiles[2]:.2f}"
    )
