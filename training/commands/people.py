"""Commands about people and their faces."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_app.core.progress import ConsoleProgress
from training.commands.options import CascadeOption

app = typer.Typer()


@app.command()
def eigenfaces(
    output: Annotated[Path, typer.Option("-o", "--output", help="The XML to write.")],
    people: Annotated[
        Path | None, typer.Argument(help="A folder of photographs per person to train on.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Train on strangers instead: folder with fer2013.csv."),
    ] = None,
    cascade: CascadeOption = None,
    components: Annotated[
        int | None, typer.Option(min=2, help="At most so many eigenfaces; default: the recipe's.")
    ] = None,
    count: Annotated[int, typer.Option(min=100, help="With --data: so many strangers.")] = 1000,
    seed: Annotated[int, typer.Option(help="With --data: which strangers.")] = 2013,
) -> None:
    """Train the eigenfaces, on people's photographs or on strangers of FER2013's Training split."""
    from edge_app.vision.detection.haar import HaarDetector
    from training.datasets import fer2013
    from training.eigenfaces import cohort_crops, train_basis, train_on_people
    from training.recipe import DETECTOR, IDENTIFIER, opencv_cascade

    if (people is None) == (data is None):
        raise ValueError("expected PEOPLE or --data, one of them: whose faces to train on")
    detector = HaarDetector(cascade or opencv_cascade(), DETECTOR, DETECTOR.still)
    spec = IDENTIFIER
    if components is not None:
        spec = spec.model_copy(update={"components": components})
    if people is not None:
        with ConsoleProgress(Console(stderr=True)) as progress:
            spec = train_on_people(people, detector, spec, output, progress)
    elif data is not None:
        images = fer2013.load(fer2013.find(data)).split("Training").images
        with ConsoleProgress(Console(stderr=True)) as progress:
            crops = cohort_crops(images, detector, spec.crop, progress, count=count, seed=seed)
        train_basis(crops, spec, output)
    print(f"{output}: {spec.components} eigenfaces")


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
    eigenfaces: Annotated[
        Path | None, typer.Option("--eigenfaces", help="Another XML than the bundle's.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the confusion matrix.")
    ] = None,
) -> None:
    """Enrol people from photographs and see who is taken for whom on others."""
    from edge_app.bundle import loader
    from edge_app.enrolment.folders import load_people
    from edge_app.vision.parts import build_detector
    from edge_app.vision.recognition.eigenfaces import BasisSpec, EigenfaceBasis
    from edge_app.vision.recognition.identifier import FaceSpace, identifier_of
    from edge_app.vision.recognition.methods import identifier_spec
    from training import identification
    from training.eigenfaces import components_of
    from training.pictures import draw_matrix

    opened = loader.load(bundle)
    detector = build_detector(opened, still=True)
    spec = identifier_spec(opened)
    if eigenfaces is None:
        space: FaceSpace = spec.load(opened)
    elif isinstance(spec, BasisSpec):
        held = {"components": components_of(eigenfaces)}
        space = EigenfaceBasis(eigenfaces, spec.model_copy(update=held))
    else:
        raise ValueError(f"{opened.folder}: recognises people without eigenfaces; leave them out")
    with ConsoleProgress(Console(stderr=True)) as progress:
        samples = load_people(people, detector, space.spec.crop, progress)
        identifier = identifier_of(space, samples)
        found = identification.evaluate_faces(
            test, identifier.names, detector, identifier, progress
        )
    print(found)
    if output is not None:
        identification.write_identification(found, output / "people-confusion.csv")
        draw_matrix(
            found.confusion, found.rows, found.columns, str(test), output / "people-confusion.png"
        )
