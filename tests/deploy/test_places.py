"""Paths, names and numbers of a kiosk, in Python, in lib.sh, and where neither can be read."""

import re
import subprocess
from pathlib import Path

import pytest

from edge_app.bundle.signature import NAMESPACE
from edge_app.core import places
from edge_app.updates.rollback import Gate
from edge_app.updates.systemd import START_S
from tests.deploy.test_scripts import DEPLOY

ROLE = DEPLOY / "ansible/roles/reconocias"
UNITS = sorted(path for path in (DEPLOY / "device").iterdir() if path.suffix == ".service")
OTHERS = [
    *UNITS,
    DEPLOY / "device/reconocias",
    DEPLOY / "device/display-page",
    DEPLOY / "config.example.toml",
    ROLE / "tasks/main.yml",
    ROLE / "defaults/main.yml",
]
_PATH = re.compile(r"/(?:etc|opt|run|usr/local/bin|var/cache|var/lib)/reconocias[\w-]*")


def shell(name: str) -> str:
    """What a variable of lib.sh says."""
    said = subprocess.run(
        ["sh", "-c", f'. "{DEPLOY}/lib.sh"; echo "${name}"'],
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.strip()


@pytest.fixture(scope="module")
def known() -> set[str]:
    """Every folder and program of a kiosk that has its name."""
    display = f"/run/{shell('display_user')}"
    names = ("etc", "opt", "state", "rollout_state", "cache")
    return {*map(shell, names), str(places.RUNTIME), places.PROGRAM, display}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("etc", places.SETTINGS),
        ("state", places.STATE),
        ("rollout_state", places.ROLLOUT),
        ("kiosk_unit", places.UNIT),
        ("signature_namespace", NAMESPACE),
    ],
)
def test_the_scripts_and_the_program_mean_the_same(name: str, value: str | Path) -> None:
    assert shell(name) == str(value)


def test_the_program_is_where_the_scripts_put_it() -> None:
    assert f"{shell('bin')}/reconocias" == places.PROGRAM
    assert (DEPLOY / "device" / places.FINISH_UNIT).is_file()


@pytest.mark.parametrize("file", OTHERS, ids=lambda path: path.name)
def test_who_has_no_variables_names_no_other_place(file: Path, known: set[str]) -> None:
    found = set(_PATH.findall(file.read_text(encoding="utf-8")))
    assert found <= known


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*.sh")), ids=lambda path: path.name)
def test_no_script_repeats_a_path(script: Path, known: set[str]) -> None:
    if script.name == "lib.sh":
        return
    assert not known & set(_PATH.findall(script.read_text(encoding="utf-8")))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_as_a_user_that_is_made_and_in_its_folders(unit: Path, known: set[str]) -> None:
    text = unit.read_text(encoding="utf-8")
    users = {shell("user"), shell("display_user")}
    assert set(re.findall(r"^(?:User|Group)=(.*)$", text, re.M)) <= users
    for kind, root in (("State", "/var/lib"), ("Runtime", "/run")):
        folders = re.findall(rf"^{kind}Directory=(.*)$", text, re.M)
        assert {f"{root}/{name}" for name in folders} <= known


def test_the_screen_is_let_in_by_the_names_of_the_others() -> None:
    page = (DEPLOY / "device/display-page").read_text(encoding="utf-8")
    assert f"user={shell('display_user')}\n" in page
    assert f" {shell('display_unit')} " in page


def test_what_is_sent_goes_to_one_place() -> None:
    tasks = (ROLE / "tasks/main.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"/var/cache/[\w/]+\w", tasks)) == {shell("incoming")}


def test_every_way_to_push_has_the_same_patience() -> None:
    gate = Gate()
    defaults = (ROLE / "defaults/main.yml").read_text(encoding="utf-8").splitlines()
    assert f"reconocias_frames: {gate.frames}" in defaults
    assert f"reconocias_patience: {gate.patience_s:.0f}" in defaults
    push = (DEPLOY / "push.sh").read_text(encoding="utf-8")
    said = dict(re.findall(r"^#   --(frames|patience) .*\(default (\d+)\)$", push, re.M))
    assert said == {"frames": str(gate.frames), "patience": f"{gate.patience_s:.0f}"}
    assert f" frames={gate.frames} patience={gate.patience_s:.0f} " in push


def test_a_start_is_waited_for_as_long_as_systemd_gives_it() -> None:
    unit = (DEPLOY / "device" / places.UNIT).read_text(encoding="utf-8")
    (limit_s,) = re.findall(r"^TimeoutStartSec=(\d+)$", unit, re.M)
    assert int(limit_s) < START_S


def test_the_help_names_the_extras_that_are_there_at_first() -> None:
    help_text = (DEPLOY / "provision.sh").read_text(encoding="utf-8")
    assert f"at first {shell('default_extras')};" in help_text
