import threading
import time

import pytest

from edge_app.web.live.cpu_share import CpuShare, cpu_of_this_thread


class Times:
    """A clock and the CPU seconds of a thread, moved by the test."""

    def __init__(self) -> None:
        self.now = self.spent = 0.0
        self.share = CpuShare(0.1, lambda: self.spent, lambda: self.now)

    def work(self, cpu_s: float, lasts_s: float) -> float:
        self.spent += cpu_s
        self.now += lasts_s
        return self.share.wait_s()


def test_who_stays_within_the_share_does_not_wait() -> None:
    times = Times()
    assert [times.work(0.005, 0.1) for _ in range(50)] == [0.0] * 50


def test_who_needs_twice_the_share_works_half_of_the_time() -> None:
    times = Times()
    for _ in range(100):
        times.now += times.work(0.01, 0.05)
    assert times.spent / times.now == pytest.approx(0.1, rel=0.02)


def test_a_quiet_time_is_not_saved_for_a_busy_one() -> None:
    times = Times()
    assert times.work(0.0, 3600.0) == 0.0
    assert times.work(0.02, 0.1) == pytest.approx(0.1)


def test_one_long_job_holds_nobody_up_for_longer_than_a_quarter_of_a_second() -> None:
    times = Times()
    assert times.work(30.0, 30.0) == pytest.approx(0.25)
    times.now += 0.25
    assert times.share.wait_s() == pytest.approx(0.0)


def test_the_cpu_of_one_thread_is_read_in_another() -> None:
    read = cpu_of_this_thread()
    seen: list[float] = []
    other = threading.Thread(target=lambda: seen.append(read()))
    before = time.thread_time()
    other.start()
    other.join()
    assert before <= seen[0] <= time.thread_time()
