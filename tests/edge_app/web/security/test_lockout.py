import pytest

from edge_app.web.security.lockout import FIRST_LOCK_S, FREE_ATTEMPTS, LONGEST_LOCK_S, Lockout


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lockout(clock: Clock) -> Lockout:
    return Lockout(clock)


def fail(lockout: Lockout, address: str, times: int) -> None:
    for _ in range(times):
        lockout.failed(address)


def test_some_attempts_are_free_and_then_the_wait_doubles(lockout: Lockout, clock: Clock) -> None:
    fail(lockout, "10.0.0.1", FREE_ATTEMPTS - 1)
    assert lockout.wait_s("10.0.0.1") == 0.0
    fail(lockout, "10.0.0.1", 1)
    assert lockout.wait_s("10.0.0.1") == FIRST_LOCK_S
    assert lockout.wait_s("10.0.0.2") == 0.0
    clock.now += FIRST_LOCK_S
    assert lockout.wait_s("10.0.0.1") == 0.0
    fail(lockout, "10.0.0.1", 1)
    assert lockout.wait_s("10.0.0.1") == 2 * FIRST_LOCK_S
    fail(lockout, "10.0.0.1", 20)
    assert lockout.wait_s("10.0.0.1") == LONGEST_LOCK_S


def test_a_right_password_or_a_long_pause_forgets_the_wrong_ones(
    lockout: Lockout, clock: Clock
) -> None:
    fail(lockout, "10.0.0.1", FREE_ATTEMPTS - 1)
    lockout.succeeded("10.0.0.1")
    fail(lockout, "10.0.0.1", FREE_ATTEMPTS - 1)
    assert lockout.wait_s("10.0.0.1") == 0.0
    clock.now += LONGEST_LOCK_S + 1
    fail(lockout, "10.0.0.1", FREE_ATTEMPTS - 1)
    assert lockout.wait_s("10.0.0.1") == 0.0


def test_many_addresses_together_are_slowed_down_too(lockout: Lockout) -> None:
    for number in range(30):
        lockout.failed(f"10.0.0.{number}")
    assert lockout.wait_s("10.9.9.9") == FIRST_LOCK_S


def test_an_ipv6_network_is_one_address(lockout: Lockout) -> None:
    for number in range(FREE_ATTEMPTS):
        lockout.failed(f"2001:db8::{number}")
    assert lockout.wait_s("2001:db8::ffff") == FIRST_LOCK_S
    assert lockout.wait_s("2001:db8:0:1::1") == 0.0
    assert lockout.wait_s("no address") == 0.0
