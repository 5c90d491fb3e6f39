"""What the process of the extractor does with pages, called in this process."""

import pytest

from curator_text.extract import page_process
from curator_text.extract.page_process import FAILED, answer, extracting
from curator_text.extract.page_texts import Wanted


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


def test_a_page_is_answered_with_what_became_of_it():
    facts, data = extracting({"extractor": "resiliparse"})({"kind": "html"}, b"<p>A text.</p>")
    assert (facts["text"], data) == ("A text.", b"")
