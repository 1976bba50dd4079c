"""The unit of the device's own screen, on a machine without one: cage draws into memory."""

import time
from pathlib import Path

import pytest

from tests.bundles import Signer
from tests.stress import long
from tests.system.testbed.machine import Bed, Machine, cached_archive
from tests.system.testbed.provisioned import provision

_PATIENCE_S = 120.0
_HEADLESS = """[Unit]
ConditionPathExists=
[Service]
Environment=WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1
"""
_VIEWERS = """sudo python3 - <<'END'
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener
browser = build_opener(HTTPCookieProcessor())
page = "http://127.0.0.1:8000"
browser.open(page + Path("/run/reconocias-display/path").read_text().strip()).read()
print(browser.open(page + "/metrics").read().decode())
END"""


@long
def test_the_screen_shows_the_live_picture_and_stays_within_its_unit(
    tmp_path_factory: pytest.TempPathFactory,
    bed: Bed,
    wheel: Path,
    signer: Signer,
    first_bundle: Path,
) -> None:
    root = cached_archive("trixie", "cage", "chromium", "seatd")
    with Bed(tmp_path_factory.mktemp("display"), root).machine("screen1") as machine:
        provision(machine, wheel, signer.allowed, first_bundle, "--display")
        folder = machine.root / "etc/systemd/system/reconocias-display.service.d"
        folder.mkdir()
        (folder / "headless.conf").write_text(_HEADLESS)
        machine.ssh("sudo systemctl daemon-reload && sudo systemctl start reconocias-display")
        await_viewer(machine)

        inside = "/sys/fs/cgroup/system.slice/reconocias-display.service/cgroup.procs"
        programs = machine.ssh(f"for p in $(cat {inside}); do cat /proc/$p/comm; done").split()
        assert {"cage", "chromium"} <= set(programs)
        machine.ssh("sudo pkill -KILL cage")
        await_viewer(machine)


def await_viewer(machine: Machine) -> None:
    """Until a browser watches the live picture."""
    deadline = time.monotonic() + _PATIENCE_S
    while "reconocias_viewers 1.0" not in (said := machine.ssh(_VIEWERS, check=False)):
        assert time.monotonic() < deadline, said
        time.sleep(1)
