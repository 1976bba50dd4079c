import threading
from collections.abc import Iterator
from itertools import count

import pytest

from edge_app.core.errors import OutputError
from edge_app.core.worker import LoopWorker, Worker


class _Counter(Worker):
    def __init__(self) -> None:
        super().__init__("counter")
        self.begun = threading.Event()
        self.ended_in = ""

    def run(self) -> None:
        self.begun.set()
        self.stopping.wait(10)
        self.ended_in = threading.current_thread().name


def test_the_thread_ends_with_the_block() -> None:
    with _Counter() as worker:
        assert worker.begun.wait(5)
        assert worker.ended_in == ""

    assert worker.ended_in == "counter"


def test_the_thread_ends_with_an_error_of_the_block_too() -> None:
    worker = _Counter()

    with pytest.raises(ValueError, match="mine"), worker:
        raise ValueError("mine")

    assert worker.ended_in == "counter"


class _Stepper(LoopWorker):
    """Does what each step is told to; the last one ends it."""

    def __init__(self, *steps: Exception | None) -> None:
        super().__init__("stepper", failing="no luck")
        self._steps = iter(steps)
        self.done = threading.Event()
        self.closed_in = ""
        self.finished = 0

    def step(self) -> None:
        error = next(self._steps, None)
        if error is not None:
            raise error
        self.opened.callback(self._close)
        self.done.set()
        self.stopping.wait(10)

    def finish(self) -> None:
        self.finished += 1

    def _close(self) -> None:
        self.closed_in = threading.current_thread().name


def test_a_loop_outlives_errors_and_mistakes_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with _Stepper(OutputError("disk full"), KeyError("mistake"), None) as worker:
        assert worker.done.wait(5)
    warning, mistake = caplog.records
    assert (warning.levelname, warning.message) == ("WARNING", "no luck")
    assert vars(warning)["reason"] == "disk full"
    assert (mistake.levelname, mistake.message) == ("ERROR", "no luck")
    assert mistake.exc_info is not None
    assert {record.name for record in caplog.records} == {__name__}


def test_a_loop_closes_what_it_opened_in_its_own_thread_after_a_last_piece_of_work() -> None:
    with _Stepper(None) as worker:
        assert worker.done.wait(5)
    assert (worker.closed_in, worker.finished) == ("stepper", 1)


def test_a_loop_waits_before_each_step_and_not_for_its_end() -> None:
    class Ticker(LoopWorker):
        ticks: Iterator[int] = count()

        def step(self) -> None:
            next(self.ticks)

    with Ticker("ticker", failing="no tick", every_s=60.0) as worker:
        pass
    assert next(worker.ticks) == 0
