import threading

import pytest

from edge_app.core.worker import Worker


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
