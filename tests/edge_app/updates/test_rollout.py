import fcntl
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge_app.core.errors import BundleError, RolloutError
from edge_app.updates.report import Report
from edge_app.updates.rollback import Gate, ServiceState
from edge_app.updates.rollout import Rollout

GATE = Gate(frames=30, patience_s=10.0)


@dataclass
class Device:
    """A service and its bundles; each bundle makes the service behave in one way.

    behaviour: per digest: healthy, crash (systemd restarts it), dead (does not start), blind
    (no picture), hang (stops after ten frames).
    """

    used: str | None = "old"
    behaviour: dict[str, str] = field(default_factory=lambda: {"old": "healthy", "new": "healthy"})
    free: int = 10**9
    refusal: str | None = None
    refuses_late: bool = False
    now: float = 0.0
    started: float = -100.0
    running: str | None = "old"
    pid: int = 1
    enrolling: bool = False
    before_look: Callable[[], None] = lambda: None

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    # the bundles
    def current(self) -> str | None:
        return self.used

    def install(self, folder: Path) -> str:
        if self.refuses_late:
            self.used = "new"
        if self.refusal:
            raise BundleError(self.refusal)
        self.used = "new"
        return "new"

    def use(self, digest: str) -> None:
        if digest not in self.behaviour:
            raise BundleError(f"{digest}: not installed")
        self.used = digest

    def previous(self, to: str | None = None) -> str:
        self.use(to or "older")
        return to or "older"

    def free_bytes(self) -> int:
        return self.free

    # the service
    def restart(self) -> None:
        self.running, self.started, self.pid = self.used, self.now, self.pid + 1
        if self._behaves() == "dead":
            raise RolloutError("reconocias.service does not start: failed")

    def state(self) -> ServiceState:
        self.before_look()
        behaves = self._behaves()
        crashed = behaves == "crash" and self.now - self.started > 1.0
        return ServiceState(behaves != "dead", self.pid, int(crashed), behaves)

    def report(self) -> Report | None:
        frames = int((self.now - self.started) * 10)
        behaves = self._behaves()
        return Report(
            pid=self.pid,
            bundle=self.running or "packaged",
            healthy_frames=min(frames, 10) if behaves == "hang" else frames,
            live=behaves != "blind",
            enrolling=self.enrolling,
            status="no picture: unplugged" if behaves == "blind" else "10 frames per second",
        )

    def _behaves(self) -> str:
        return self.behaviour.get(self.running or "", "healthy")


@pytest.fixture
def device() -> Device:
    return Device()


def rollout(folder: Path, device: Device) -> Rollout:
    return Rollout(folder, device, device, GATE, clock=device.clock, sleep=device.sleep)


def test_a_healthy_bundle_is_kept_and_the_time_that_nothing_was_shown_is_told(
    tmp_path: Path, device: Device
) -> None:
    outcome = rollout(tmp_path, device).take(tmp_path)
    assert (outcome.result, outcome.digest) == ("committed", "new")
    assert outcome.down_s == pytest.approx(0.1)
    assert device.now >= 3.0, "thirty frames at ten a second were waited for"
    assert not (tmp_path / "pending.json").exists()
    assert rollout(tmp_path, device).last() == outcome


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("crash", "it crashed or hung"),
        ("dead", "does not start"),
        ("blind", "not healthy after 10 s: no picture: unplugged"),
        ("hang", "not healthy after 10 s: expected 30 healthy frames, found 10"),
    ],
)
def test_a_bundle_that_the_service_does_not_thrive_with_is_undone(
    tmp_path: Path, device: Device, behaviour: str, reason: str
) -> None:
    device.behaviour["new"] = behaviour
    outcome = rollout(tmp_path, device).take(tmp_path)
    assert (outcome.result, outcome.digest) == ("rolled back", "old")
    assert reason in outcome.reason
    assert device.running == "old"
    assert not (tmp_path / "pending.json").exists()


def test_a_refused_bundle_restarts_nothing(tmp_path: Path, device: Device) -> None:
    device.refusal = "expected a signer that is listed, found another"
    outcome = rollout(tmp_path, device).take(tmp_path)
    assert (outcome.result, outcome.reason, outcome.down_s) == ("refused", device.refusal, None)
    assert device.pid == 1
    assert not (tmp_path / "pending.json").exists()


def test_an_installation_that_fails_too_late_is_taken_back(tmp_path: Path, device: Device) -> None:
    device.refusal, device.refuses_late = "it says nothing", True
    assert rollout(tmp_path, device).take(tmp_path).result == "refused"
    assert device.used == "old"


def test_the_bundle_in_use_is_left_running(tmp_path: Path, device: Device) -> None:
    device.used = device.running = "new"
    assert rollout(tmp_path, device).take(tmp_path).result == "unchanged"
    assert device.pid == 1


def test_a_kiosk_that_is_not_well_is_left_as_it_is(tmp_path: Path, device: Device) -> None:
    device.behaviour["old"] = "blind"
    outcome = rollout(tmp_path, device).take(tmp_path)
    assert (outcome.result, outcome.digest) == ("unhealthy", "old")
    assert "no picture" in outcome.reason


def test_nobody_who_is_being_enrolled_is_interrupted(tmp_path: Path, device: Device) -> None:
    device.enrolling = True
    outcome = rollout(tmp_path, device).take(tmp_path)
    assert (outcome.result, outcome.digest) == ("busy", "old")
    assert device.pid == 1


