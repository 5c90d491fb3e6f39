"""What the process of the extractor does with pages, called in this process."""

import io

import pytest

from curator_text.extract import page_process
from curator_text.extract.page_process import FAILED, answer, receive, send
from curator_text.extract.page_texts import Wanted


def test_messages_are_read_as_they_were_sent():
    pipe = io.BytesIO()
    send(pipe, {"text": "für"})
    send(pipe, {})
    pipe.seek(0)
    assert receive(pipe) == b'{"text": "f\\u00fcr"}'
    assert receive(pipe) == b"{}"
    assert receive(pipe) is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "needs too much memory"),
        (RecursionError(), "nested too deeply"),
        (ZeroDivisionError(), "the extractor failed: ZeroDivisionError"),
    ],
)
def test_a_failure_costs_the_page_only(monkeypatch, error, reason):
    def fail(*args):
        raise error

    monkeypatch.setattr(page_process, "extract", fail)
    found = answer({"kind": "html"}, b"<p>x</p>", Wanted())
    assert (found.reason, found.kind) == (reason, FAILED)
