"""Making a kiosk of a machine, by the script that does so on a Raspberry Pi."""

import os
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from edge_app.media.video_writer import VideoWriter
from edge_app.samples.faces import drawn_face, tinted
from tests.system.testbed.machine import Machine

DEPLOY = Path(__file__).parents[3] / "deploy"
_CLIP_SECONDS = 4
_CLIP_RATE = 8
_AS_SERVICE = (
    "sudo setpriv --reuid=reconocias --regid=reconocias --clear-groups "
    "/opt/reconocias/current/bin/python - "
)
_ENROL = """
import numpy as np
from pathlib import Path
from edge_app.storage.gallery import Gallery, NewSample
from edge_app.storage.quality import Quality
from edge_app.storage.state import State
with State(Path("/var/lib/reconocias")) as state:
    crops = np.random.default_rng(0).integers(0, 256, (20, 160, 160, 3), np.uint8)
    good = Quality(size_px=160, sharpness=540.0, yaw=0.0, light=128.0)
    for name in ("Ana", "Íñigo", "Persona 3"):
        Gallery(state).enrol(name, [NewSample(crop, good, "camera") for crop in crops])
"""
_FORGET = """
from pathlib import Path
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
with State(Path("/var/lib/reconocias")) as state:
    for person in Gallery(state).people():
        Gallery(state).delete(person.id)
"""
_PEOPLE = """
import hashlib
from pathlib import Path
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
with State(Path("/var/lib/reconocias")) as state:
    for person in Gallery(state).people():
        crops = b"".join(sample.crop.tobytes() for sample in Gallery(state).samples(person.id))
        print(person.name, hashlib.sha256(crops).hexdigest())
"""


@dataclass(frozen=True)
class Provisioned:
    """A machine that is shut down, and what the script said."""

    machine: Machine
    dry_run: str
    first: str
    second: str
    people: str


def build_wheel(folder: Path) -> Path:
    """The package as it is released."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*build, folder, DEPLOY.parent], check=True)
    return next(folder.glob("*.whl"))


def environment(machine: Machine) -> dict[str, str]:
    """So that the scripts reach the machines, with this Python; reconocias itself is not found."""
    return {
        **os.environ,
        "RECONOCIAS_SSH": f"ssh -F {machine.ssh_config}",
        "PYTHON": sys.executable,
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    }


def run_script(name: str, machine: Machine, *arguments: str | Path) -> str:
    """What a script of ``deploy/`` prints; it must succeed."""
    done = subprocess.run(
        [DEPLOY / name, *arguments],
        env=environment(machine),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def provision(
    machine: Machine, wheel: Path, allowed_signers: Path, bundle: Path, *more: str
) -> Provisioned:
    """From nothing but Debian to a running kiosk, without internet there. more: options."""
    film(machine)
    password = machine.root.with_name("password")
    password.write_text("correct horse battery\n")
    options: list[str | Path] = ["--offline", "--input", "/srv/clip.mp4", "--wheel", wheel]
    options += ["--allowed-signers", allowed_signers, "--bundle", bundle]
    options += ["--password-file", password, *more, machine.name]
    dry_run = run_script("provision.sh", machine, "--dry-run", *options)
    first = run_script("provision.sh", machine, *options)
    second = run_script("provision.sh", machine, *options)
    enrol_people(machine)
    return Provisioned(machine, dry_run, first, second, people(machine))


def enrol_people(machine: Machine) -> None:
    """Enrol three people there."""
    _run_there(machine, _ENROL)


def forget_people(machine: Machine) -> None:
    """Delete everybody there."""
    _run_there(machine, _FORGET)


def people(machine: Machine) -> str:
    """Who is enrolled there, with a hash of each one's pictures."""
    return _run_there(machine, _PEOPLE)


def _run_there(machine: Machine, program: str) -> str:
    return machine.ssh(f"{_AS_SERVICE} <<'END'\n{program}\nEND")


def film(machine: Machine) -> None:
    """Give it what the machines have for a camera: a face that moves to and fro."""
    frames = _CLIP_SECONDS * _CLIP_RATE
    face = tinted(drawn_face(1, side=200, mood=0.8))
    with VideoWriter(
        machine.root / "srv/clip.mp4", size=(640, 480), rate=Fraction(_CLIP_RATE)
    ) as video:
        for index in range(frames):
            picture = np.full((480, 640, 3), 90, np.uint8)
            left = 220 + int(60 * np.sin(index * 2 * np.pi / frames))
            picture[120:320, left : left + 200] = face
            video.write(picture, index / _CLIP_RATE)
        video.finish()
