"""``reconocias bundle``: what a device trusts, keeps and runs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge_app.cli.options import ToOption
from edge_app.core.places import ALLOWED_SIGNERS, BUNDLES

if TYPE_CHECKING:
    from edge_app.updates.store import BundleStore, Installed
    from edge_app.updates.verify import Verified

app = typer.Typer(
    help="Verify, install and roll back model bundles.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="DIR",
        help="Where bundles are kept; default: $STATE_DIRECTORY/bundles, "
        "else reconocias/bundles in the user's data folder.",
    ),
]
SignersOption = Annotated[
    Path,
    typer.Option("--allowed-signers", metavar="FILE", help="Who may sign (OpenSSH's format)."),
]
UnsignedOption = Annotated[
    bool, typer.Option("--allow-unsigned", help="Take it whoever made it; looks at no signature.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command()
def verify(
    folder: Annotated[
        Path | None, typer.Argument(metavar="BUNDLE", help="Default: the one in use.")
    ] = None,
    allowed_signers: SignersOption = ALLOWED_SIGNERS,
    allow_unsigned: UnsignedOption = False,
    as_json: JsonOption = False,
) -> None:
    """Check signature, hashes, compatibility and golden samples; changes nothing."""
    from edge_app.updates.store import bundle_in_use
    from edge_app.updates.verify import verify as verify_bundle

    chosen = folder or bundle_in_use(None).folder
    verified = verify_bundle(chosen, None if allow_unsigned else allowed_signers)
    if as_json:
        _print_json(_verified_record(verified))
        return
    manifest = verified.bundle.manifest
    print(f"{chosen}: {manifest.name} {manifest.version}, {_signed_by(verified.signer)}")
    for replay in verified.replays:
        if replay.passes:
            print(
                f"  {replay.model.file}: {replay.milliseconds:.2f} ms, "
                f"golden samples differ by at most {replay.difference:.1e}"
            )
        else:
            print(f"  left out on this device: {replay}")


@app.command()
def install(
    folder: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of the bundle.")],
    store: StoreOption = None,
    allowed_signers: SignersOption = ALLOWED_SIGNERS,
    allow_unsigned: UnsignedOption = False,
    as_json: JsonOption = False,
) -> None:
    """Verify a bundle, keep it, and put it to use; the one before stays for a rollback.

    JSON: the fields of ``list``, and ``previous``, the digest that was in use before, or null.
    """
    opened = _open(store)
    before = opened.current()
    installed = opened.install(folder, None if allow_unsigned else allowed_signers)
    previous = before.name if before else None
    if as_json:
        _print_json({**asdict(installed), "previous": previous})
        return
    print(_line(installed))
    if installed.failed:
        print(f"left out, as they differ on this device: {', '.join(installed.failed)}")
    if previous == installed.digest:
        print("it was in use before")


@app.command("list")
def list_bundles(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Installed bundles, the latest put to use first."""
    found = _open(store).installed()
    if as_json:
        _print_json([asdict(installed) for installed in found])
        return
    for installed in found:
        print(_line(installed))
    if not found:
        print("no bundle is installed; the one in the package is used")


@app.command()
def rollback(
    store: StoreOption = None,
    to: ToOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put an earlier bundle to use again; a kiosk that is not healthy with it keeps its own."""
    from edge_app.cli.rollout import return_to

    opened = _open(store)
    if opened.root == BUNDLES:
        return_to(to)
    else:
        opened.rollback(to)
    _show(next(each for each in opened.installed() if each.current), as_json)


@app.command(hidden=True)
def switch(store: StoreOption = None, to: ToOption = None, as_json: JsonOption = False) -> None:
    """Put an earlier bundle to use and look at no kiosk: for ``rollout``, which does."""
    _show(_open(store).rollback(to), as_json)


def _show(installed: "Installed", as_json: bool) -> None:
    if as_json:
        _print_json(asdict(installed))
    else:
        print(_line(installed))


@app.command()
def status(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Which bundle is in use, whether it is whole, and which model file runs."""
    from edge_app.vision.parts import load_bundle, parts_in_use

    opened = _open(store)
    bundle = opened.load_current() or load_bundle()
    installed = next((each for each in opened.installed() if each.current), None)
    record = {
        "name": bundle.manifest.name,
        "version": bundle.manifest.version,
        "folder": str(bundle.folder),
        "runs": {part.role: part.file for part in parts_in_use(bundle)},
        "installed": asdict(installed) if installed else None,
    }
    if as_json:
        _print_json(record)
        return
    print(f"{record['name']} {record['version']} in {record['folder']}")
    for part in parts_in_use(bundle):
        print(f"  {part.role}: {part.title}, {part.file}")
    if installed:
        print(f"installed {installed.installed_at}, {_signed_by(installed.signer)}")
    else:
        print("no bundle is installed; this is the one in the package")


def _open(folder: Path | None) -> "BundleStore":
    from edge_app.updates.store import BundleStore, default_store_folder

    return BundleStore(folder or default_store_folder())


def _line(installed: "Installed") -> str:
    mark = "*" if installed.current else " "
    return (
        f"{mark} {installed.digest[:12]} {installed.name} {installed.version}, "
        f"installed {installed.installed_at}, {_signed_by(installed.signer)}"
    )


def _signed_by(signer: str | None) -> str:
    return f"signed by {signer}" if signer else "signature not checked"


def _verified_record(verified: "Verified") -> dict[str, Any]:
    manifest = verified.bundle.manifest
    return {
        "name": manifest.name,
        "version": manifest.version,
        "signer": verified.signer,
        "models": [
            {
                "file": replay.model.file,
                "difference": replay.difference,
                "milliseconds": round(replay.milliseconds, 3),
            }
            for replay in verified.replays
            if replay.passes
        ],
        "left_out": {replay.model.file: str(replay) for replay in verified.failed},
    }


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2))
