"""Commands about people and their faces."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_app.bundle.literals import MethodChoice
from edge_app.core.progress import ConsoleProgress
from training.commands.options import BundleOption, DetectorOption

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
    bundle: BundleOption = None,
    detector: DetectorOption = "auto",
    components: Annotated[
        int | None, typer.Option(min=2, help="At most so many eigenfaces; default: the recipe's.")
    ] = None,
    count: Annotated[int, typer.Option(min=100, help="With --data: so many strangers.")] = 1000,
    seed: Annotated[int, typer.Option(help="With --data: which strangers.")] = 2013,
) -> None:
    """Train the eigenfaces, on people's photographs or on strangers of FER2013's Training split."""
    from edge_app.vision.parts import RecognitionSettings, build_detector, load_bundle
    from training.datasets import fer2013
    from training.eigenfaces import cohort, train_basis, train_on_people
    from training.recipe import EIGENFACES

    if (people is None) == (data is None):
        raise ValueError("expected PEOPLE or --data, one of them: whose faces to train on")
    recognition = RecognitionSettings(detector=detector)
    faces = build_detector(load_bundle(bundle), recognition, still=True)
    spec = EIGENFACES
    if components is not None:
        spec = spec.model_copy(update={"components": components})
    if people is not None:
        with ConsoleProgress(Console(stderr=True)) as progress:
            spec = train_on_people(people, faces, spec, output, progress)
    elif data is not None:
        images = fer2013.load(fer2013.find(data)).split("Training").images
        with ConsoleProgress(Console(stderr=True)) as progress:
            strangers = cohort(images, faces, progress, count=count, seed=seed)
        train_basis(strangers, spec, output)
    print(f"{output}: {spec.components} eigenfaces")


@app.command("evaluate-faces")
def evaluate_faces(
    people: Annotated[Path, typer.Argument(help="A folder of photographs per enrolled person.")],
    test: Annotated[
        Path,
        typer.Argument(help="The same with other photographs; other names are strangers' folders."),
    ],
    bundle: BundleOption = None,
    detector: DetectorOption = "auto",
    method: Annotated[
        MethodChoice, typer.Option("--method", help="Which of the bundle's tells people apart.")
    ] = "auto",
    eigenfaces: Annotated[
        Path | None,
        typer.Option("--eigenfaces", help="Eigenfaces of another XML than the bundle's."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for the confusion matrix.")
    ] = None,
) -> None:
    """Enrol people from photographs and see who is taken for whom on others."""
    from edge_app.enrolment.folders import load_people
    from edge_app.vision.parts import RecognitionSettings, build_detector, load_bundle, load_space
    from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
    from edge_app.vision.recognition.identifier import FaceSpace, identifier_of
    from training import identification
    from training.eigenfaces import components_of
    from training.pictures import draw_matrix
    from training.recipe import EIGENFACES

    opened = load_bundle(bundle)
    recognition = RecognitionSettings(detector=detector, method=method)
    faces = build_detector(opened, recognition, still=True)
    if eigenfaces is None:
        space: FaceSpace = load_space(opened, recognition)
    elif method == "sface":
        raise ValueError("expected --method eigenfaces or none beside --eigenfaces, found sface")
    else:
        held = {"components": components_of(eigenfaces)}
        space = EigenfaceBasis(eigenfaces, EIGENFACES.model_copy(update=held))
    with ConsoleProgress(Console(stderr=True)) as progress:
        samples = load_people(people, faces, progress)
        identifier = identifier_of(space, samples)
        found = identification.evaluate_faces(test, identifier.names, faces, identifier, progress)
    print(found)
    if output is not None:
        identification.write_identification(found, output / "people-confusion.csv")
        draw_matrix(
            found.confusion, found.rows, found.columns, str(test), output / "people-confusion.png"
        )
