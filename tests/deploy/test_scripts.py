"""What can be told of the scripts without a machine to run them on."""

import os
import shlex
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from edge_app.bundle.loader import default_bundle_folder
from edge_app.web.security.access import MIN_PASSWORD_LENGTH
from tests.bundles import Signer, signed_copy
from tests.tools import require_tool

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SCRIPTS = sorted(
    path
    for folder in (DEPLOY, ROOT / "tests/system/testbed")
    for path in folder.rglob("*")
    if path.is_file()
    and path.read_bytes().startswith((b"#!/usr/bin/env bash", b"#!/bin/sh", b"# shellcheck shell"))
)


def run(
    script: str, *arguments: str, ssh: str = "false", python: str = "python3"
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [DEPLOY / script, *arguments],
        env={**os.environ, "RECONOCIAS_SSH": ssh, "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def executable(path: Path, line: str) -> str:
    """A program in place of another one. Returns its path."""
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return str(path)


def program(folder: Path, command: str = f"exec {sys.executable} -m edge_app") -> None:
    """reconocias and its Python in a folder, as an environment of a kiosk has them."""
    folder.mkdir(parents=True)
    executable(folder / "reconocias", f'{command} "$@"')
    executable(folder / "python", f'exec {sys.executable} "$@"')


def set_up(functions: str, folder: Path, **variables: object) -> "subprocess.CompletedProcess[str]":
    """Run functions of setup.sh on a folder in place of the machine."""
    places = ("opt", "bin", "etc", "state", "units", "payload")
    settings = {**{place: folder / place for place in places}, **variables}
    lines = [f"{name}={shlex.quote(str(value))}" for name, value in settings.items()]
    script = "\n".join([f"source {DEPLOY}/device/setup.sh", *lines, functions])
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    shellcheck = require_tool("shellcheck", "shellcheck")
    done = subprocess.run([shellcheck, "-x", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_script_is_missed() -> None:
    assert len(SCRIPTS) >= 12


@pytest.mark.parametrize("script", ["backup.sh", "provision.sh", "push.sh", "restore.sh"])
def test_help_is_the_comment_at_the_top(script: str) -> None:
    done = run(script, "--help")
    assert done.returncode == 0
    assert f"  {script} " in done.stdout
    assert not any(line.startswith("#") for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("script", "arguments", "message"),
    [
        ("provision.sh", ["--frobnicate", "pi"], "unknown option --frobnicate"),
        ("provision.sh", ["pi", "--local"], "expected a host or --local, found both"),
        ("provision.sh", ["--offline", "--local"], "--offline: expected a host"),
        ("provision.sh", ["one", "two"], "expected one host, found one and two"),
        ("provision.sh", ["--input"], "--input: expected a value after it"),
        ("provision.sh", ["--bundle", "/nowhere", "pi"], "found no /nowhere/manifest.json"),
        (
            "provision.sh",
            ["--password-file", str(DEPLOY / "device" / "reconocias"), "pi"],
            f"expected a password of at least {MIN_PASSWORD_LENGTH} characters, found 9",
        ),  # "#!/bin/sh"
        ("provision.sh", ["--dry-run", "pi"], "expected to reach pi by: false pi"),
        ("push.sh", ["--frobnicate"], "unknown option --frobnicate"),
        ("push.sh", ["--parallel", "0", "bundle", "pi"], "expected a number above 0, found 0"),
        ("push.sh", ["--canary", "one", "bundle", "pi"], "--canary: expected a number, found one"),
        ("push.sh", ["bundle"], "expected hosts, found none"),
        ("push.sh", ["bundle", "pi", "pi"], "expected each host once, found pi twice"),
        ("push.sh", ["/nowhere", "pi"], "found no manifest.json in it"),
        ("restore.sh", ["pi", "/nowhere"], "expected a backup, found no /nowhere"),
        ("restore.sh", ["pi", __file__], "expected a whole backup, found a damaged one or none"),
        ("push.sh", ["--inventory", "/nowhere", "bundle"], "expected a file, found no /nowhere"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    script: str, arguments: list[str], message: str
) -> None:
    done = run(script, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_python_without_pip_is_told_before_anything_is_copied() -> None:
    done = run("provision.sh", "pi", ssh="true", python="false")
    assert done.returncode == 2
    assert done.stderr.startswith("provision: error: expected pip for false, found none")


def test_a_device_that_is_away_is_offline_in_the_table(tmp_path: Path) -> None:
    ssh = executable(tmp_path / "ssh", "echo 'ssh: connect to host: timed out' >&2; exit 255")
    done = run("push.sh", "--status", "pi1", "pi2", ssh=ssh)
    assert done.returncode == 1
    assert [line.split()[:2] for line in done.stdout.splitlines()[1:]] == [
        ["pi1", "offline"],
        ["pi2", "offline"],
    ]


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.7/video?user=a&password=b",
        "rtsp://hall|kitchen/1",
        'say "cheese"',
        r"C:\1\&",
        "cámara:0",
    ],
)
def test_any_input_comes_into_the_settings_as_it_is(address: str, tmp_path: Path) -> None:
    (tmp_path / "payload").mkdir()
    example = (DEPLOY / "config.example.toml").read_text()
    (tmp_path / "payload/config.example.toml").write_text(example)
    program(tmp_path / "opt/current/bin")
    for _ in range(2):  # the second time it is there already
        done = set_up("configure", tmp_path, input=address)
        assert (done.returncode, done.stderr) == (0, "")
    written = (tmp_path / "etc/config.toml").read_text()
    assert tomllib.loads(written)["source"]["input"] == address
    assert written.count("\n") == example.count("\n")
    other = set_up("configure", tmp_path, input="camera:1")
    assert (other.returncode, other.stdout) == (2, "")
    assert "is there already and has another input" in other.stderr


def test_settings_that_cannot_be_read_are_told_before_the_program_is_changed(
    tmp_path: Path,
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/config.toml").write_text("[source\n")
    program(tmp_path / "opt/current/bin")
    done = set_up("configure", tmp_path, input="camera:0")
    assert done.returncode == 2
    assert done.stderr.startswith(f"setup: error: {tmp_path}/etc/config.toml: expected TOML")
    older = set_up("configure", tmp_path, input="camera:0", opt="/nowhere", dry_run="yes")
    assert (older.returncode, older.stdout, older.stderr) == (0, "", "")


def test_the_bundle_of_the_package_is_found_in_the_program(tmp_path: Path) -> None:
    program(tmp_path / "opt/current/bin")
    program(tmp_path / "bin", "echo")
    done = set_up("install_first_bundle", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    said = f"bundle install --allow-unsigned {default_bundle_folder()}"
    assert done.stdout.splitlines()[-1] == said


@pytest.mark.parametrize(("usable", "done"), [("true", ""), ("false", "bundle install")])
def test_a_bundle_that_the_program_cannot_use_is_followed_by_its_own(
    tmp_path: Path, usable: str, done: str
) -> None:
    program(tmp_path / "opt/current/bin")
    program(tmp_path / "bin", f'[ "$2" != status ] || {usable} && echo')
    (tmp_path / "state/bundles").mkdir(parents=True)
    (tmp_path / "state/bundles/current").symlink_to("older")

    ran = set_up("install_first_bundle", tmp_path)

    assert ran.returncode == 0, ran.stderr
    assert done in ran.stdout and bool(ran.stdout) == bool(done)


_MACHINE = """
systemctl() { echo "systemctl $*" >>"$etc/done"; }
journalctl() { echo "the journal of $(readlink "$opt/current")" >&2; }
python3() { # -m venv FOLDER: one whose pip and program do nothing
  mkdir -p "${@: -1}/bin"
  ln -s /bin/true "${@: -1}/bin/python"
  ln -s /bin/true "${@: -1}/bin/reconocias"
}
provision() { # WHEEL
  mkdir -p "$payload/wheel" "$etc"
  echo "$1" >"$payload/wheel/reconocias-1-py3-none-any.whl"
  restart_needed=no
  keep_what_is && make_program && use_program && install_units && start && forget_environments
}
current() { readlink "$opt/current"; }
"""


def test_a_newer_version_keeps_the_network_and_the_extras_that_nobody_names(
    tmp_path: Path,
) -> None:
    program = """
    extras=kiosk,web,mqtt network=lan provision one
    before=$(current)
    extras="" network="" provision two
    [ "$before" != "$(current)" ] || echo "the same environment"
    [ "$(echo "$opt"/venv-*)" = "$opt/$(current)" ] || echo "both environments"
    """
    done = set_up(_MACHINE + program, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "the same environment" not in done.stdout and "both environments" not in done.stdout
    assert (tmp_path / "opt/current/extras").read_text() == "kiosk,web,mqtt\n"
    network = (tmp_path / "units/reconocias.service.d/network.conf").read_text()
    assert "IPAddressAllow=localhost link-local multicast 10.0.0.0/8" in network


def test_at_first_there_is_no_network_and_an_option_changes_it(tmp_path: Path) -> None:
    network = tmp_path / "units/reconocias.service.d/network.conf"
    assert set_up(_MACHINE + "provision one", tmp_path).returncode == 0
    assert "--network none" in network.read_text()
    assert (tmp_path / "opt/current/extras").read_text() == "kiosk,web\n"
    assert set_up(_MACHINE + "provision one", tmp_path, network="any").returncode == 0
    assert "IPAddressAllow=any" in network.read_text()


def test_a_screen_is_provisioned_again_without_being_named(tmp_path: Path) -> None:
    unit = tmp_path / "units/reconocias-display.service"
    assert set_up(_MACHINE + "provision one", tmp_path).returncode == 0
    assert not unit.exists()
    unit.write_text("of an older version")
    assert set_up(_MACHINE + "provision one", tmp_path).returncode == 0
    assert unit.read_text() == (DEPLOY / "device/reconocias-display.service").read_text()


@pytest.mark.parametrize("cut", [False, True])
def test_a_kiosk_that_does_not_start_with_a_newer_version_goes_back(
    cut: bool, tmp_path: Path
) -> None:
    first = set_up(_MACHINE + "provision one && current", tmp_path)
    before = first.stdout.splitlines()[-1]
    if cut:  # after the newer one came into use, and before the kiosk was started with it
        set_up(_MACHINE + "start() { exit 1; }\nprovision two", tmp_path)
        assert (tmp_path / "opt/current").readlink() != Path(before)
    broken = f'systemctl() {{ [ "$1" != restart ] || [ "$(current)" = {before} ]; }}\n'
    done = set_up(_MACHINE + broken + "provision two", tmp_path)
    assert done.returncode == 2
    journal, error = done.stderr.splitlines()
    assert journal.startswith("the journal of venv-") and not journal.endswith(before)
    assert error.startswith("setup: error: the kiosk does not start with venv-")
    assert error.endswith(f"it runs with {before} again")
    assert (tmp_path / "opt/current").readlink() == Path(before)
    again = set_up(_MACHINE + "provision two && current", tmp_path)
    assert again.returncode == 0
    assert again.stdout.splitlines()[-1] != before


def test_a_screen_is_let_in_again_once_the_password_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, password, wheel = (tmp_path / name for name in ("said", "password", "some.whl"))
    password.write_text("correct horse battery\n")
    wheel.touch()
    ssh = executable(
        tmp_path / "ssh", f'echo "$2" >>{said}; case $2 in *--stdin) cat >/dev/null;; esac'
    )
    executable(tmp_path / "rsync", "")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    options = ["--display", "--wheel", str(wheel), "--password-file", str(password), "pi"]
    done = run("provision.sh", *options, ssh=ssh)
    assert done.returncode == 0, done.stderr
    finished, set_password, _, restarted = said.read_text().splitlines()[-4:]
    assert finished.startswith("rm -rf")
    assert set_password == "reconocias web password --stdin"
    assert "else sudo systemctl try-restart reconocias-display.service; fi" in restarted
    assert "correct horse" not in said.read_text()


@pytest.mark.parametrize(
    ("host", "login"),
    [
        ("hall ansible_user=pi", "pi@hall"),
        ("hall ansible_host=192.0.2.7 ansible_user=pi", "pi@192.0.2.7"),
        ("hall", "hall"),
    ],
)
def test_ansible_provisions_whom_its_inventory_names(host: str, login: str, tmp_path: Path) -> None:
    said = tmp_path / "said"
    ssh = executable(tmp_path / "ssh", f'echo "$1" >{said}; exit 255')
    (tmp_path / "inventory").write_text(f"[kiosks]\n{host}\n")
    ansible = [sys.executable, "-m", "ansible", "playbook", "-i", str(tmp_path / "inventory")]
    done = subprocess.run(
        [*ansible, "-e", f"reconocias_ssh={ssh}", DEPLOY / "ansible/provision.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"expected to reach {login} by" in done.stdout
    assert said.read_text().strip() == login


def test_a_push_needs_nothing_that_macos_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signer: Signer
) -> None:
    """A PATH with the tools of both, and those of GNU that are others there."""
    bundle = signed_copy(default_bundle_folder(), tmp_path / "bundle", signer.key)
    tools, said = tmp_path / "bin", tmp_path / "said"
    tools.mkdir()
    shared = "awk basename bash cat cut dirname env grep head mktemp rm sed sh sort"
    shared += " ssh-keygen tail tr uniq wc"
    for tool in shared.split():
        (tools / tool).symlink_to(require_tool(tool, tool))
    executable(tools / "du", "echo 'du: unrecognized option' >&2; exit 64")
    executable(tools / "shasum", f'shift 2; exec {require_tool("sha256sum", "coreutils")} "$1"')
    ssh = executable(tmp_path / "ssh", f'for said; do :; done; echo "$said" >>{said}; exit 1')
    monkeypatch.setenv("PATH", str(tools))
    done = run("push.sh", str(bundle), "pi", ssh=ssh)
    assert done.stderr == ""
    size = sum(path.stat().st_size for path in bundle.iterdir())
    assert f"reconocias rollout check --bytes {size}" in said.read_text().splitlines()


def test_wheels_are_fetched_for_the_extras_that_a_kiosk_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    answers = "*extras*) echo kiosk,web,mqtt;; uname*) echo aarch64; echo 3.13;;"
    ssh = executable(tmp_path / "ssh", f"case $2 in {answers} esac")
    python = executable(tmp_path / "python", 'echo "$*" >&2; [ "$3" != download ]')
    wheel = tmp_path / "some.whl"
    wheel.touch()
    done = run("provision.sh", "--offline", "--wheel", str(wheel), "pi", ssh=ssh, python=python)
    assert "some.whl[kiosk,web,mqtt]" in done.stderr


@pytest.mark.parametrize(
    ("pin", "options"),
    [("", ""), ("abc+/=", "--ignore-certificate-errors-spki-list=abc+/=")],
)
def test_the_screen_gets_a_page_that_it_alone_reads_once_the_kiosk_answers(
    pin: str, options: str, tmp_path: Path
) -> None:
    scheme = "https" if pin else "http"
    with socket.create_server(("127.0.0.1", 0)) as kiosk:
        address = f"{scheme}://127.0.0.1:{kiosk.getsockname()[1]}/display?key=0123abcd"
        lines = f"echo '{address}'" + (f"; echo {pin}" if pin else "")
        executable(tmp_path / "reconocias", f'[ "$*" = "web display --pin" ] && {{ {lines}; }}')
        executable(tmp_path / "chown", f'echo "$*" >{tmp_path}/owner')
        done = subprocess.run(
            [DEPLOY / "device/display-page"],
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "RUNTIME_DIRECTORY": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert (done.returncode, done.stderr) == (0, "")
    page = tmp_path / "page.html"
    assert f'content="0; url={address}"' in page.read_text()
    assert page.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "options").read_text().strip() == options
    assert (tmp_path / "owner").read_text().startswith(f"reconocias-display {page}")
    assert "0123abcd" not in done.stdout, "it would stand in the journal"