def test_a_full_disk_is_told_before_anything_is_sent(tmp_path: Path, device: Device) -> None:
    device.free = 29_000_000
    refusal = rollout(tmp_path, device).check(10_000_000)
    assert refusal is not None and refusal.result == "refused"
    assert refusal.reason == "expected 30 MB of room, found 29 MB"
    assert rollout(tmp_path, device).check(9_000_000) is None


def test_more_patience_is_shown_to_the_bundle_before(tmp_path: Path, device: Device) -> None:
    def slow_return() -> None:
        recovered = device.pid == 3 and device.now - device.started > 60.0
        device.behaviour["old"] = "healthy" if device.pid == 1 or recovered else "blind"

    device.before_look = slow_return
    device.behaviour["new"] = "blind"
    outcome = rollout(tmp_path, device).take(tmp_path)
    assert (outcome.result, outcome.digest) == ("rolled back", "old")
    assert outcome.down_s is not None and outcome.down_s > 60.0


def test_neither_bundle_thrives(tmp_path: Path, device: Device) -> None:
    def break_old() -> None:
        device.behaviour["old"] = "dead" if device.used == "new" else device.behaviour["old"]

    device.before_look = break_old
    device.behaviour["new"] = "blind"
    outcome = rollout(tmp_path, device).take(tmp_path)
    assert outcome.result == "broken"
    assert "with the bundle before" in outcome.reason


def test_the_first_bundle_of_all_has_no_way_back(tmp_path: Path, device: Device) -> None:
    device.used = None
    device.behaviour["new"] = "dead"
    outcome = rollout(tmp_path, device).take(tmp_path)
    assert outcome.result == "broken"
    assert "no bundle before" in outcome.reason


def test_after_a_cut_a_healthy_bundle_is_kept(tmp_path: Path, device: Device) -> None:
    (tmp_path / "pending.json").write_text(json.dumps({"tried": "new", "before": "old"}))
    device.used = "new"
    outcome = rollout(tmp_path, device).finish()
    assert outcome is not None
    assert (outcome.result, outcome.tried) == ("committed", "new")
    assert rollout(tmp_path, device).finish() is None


def test_after_a_cut_a_sick_bundle_is_undone(tmp_path: Path, device: Device) -> None:
    (tmp_path / "pending.json").write_text(json.dumps({"tried": "new", "before": "old"}))
    device.used, device.behaviour["new"] = "new", "hang"
    outcome = rollout(tmp_path, device).finish()
    assert outcome is not None and outcome.result == "rolled back"


def test_a_cut_before_anything_changed_leaves_it_so(tmp_path: Path, device: Device) -> None:
    (tmp_path / "pending.json").write_text(json.dumps({"tried": "new", "before": "old"}))
    outcome = rollout(tmp_path, device).finish()
    assert outcome is not None and outcome.result == "unchanged"
    assert device.pid == 1


def test_back_works_on_a_sick_kiosk(tmp_path: Path, device: Device) -> None:
    device.behaviour |= {"old": "blind", "older": "healthy"}
    outcome = rollout(tmp_path, device).back()
    assert (outcome.result, outcome.digest, outcome.tried) == ("committed", "older", "older")


def test_there_is_nothing_to_go_back_to(tmp_path: Path, device: Device) -> None:
    assert rollout(tmp_path, device).back().result == "refused"
    assert device.pid == 1


def test_one_at_a_time(tmp_path: Path, device: Device) -> None:
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RolloutError, match="another bundle is being taken"):
            rollout(tmp_path, device).take(tmp_path)
        refusal = rollout(tmp_path, device).check()
        assert refusal is not None and refusal.result == "busy"


def test_what_was_left_half_done_is_finished_before_the_next_begins(
    tmp_path: Path, device: Device
) -> None:
    (tmp_path / "pending.json").write_text(json.dumps({"tried": "sick", "before": "old"}))
    device.used, device.behaviour["sick"] = "sick", "hang"
    outcome = rollout(tmp_path, device).take(tmp_path)
    assert (outcome.result, outcome.digest) == ("committed", "new")
    assert device.pid == 4, "with the sick one, with the old one, with the new one"


def test_the_commands_of_a_push_start_without_loading_what_looks_at_pictures() -> None:
    """A push starts several, on devices that take seconds to load these."""
    modules = "edge_app.cli.main, edge_app.updates.rollout, edge_app.updates.systemd"
    program = f"import sys, {modules}; print(*{{'av', 'cv2', 'numpy'}} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_the_outcome_of_one_that_was_killed_is_waited_for(tmp_path: Path, device: Device) -> None:
    pending = tmp_path / "pending.json"
    pending.write_text(json.dumps({"tried": "new", "before": "old"}))
    device.used = device.running = "new"

    def finish(seconds: float) -> None:
        device.now += seconds
        rollout(tmp_path, device).finish()

    patient = Rollout(tmp_path, device, device, GATE, clock=device.clock, sleep=finish)
    outcome = patient.last()
    assert outcome is not None
    assert (outcome.result, outcome.tried) == ("committed", "new")


def test_an_outcome_that_nobody_brings_about_is_not_waited_for_any_longer(
    tmp_path: Path, device: Device
) -> None:
    (tmp_path / "pending.json").write_text(json.dumps({"tried": "new", "before": "old"}))
    with pytest.raises(RolloutError, match="nobody finishes it"):
        rollout(tmp_path, device).last()
    assert 30.0 <= device.now < 31.0
