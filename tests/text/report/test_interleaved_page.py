"""The page of a run on documents of texts and pictures."""

from curator_engine.running.run_record import write_record
from curator_text.report.interleaved_page import build_page

FACTS = {"num_documents": 10, "kept": 7, "removed_by": {"<b>odd</b>": 3}}


def test_the_numbers_and_reasons_are_shown_escaped(ours):
    write_record(ours, {"job": "interleaved", "facts": FACTS, "settings": {}})
    page = build_page(ours)
    assert "&lt;b&gt;odd" in page
    assert "<b>odd" not in page
    assert "30.0%" in page
