"""Messages between a process and the one that watches it."""

import io

import pytest

from curator_text.read.served_process import failure, receive, send


def test_messages_are_read_as_they_were_sent():
    pipe = io.BytesIO()
    send(pipe, {"text": "für"}, b"\x00data")
    send(pipe, {}, b"")
    whole = pipe.getvalue()
    pipe.seek(0)
    assert receive(pipe) == ({"text": "für"}, b"\x00data")
    assert receive(pipe) == ({}, b"")
    assert receive(pipe) is None
    assert receive(io.BytesIO(whole[:-30])) is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "needs too much memory"),
        (RecursionError(), "nested too deeply"),
        (ZeroDivisionError(), "the reader failed: ZeroDivisionError"),
    ],
)
def test_a_failure_is_told_in_words(error, reason):
    assert failure(error, "the reader") == reason
