import threading

from edge_app.core.mailbox import Broadcast


def test_a_slow_reader_skips_values_and_none_comes_twice() -> None:
    broadcast: Broadcast[int] = Broadcast()
    with broadcast.reader() as slow, broadcast.reader() as quick:
        seen = []
        for value in range(5):
            broadcast.put(value)
            seen.append(quick.next(0.0))
        assert seen == [0, 1, 2, 3, 4]
        assert slow.next(0.0) == 4
        assert slow.next(0.01) is None
        assert broadcast.readers == 2
    assert broadcast.readers == 0


def test_a_new_reader_starts_with_the_newest() -> None:
    broadcast: Broadcast[str] = Broadcast()
    assert broadcast.newest is None
    broadcast.put("a")
    broadcast.put("b")
    with broadcast.reader() as reader:
        assert reader.next(0.0) == "b"


def test_a_waiting_reader_is_woken() -> None:
    broadcast: Broadcast[int] = Broadcast()
    with broadcast.reader() as reader:
        threading.Timer(0.02, broadcast.put, [7]).start()
        assert reader.next(5.0) == 7
