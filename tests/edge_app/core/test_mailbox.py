import threading

import pytest

from edge_app.core.mailbox import Mailbox


def test_a_slow_reader_skips_values_and_none_comes_twice() -> None:
    mailbox: Mailbox[int] = Mailbox()
    with mailbox.reader() as slow, mailbox.reader() as quick:
        seen = []
        for value in range(5):
            mailbox.put(value)
            seen.append(quick.next(0.0))
        assert seen == [0, 1, 2, 3, 4]
        assert slow.next(0.0) == 4
        assert slow.next(0.01) is None
        assert mailbox.readers == 2
    assert mailbox.readers == 0


def test_a_new_reader_starts_with_the_newest() -> None:
    mailbox: Mailbox[str] = Mailbox()
    assert mailbox.newest is None
    mailbox.put("a")
    mailbox.put("b")
    with mailbox.reader() as reader:
        assert reader.next(0.0) == "b"


def test_a_waiting_reader_is_woken() -> None:
    mailbox: Mailbox[int] = Mailbox()
    with mailbox.reader() as reader:
        threading.Timer(0.02, mailbox.put, [7]).start()
        assert reader.next(5.0) == 7


def test_what_was_put_before_the_end_is_read_and_nothing_after_it() -> None:
    mailbox: Mailbox[int] = Mailbox()
    with mailbox.reader() as reader:
        assert mailbox.put(1) and not reader.ended
        mailbox.end()
        assert not mailbox.put(2)
        assert not reader.ended and list(reader.each(5.0)) == [1]
        assert reader.ended and reader.next(5.0) is None


def test_the_last_value_goes_where_the_end_comes_at_once() -> None:
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put(1)
    mailbox.end(at_once=True)
    with mailbox.reader() as reader:
        assert list(reader.each(5.0)) == []


def test_the_end_wakes_who_waits() -> None:
    mailbox: Mailbox[int] = Mailbox()
    with mailbox.reader() as reader:
        threading.Timer(0.02, mailbox.end).start()
        assert list(reader.each(5.0)) == []


def test_a_silence_is_an_error_to_who_reads_each() -> None:
    mailbox: Mailbox[int] = Mailbox()
    with mailbox.reader() as reader, pytest.raises(TimeoutError):
        next(reader.each(0.01))
