"""The command ``reconocias``."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

from edge_app import __version__
from edge_app.cli.annotate import EXIT_INTERRUPTED, annotate
from edge_app.cli.bundle import app as bundle_app
from edge_app.cli.config import app as config_app
from edge_app.cli.events import app as events_app
from edge_app.cli.options import BundleOption, ConfigOption, ListsInputs
from edge_app.cli.people import app as people_app
from edge_app.cli.people_quality import app as quality_app
from edge_app.cli.rollout import app as rollout_app
from edge_app.cli.unknown import app as unknown_app
from edge_app.cli.web import app as web_app
from edge_app.core.errors import ReconociasError
from edge_app.core.i18n import Language
from edge_app.core.progress import ConsoleProgress, plain_console

app = typer.Typer(
    help="Says who is in a picture and with which emotion.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

_GROUPS = {
    "bundle": bundle_app,
    "config": config_app,
    "events": events_app,
    "people": people_app,
    "web": web_app,
    "rollout": rollout_app,
}
"""Commands that have commands of their own, by name."""

for _name, _group in _GROUPS.items():
    app.add_typer(_group, name=_name)
people_app.add_typer(quality_app)
people_app.add_typer(unknown_app, name="unknown")
app.command(cls=ListsInputs)(annotate)

_EXIT_USER_ERROR = 2


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"reconocias {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the files.")] = Path(
        "demo"
    ),
    language: Annotated[Language, typer.Option("--lang")] = "es",
) -> None:
    """Annotate the sample photo and clip that come with the package."""
    from edge_app.cli.demo import run_demo

    with ConsoleProgress(Console(stderr=True)) as progress:
        files = run_demo(output, language, progress)
    for description, path in files.items():
        print(f"{description}: {path.resolve()}")


@app.command(cls=ListsInputs)
def run(
    config: ConfigOption = None,
    source: Annotated[
        str | None,
        typer.Option("--input", help="In place of the settings file's; see below."),
    ] = None,
    bundle: BundleOption = None,
    duration: Annotated[
        float | None, typer.Option("--duration", min=0.1, help="Stop after so many seconds.")
    ] = None,
) -> None:
    """Run the kiosk until it is told to stop."""
    from edge_app.cli import run as runner

    runner.run(runner.settings_from(config, source), bundle, duration_s=duration)


@app.command(cls=ListsInputs)
def serve(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="What to show; see below.")
    ] = "camera:0",
    config: ConfigOption = None,
    host: Annotated[
        str | None, typer.Option("--host", help="0.0.0.0 is the whole network; needs a password.")
    ] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535)] = None,
    tls: Annotated[
        bool | None, typer.Option("--tls/--no-tls", help="HTTPS with a certificate of its own.")
    ] = None,
    root_path: Annotated[
        str | None, typer.Option("--root-path", help="Path prefix that a proxy takes away.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", help="Folder of people, events and passwords.")
    ] = None,
    language: Annotated[Language | None, typer.Option("--lang")] = None,
    bundle: BundleOption = None,
    duration: Annotated[
        float | None, typer.Option("--duration", min=0.1, help="Stop after so many seconds.")
    ] = None,
) -> None:
    """Show a source with names and emotions on a web page, on this machine or the network."""
    from edge_app.cli import run as runner
    from edge_app.cli.serve import with_page

    settings = with_page(
        runner.settings_from(config, source),
        {"host": host, "port": port, "tls": tls, "root_path": root_path},
        state=state,
        language=language,
    )
    runner.run(settings, bundle, duration_s=duration)


@app.command()
def doctor(bundle: BundleOption = None) -> None:
    """Say what is installed, which runtimes and cameras work, and whether the bundle is whole."""
    from edge_app.cli.doctor import examine, print_report

    findings = examine(bundle)
    print_report(findings, plain_console())
    if not all(finding.ok for finding in findings if finding.required):
        raise typer.Exit(1)


def main() -> None:
    """Run the command; a ReconociasError becomes one line on stderr and exit code 2."""
    logging.basicConfig(
        level=logging.WARNING, format="reconocias: %(message)s", handlers=[_log_handler()]
    )
    try:
        app()
    except ReconociasError as error:
        print(f"reconocias: error: {error}", file=sys.stderr)
        sys.exit(_EXIT_USER_ERROR)
    except KeyboardInterrupt:
        print("reconocias: interrupted", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)


def _log_handler() -> logging.Handler:
    handler = RichHandler(
        console=Console(stderr=True, soft_wrap=True), show_time=False, show_path=False
    )
    handler.setFormatter(logging.Formatter("%(message)s"))
    return handler
