import threading
import time
from collections.abc import Iterator

import pytest

from edge_app.core.errors import InputError
from edge_app.media.side_by_side import Behind, in_order, read_ahead, usable_workers


def _slow_when_even(value: int) -> int:
    time.sleep(0.01 if value % 2 == 0 else 0.0)
    return value * 10


def _then_damaged(count: int) -> Iterator[int]:
    yield from range(count)
    raise InputError("damaged")


@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_the_order_of_the_values(workers: int) -> None:
    assert list(in_order([_slow_when_even] * workers, iter(range(9)))) == list(range(0, 90, 10))


@pytest.mark.parametrize("workers", [1, 3])
def test_what_came_before_an_error_comes_out(workers: int) -> None:
    seen = []

    with pytest.raises(InputError):
        for value in in_order([_slow_when_even] * workers, _then_damaged(5)):
            seen.append(value)  # a list made at once would be lost

    assert seen == [0, 10, 20, 30, 40]


def test_few_values_are_under_way() -> None:
    taken = []

    def values() -> Iterator[int]:
        for value in range(100):
            taken.append(value)
            yield value

    results = in_order([_slow_when_even] * 2, values())
    next(results)

    assert len(taken) == 3


def test_a_generator_runs_in_one_thread_to_its_end() -> None:
    threads = set()

    def values() -> Iterator[int]:
        try:
            for value in range(100):
                threads.add(threading.current_thread())
                yield value
        finally:
            threads.add(threading.current_thread())
            closed.set()

    closed = threading.Event()
    ahead = read_ahead(values(), 1)
    assert [next(ahead), next(ahead)] == [0, 1]
    ahead.close()  # type: ignore[attr-defined]  # it is a generator

    assert closed.is_set()
    assert len(threads) == 1
    assert threading.current_thread() not in threads


@pytest.mark.parametrize("room", [0, 2])
def test_values_read_ahead_are_the_same(room: int) -> None:
    seen = []

    with pytest.raises(InputError):
        for value in read_ahead(_then_damaged(5), room):
            seen.append(value)

    assert seen == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("room", [0, 1])
def test_work_that_is_behind_is_done_in_order_and_tells_what_went_wrong(room: int) -> None:
    done: list[int] = []

    def work(value: int) -> None:
        if value == 3:
            raise OSError("full")
        done.append(value)

    with Behind(work, room) as behind:
        for value in range(3):
            behind.put(value)
        behind.finish()
        assert done == [0, 1, 2]
        with pytest.raises(OSError, match="full"):
            behind.put(3)
            behind.finish()


def test_there_is_always_a_worker() -> None:
    assert usable_workers() >= 1
