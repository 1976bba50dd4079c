"""``reconocias web``: who may use the page."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from edge_app.commands.options import StateOption, state_of_device
from edge_app.errors import RuntimeMissingError

if TYPE_CHECKING:
    from edge_app.web.access import AccessFile

app = typer.Typer(
    help="Passwords and tokens of the web page.", no_args_is_help=True, rich_markup_mode=None
)

Role = Literal["viewer", "operator"]


@app.command()
def password(
    role: Annotated[Role, typer.Option("--role", help="A viewer cannot change anything.")] = (
        "operator"
    ),
    stdin: Annotated[bool, typer.Option("--stdin", help="Read it from the input's first line.")] = (
        False
    ),
    state: StateOption = None,
) -> None:
    """Set the password of a role; whoever is logged in with an old one is logged out."""
    if stdin:
        word = sys.stdin.readline().rstrip("\r\n")
    else:
        word = typer.prompt(
            f"New password for the {role}", hide_input=True, confirmation_prompt=True
        )
    access = _access(state)
    access.set_password(role, word)
    print(f"{access.path}: the password of the {role} is set")


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="What it is for, to tell tokens apart.")],
    role: Annotated[Role, typer.Option("--role")] = "viewer",
    state: StateOption = None,
) -> None:
    """Make a token for a script and print it, this once."""
    print(_access(state).add_token(name, role))


@app.command()
def revoke(name: str, state: StateOption = None) -> None:
    """Make a token useless."""
    _access(state).revoke_token(name)
    print(f"{name}: revoked")


@app.command()
def display(state: StateOption = None) -> None:
    """Print the path that lets the kiosk's own browser in as a viewer: it has no keyboard."""
    print(f"/display?key={_access(state).read().display_key()}")


def _access(state: Path | None) -> "AccessFile":
    try:
        from edge_app.web.access import AccessFile
    except ImportError as error:
        raise RuntimeMissingError(
            f"passwords need {error.name}, which is not installed; pip install 'reconocias[web]'"
        ) from error
    return AccessFile(state_of_device(state))
