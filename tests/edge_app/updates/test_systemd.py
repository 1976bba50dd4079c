import json
import os
from pathlib import Path

import pytest

from edge_app.core.errors import BundleError, RolloutError
from edge_app.updates.systemd import ServiceBundles, SystemdService


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose programs are found first."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def write(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


SHOWN = r"printf 'ActiveState=%s\nSubState=%s\nResult=%s\nMainPID=%s\nNRestarts=%s\n'"


def test_the_state_is_what_systemd_shows(programs: Path) -> None:
    write(programs / "systemctl", f"{SHOWN} active running success 42 3")
    state = SystemdService().state()
    assert (state.active, state.pid, state.restarts) == (True, 42, 3)
    assert state.detail == "active, running, success"


def test_a_service_that_does_not_start_says_how_it_is(programs: Path) -> None:
    failed = f'[ "$1" = restart ] && exit 1; {SHOWN} failed failed exit-code 0 0'
    write(programs / "systemctl", failed)
    with pytest.raises(RolloutError, match="does not start: failed, failed, exit-code"):
        SystemdService().restart()


def test_our_restarts_are_no_crash_loop(programs: Path, tmp_path: Path) -> None:
    write(programs / "systemctl", f'echo "$1" >>{tmp_path}/calls')
    SystemdService().restart()
    assert (tmp_path / "calls").read_text().split() == ["reset-failed", "restart"]


def test_bundles_are_changed_by_the_command(programs: Path, tmp_path: Path) -> None:
    write(
        programs / "device",
        f"echo \"$@\" >>{tmp_path}/calls; echo '{json.dumps({'digest': 'abc'})}'",
    )
    bundles = ServiceBundles(("device",), tmp_path)
    assert bundles.install(Path("/incoming")) == "abc"
    bundles.use("abc")
    assert bundles.previous() == "abc"
    assert (tmp_path / "calls").read_text().splitlines() == [
        "bundle install /incoming --json",
        "bundle switch --to abc --json",
        "bundle switch --json",
    ]


def test_a_refusal_is_passed_on_in_its_own_words(programs: Path, tmp_path: Path) -> None:
    write(
        programs / "device", "echo 'a warning' >&2; echo 'reconocias: error: no room' >&2; exit 2"
    )
    with pytest.raises(BundleError, match=r"^no room$"):
        ServiceBundles(("device",), tmp_path).previous()


def test_warnings_of_the_command_go_to_the_journal(
    programs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(programs / "device", "echo 'old bundles stay' >&2; echo '{\"digest\": \"abc\"}'")
    assert ServiceBundles(("device",), tmp_path).previous() == "abc"
    assert capsys.readouterr().err == "old bundles stay\n"


def test_the_bundle_in_use_is_where_the_link_leads(tmp_path: Path) -> None:
    bundles = ServiceBundles(("false",), tmp_path)
    assert bundles.current() is None
    (tmp_path / "bundles" / "abc").mkdir(parents=True)
    (tmp_path / "current").symlink_to("bundles/abc")
    assert bundles.current() == "abc"
    assert bundles.free_bytes() > 0
