"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from edge_app.core.places import DEVICE_FILE

StateOption = Annotated[
    Path | None, typer.Option("--state", metavar="DIR", help="Folder of the device's state.")
]

ConfigOption = Annotated[Path | None, typer.Option("--config", help=f"Default: {DEVICE_FILE}.")]

BundleOption = Annotated[
    Path | None, typer.Option("--bundle", help="Folder of a model bundle; default: the one in use.")
]


ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="DIGEST", help="Or its beginning; default: the one before."),
]


class ListsInputs(TyperCommand):
    """A command whose help ends with what may be given as a source."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # typer brings a click or needs it
        from edge_app.media.sources import inputs  # loads what commands of a push do without

        with formatter.section("Inputs"):
            formatter.write_dl(inputs())


def state_of_device(state: Path | None) -> Path:
    """The folder of ``--state``, else the one that the device's settings name.

    Raises ConfigError for settings that cannot be read.
    """
    from edge_app.kiosk.settings import device_settings
    from edge_app.storage.state import state_folder

    return state_folder(state or device_settings().state.directory)
