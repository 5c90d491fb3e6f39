"""The page of a run on documents of texts and pictures."""

import pathlib

from curator_engine.running.run_record import write_record
from curator_text.report.interleaved_page import try_interleaved_page, write_interleaved_page

FACTS = {"num_documents": 10, "kept": 7, "removed_by": {"<b>odd</b>": 3}}


def test_the_numbers_and_reasons_are_shown_escaped(ours):
    write_record(ours, {"job": "interleaved", "facts": FACTS, "settings": {}})
    write_interleaved_page(ours)
    with pathlib.Path(f"{ours}/report.html").open(encoding="utf-8") as file:
        page = file.read()
    assert "&lt;b&gt;odd" in page
    assert "<b>odd" not in page
    assert "30.0%" in page


def test_without_a_run_it_says_why(tmp_path):
    assert try_interleaved_page(str(tmp_path / "none"))
