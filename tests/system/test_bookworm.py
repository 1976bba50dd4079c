"""The older Raspberry Pi OS: Python 3.11, systemd 252."""

from pathlib import Path

import pytest

from tests.bundles import Signer
from tests.stress import long
from tests.system.testbed.fleet import Bundles, push, version_on
from tests.system.testbed.machine import Bed, cached_archive
from tests.system.testbed.provisioned import people, provision


@long
def test_a_machine_of_bookworm_becomes_a_kiosk_and_takes_bundles(
    bed: Bed,
    tmp_path_factory: pytest.TempPathFactory,
    wheel: Path,
    signer: Signer,
    first_bundle: Path,
    bundles: Bundles,
) -> None:
    older = Bed(tmp_path_factory.mktemp("bookworm"), cached_archive("bookworm"))
    with older.machine("bookworm1") as machine:
        done = provision(machine, wheel, signer.allowed, first_bundle)
        assert "0 changes" in done.second.splitlines()
        assert machine.ssh("/opt/reconocias/current/bin/python --version").startswith("Python 3.11")
        units = "reconocias.service reconocias-finish.service reconocias-retention.timer"
        assert machine.ssh(f"sudo systemd-analyze verify {units}") == ""

        pushed = push([machine], "--frames", "10", bundles.better("5.0.0"))
        assert pushed.rows[machine.name][0] == "committed", pushed.said
        refused = push([machine], bundles.with_a_flipped_byte())
        assert refused.rows[machine.name][0] == "refused", refused.said
        machine.ssh("sudo systemctl kill -s KILL reconocias && sleep 1")
        back = push([machine], "--rollback", "--frames", "10")
        assert back.rows[machine.name][0] == "committed", back.said
        assert version_on(machine) != "5.0.0"
        assert people(machine) == done.people
