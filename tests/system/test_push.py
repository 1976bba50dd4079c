import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_app.bundle.loader import MANIFEST_FILE, file_sha256
from tests.system.testbed.fleet import Bundles, push, version_on
from tests.system.testbed.machine import Machine
from tests.system.testbed.provisioned import Provisioned, people

_ROLLBACK = """
import sys
from urllib.request import Request, urlopen
headers = {"Authorization": f"Bearer {sys.argv[1]}"}
urlopen(Request("http://127.0.0.1:8000/api/bundles/rollback", b"", headers, method="POST")).read()
"""


@pytest.fixture(autouse=True)
def _nobody_is_lost(kiosk: Machine, provisioned: Provisioned) -> Iterator[None]:
    """After every test: the kiosk serves, and the people are all there."""
    yield
    version_on(kiosk)
    assert people(kiosk) == provisioned.people


def test_a_better_bundle_is_served(kiosk: Machine, bundles: Bundles) -> None:
    better = bundles.better("1.0.0")
    pushed = push([kiosk], "--frames", "10", better)
    assert pushed.code == 0, pushed.said
    assert pushed.rows[kiosk.name][0] == "committed"
    assert version_on(kiosk) == "1.0.0"
    kiosk.ssh("logger next push")
    assert push([kiosk], better).rows[kiosk.name][0] == "unchanged"
    log = kiosk.ssh("sudo journalctl --no-pager --output cat").split("next push")[-1]
    assert log.count("Accepted publickey") == 2, (
        "the push has one connection, this question another"
    )
    back = push([kiosk], "--rollback", "--frames", "10")
    assert back.rows[kiosk.name][0] == "committed"
    assert version_on(kiosk) != "1.0.0"
    digest = file_sha256(better / MANIFEST_FILE)
    said = kiosk.ssh(f"reconocias bundle rollback --to {digest[:12]}")
    assert said.startswith(f"* {digest[:12]} emotions-fer7 1.0.0, ")
    assert version_on(kiosk) == "1.0.0", "the running kiosk took it"
    assert json.loads(kiosk.ssh("reconocias bundle rollback --json"))["version"] != "1.0.0"


def test_the_page_goes_back_within_the_service(kiosk: Machine, bundles: Bundles) -> None:
    before = version_on(kiosk)
    better = bundles.better("1.0.2")
    assert push([kiosk], "--frames", "10", better).code == 0
    pid = kiosk.ssh("systemctl show reconocias -p MainPID").strip()
    (kiosk.root / "srv/rollback.py").write_text(_ROLLBACK)
    kiosk.ssh(
        "token=$(reconocias web token page --role operator); "
        "python3 /srv/rollback.py $token; reconocias web revoke page"
    )
    assert version_on(kiosk) == before
    assert kiosk.ssh("systemctl show reconocias -p MainPID").strip() == pid


@pytest.mark.parametrize(
    ("variant", "result", "reason"),
    [
        ("by_a_stranger", "refused", "expected a signer that"),
        ("with_a_flipped_byte", "refused", "emotion.tflite"),
        ("for_another_runtime", "refused", "expected reconocias >=99, found"),
        ("with_wrong_golden_samples", "refused", "golden samples differ"),
        ("too_slow_to_live", "rolled back", ""),
    ],
)
def test_a_bad_bundle_is_not_kept(
    kiosk: Machine, bundles: Bundles, variant: str, result: str, reason: str
) -> None:
    before = version_on(kiosk)
    pushed = push([kiosk], "--patience", "10", "--frames", "10", getattr(bundles, variant)())
    assert pushed.code == 1, pushed.said
    assert pushed.rows[kiosk.name][0] == result, pushed.said
    assert reason in pushed.rows[kiosk.name][1]
    assert version_on(kiosk) == before


def test_what_is_no_bundle_is_refused_before_any_host_is_asked(
    kiosk: Machine, bundles: Bundles, tmp_path: Path
) -> None:
    tampered = bundles.better("1.0.1")
    with (tampered / "manifest.json").open("a") as manifest:
        manifest.write("\n")
    pushed = push([kiosk], tampered)
    assert (pushed.code, pushed.rows) == (2, {})
    assert "the signature does not fit the manifest" in pushed.said
    assert "found no manifest.json" in push([kiosk], tmp_path).said


_ENROLMENT = """
import sys
from urllib.request import Request, urlopen
method, token = sys.argv[1:]
headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
urlopen(Request("http://127.0.0.1:8000/api/enrolment", b"{}", headers, method=method)).read()
"""


def test_a_kiosk_that_is_enrolling_somebody_is_left_alone(kiosk: Machine) -> None:
    """All in one command: who is enrolled meanwhile would be there in a few seconds."""
    (kiosk.root / "srv/enrolment.py").write_text(_ENROLMENT)
    said = kiosk.ssh(
        "token=$(reconocias web token pusher --role operator); cd /srv; "
        "python3 enrolment.py POST $token; sleep 0.5; reconocias rollout check; "
        "python3 enrolment.py DELETE $token; reconocias web revoke pusher",
    )
    assert said.splitlines()[0] == "busy: somebody is being enrolled; try again in a minute"


def test_a_full_disk_is_told_and_left_as_it_was(kiosk: Machine, bundles: Bundles) -> None:
    before = version_on(kiosk)
    refusal = kiosk.ssh(f"reconocias rollout check --bytes {10**13}", check=False)
    assert refusal.startswith("refused: expected 30000000 MB of room, found")
    assert version_on(kiosk) == before
