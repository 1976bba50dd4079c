"""``reconocias rollout``: replace the bundle of a running kiosk, and go back if it does not thrive.

Each verb that changes something runs in a systemd unit of its own, so that a connection that is cut
does not stop it half-way.
"""

import json
import os
import secrets
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge_app.cli.options import ToOption
from edge_app.core.errors import RolloutError
from edge_app.core.places import BUNDLES, FINISH_UNIT, PROGRAM, ROLLOUT
from edge_app.updates.rollback import Gate, Outcome

if TYPE_CHECKING:
    from edge_app.updates.rollout import Rollout

app = typer.Typer(
    help="Replace the bundle of a running kiosk (as root).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_UNITS = "reconocias-rollout-*"

FramesOption = Annotated[
    int, typer.Option("--frames", min=1, help="Healthy frames after which a bundle is kept.")
]
PatienceOption = Annotated[
    float, typer.Option("--patience", min=1, help="Seconds to wait for them before going back.")
]
HereOption = Annotated[
    bool, typer.Option("--here", help="In this process, not in a unit that outlives it.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

_EXIT_NOT_TAKEN = 1
_EXIT_USER_ERROR = 2
_FRAMES = Gate().frames
_PATIENCE_S = Gate().patience_s


@app.command()
def check(
    needed: Annotated[int, typer.Option("--bytes", min=0, help="Size of the bundle to come.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Say whether a bundle could be taken now; changes nothing."""
    rollout = _rollout()
    refusal = rollout.check(needed)
    _end(refusal or Outcome("unchanged", "ready", rollout.current()), as_json)


@app.command()
def take(
    folder: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of the bundle.")],
    frames: FramesOption = _FRAMES,
    patience: PatienceOption = _PATIENCE_S,
    here: HereOption = False,
    as_json: JsonOption = False,
) -> None:
    """Install a bundle, restart the kiosk, and keep it or go back by itself."""
    if here:
        _end(_rollout(frames, patience).take(folder), as_json)
        return
    options = ["--frames", str(frames), "--patience", str(patience)]
    _end(_detached("take", str(folder.resolve()), *options), as_json)


@app.command()
def back(
    frames: FramesOption = _FRAMES,
    patience: PatienceOption = _PATIENCE_S,
    to: ToOption = None,
    here: HereOption = False,
    as_json: JsonOption = False,
) -> None:
    """Go back to an earlier bundle, the one before the current one."""
    if here:
        _end(_rollout(frames, patience).back(to), as_json)
        return
    options = ["--frames", str(frames), "--patience", str(patience)]
    _end(_detached("back", *options, *_to(to)), as_json)


def return_to(to: str | None) -> None:
    """What ``bundle rollback`` does on a device: as ``back``, or a mere switch while no kiosk runs.

    Raises BundleError where the kiosk goes on with the bundle that it had, and why.
    """
    from edge_app.updates.systemd import ServiceBundles, SystemdService

    if SystemdService().is_stopped():
        ServiceBundles((PROGRAM,), BUNDLES).previous(to)
    else:
        _detached("back", *_to(to)).require()


def _to(digest: str | None) -> list[str]:
    return [] if digest is None else ["--to", digest]


@app.command()
def finish(as_json: JsonOption = False) -> None:
    """Prove or undo what a power cut left half-done; does nothing otherwise."""
    outcome = _rollout().finish()
    if outcome is not None:
        _end(outcome, as_json)


@app.command()
def last(
    of: Annotated[
        str | None, typer.Option("--of", metavar="DIGEST", help="Of this bundle only.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how the last rollout went; waits for the one that is under way."""
    outcome = _rollout().last()
    if outcome is None or (of is not None and outcome.tried != of):
        raise RolloutError("that bundle was not taken, nor tried")
    _end(outcome, as_json)


@app.command()
def status(as_json: JsonOption = False) -> None:
    """Which bundle is in use, and how the kiosk is; exit code 1 where it is not healthy."""
    from edge_app.bundle.loader import read_manifest
    from edge_app.updates.systemd import SystemdService

    rollout, service = _rollout(), SystemdService()
    digest, report, state = rollout.current(), service.report(), service.state()
    manifest = read_manifest(BUNDLES / "bundles" / digest) if digest else None
    ailment = rollout.ailment()
    if as_json:
        record = {
            "healthy": ailment is None,
            "digest": digest,
            "name": manifest.name if manifest else None,
            "version": manifest.version if manifest else None,
            "service": asdict(state),
            "report": report.model_dump() if report else None,
        }
        print(json.dumps(record, indent=2))
    else:
        bundle = f"{manifest.name} {manifest.version}" if manifest else "no bundle"
        if ailment is None and report is not None:
            print(f"healthy: {bundle}, {report.status}")
        else:
            print(f"unhealthy: {bundle}, {ailment}")
    if ailment is not None:
        raise typer.Exit(_EXIT_NOT_TAKEN)


def _rollout(frames: int = _FRAMES, patience_s: float = _PATIENCE_S) -> "Rollout":
    from edge_app.updates.rollout import Rollout
    from edge_app.updates.systemd import ServiceBundles, SystemdService

    if os.geteuid() != 0:
        raise RolloutError("expected root, who manages the service; use sudo")
    bundles = ServiceBundles((PROGRAM,), BUNDLES)
    return Rollout(ROLLOUT, SystemdService(), bundles, Gate(frames, patience_s))


def _detached(verb: str, *arguments: str) -> Outcome:
    """Run a verb in a unit of its own and wait for it; whoever is killed, it goes on."""
    rollout = _rollout()
    # A name of its own: systemd keeps the last one loaded while what it triggered remembers it.
    unit = _UNITS.replace("*", secrets.token_hex(4))
    done = subprocess.run(
        [
            "systemd-run", "--quiet", "--collect", "--wait", f"--unit={unit}",
            f"--property=OnFailure={FINISH_UNIT}",
            PROGRAM, "rollout", verb, "--here", *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode == _EXIT_USER_ERROR:
        raise RolloutError("another bundle is being taken; wait for it")
    outcome = rollout.last()
    if outcome is None:
        raise RolloutError(f"it left nothing behind; see journalctl -u '{_UNITS}'")
    return outcome


def _end(outcome: Outcome, as_json: bool) -> None:
    """Say how it went; exit code 1 where the bundle was not taken."""
    if as_json:
        print(json.dumps(asdict(outcome)))
    else:
        after = f", down for {outcome.down_s:.1f} s" if outcome.down_s is not None else ""
        print(f"{outcome.result}: {outcome.reason}{after}", file=_channel(outcome))
    if not outcome.ok:
        raise typer.Exit(_EXIT_NOT_TAKEN)


def _channel(outcome: Outcome) -> Any:
    return sys.stdout if outcome.ok else sys.stderr
