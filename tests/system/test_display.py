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
import re, ssl
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import HTTPCookieProcessor, HTTPSHandler, build_opener
page = Path("/run/reconocias-display/page.html").read_text()
address = re.search('url=(.*)"', page)[1]
trusting = HTTPSHandler(context=ssl._create_unverified_context())
browser = build_opener(HTTPCookieProcessor(), trusting)
browser.open(address).read()
print(urljoin(address, "/"), browser.open(urljoin(address, "/metrics")).read().decode())
END"""
_KEY = "sudo grep -o 'key=[0-9a-f]*' /run/reconocias-display/page.html"
_OTHER_PLACE = "reconocias config set web.host=192.0.2.1 web.port=8443 web.tls=true"


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
        await_viewer(machine, "http://127.0.0.1:8000/")

        inside = "/sys/fs/cgroup/system.slice/reconocias-display.service/cgroup.procs"
        programs = machine.ssh(f"for p in $(cat {inside}); do cat /proc/$p/comm; done").split()
        assert {"cage", "chromium"} <= set(programs)
        lines = machine.ssh("sudo sh -c 'cat /proc/[0-9]*/cmdline' | tr '\\0' ' '")
        assert "page.html" in lines and machine.ssh(_KEY).strip() not in lines
        machine.ssh("sudo pkill -KILL cage")
        await_viewer(machine, "http://127.0.0.1:8000/")

        machine.ssh("sudo ip address add 192.0.2.1/32 dev lo")
        allow = "sudo systemctl set-property --runtime reconocias IPAddressAllow=192.0.2.1"
        machine.ssh(f"{allow} && {_OTHER_PLACE} && sudo systemctl restart reconocias")
        await_viewer(machine, "https://192.0.2.1:8443/")


def await_viewer(machine: Machine, address: str) -> None:
    """Until a browser watches the live picture, at the address that it was given."""
    deadline = time.monotonic() + _PATIENCE_S
    seen = ("reconocias_viewers 1.0", f"{address} ")
    while not all(part in (said := machine.ssh(_VIEWERS, check=False)) for part in seen):
        assert time.monotonic() < deadline, said
        time.sleep(1)
