"""``reconocias web``: who may use the page."""

import base64
import hashlib
import ipaddress
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from edge_app.cli.options import ConfigOption, StateOption, state_of_device
from edge_app.core.errors import ConfigError, RuntimeMissingError, StateError
from edge_app.storage.state import state_folder

if TYPE_CHECKING:
    from edge_app.kiosk.settings import WebSettings
    from edge_app.web.security.access import AccessFile

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
def display(
    config: ConfigOption = None,
    pin: Annotated[
        bool,
        typer.Option(
            "--pin",
            help="With HTTPS also print, on a second line, what Chromium takes as "
            "--ignore-certificate-errors-spki-list.",
        ),
    ] = False,
    state: StateOption = None,
) -> None:
    """Print the address that lets the kiosk's own browser in as a viewer: it has no keyboard."""
    from edge_app.kiosk.settings import device_settings

    settings = device_settings(config)
    folder = state_folder(state or settings.state.directory)
    origin = _own_origin(settings.web)
    print(f"{origin}/display?key={_access(folder).read().display_key()}")
    if pin and settings.web.tls:
        print(_public_key_hash(folder / "web-certificate.pem"))


def _own_origin(web: "WebSettings") -> str:
    """Where this machine itself finds the page. Raises ConfigError where that cannot be told."""
    if not web.enabled:
        raise ConfigError("[web] enabled = false: expected the page on; a screen shows it")
    if web.port == 0:
        raise ConfigError("[web] port = 0: expected a number that is known before the kiosk runs")
    host = web.host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a name
        pass
    else:
        if address.is_unspecified:  # it listens on every address, this one among them
            host = "::1" if address.version == 6 else "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if web.tls else 'http'}://{shown}:{web.port}"


def _public_key_hash(certificate: Path) -> str:
    """SHA-256 of the public key (SubjectPublicKeyInfo, DER) in base64.

    It is read and not made here: only the kiosk knows when it takes a new one. Raises StateError.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    except (OSError, ValueError) as error:
        raise StateError(
            f"{certificate}: expected the kiosk's certificate, cannot read one ({error}); "
            "the kiosk makes it when it starts"
        ) from error
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(encoded).digest()).decode()


def _access(state: Path | None) -> "AccessFile":
    try:
        from edge_app.web.security.access import AccessFile
    except ImportError as error:
        raise RuntimeMissingError(
            f"passwords need {error.name}, which is not installed; pip install 'reconocias[web]'"
        ) from error
    return AccessFile(state_of_device(state))
