"""The commands of ``python -m training``."""

import os
import sys

import typer

from edge_app.core.errors import ReconociasError
from training.commands import data as data_commands
from training.commands import figures as figure_commands
from training.commands import networks as network_commands
from training.commands import people as people_commands

app = typer.Typer(
    help="Build the emotion networks on a workstation.", no_args_is_help=True, add_completion=False
)
app.add_typer(data_commands.app)
app.add_typer(network_commands.app)
app.add_typer(figure_commands.app)
app.add_typer(people_commands.app)

_EXIT_USER_ERROR = 2
_EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command; an error that the user can put right becomes one line and exit code 2."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's remarks on the processor
    try:
        app(prog_name="python -m training")
    except (ReconociasError, ValueError, OSError) as error:
        print(f"training: error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(_EXIT_USER_ERROR)
    except SystemExit as ended:  # typer makes one of Ctrl-C, and says nothing
        if ended.code == _EXIT_INTERRUPTED:
            print("training: interrupted; a run goes on with the same command", file=sys.stderr)
        raise
