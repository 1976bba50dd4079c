"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

StateOption = Annotated[
    Path | None, typer.Option("--state", metavar="DIR", help="Folder of the device's state.")
]

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Default: /etc/reconocias/config.toml.")
]

BundleOption = Annotated[
    Path | None, typer.Option("--bundle", help="Folder of a model bundle; default: the one in use.")
]
