"""The page of a run that downloads: the numbers of its record, and nothing of it that could act."""

import json

from pages import ATTACK, SCRIPT, Page, is_strict

from curator_engine.report.download_page import build_page


def test_the_page_has_the_counts_and_the_reasons(tmp_path):
    reasons = {f"status {n} {SCRIPT}": 1 for n in range(400, 435)}
    facts = {"urls": 50, "downloaded": 15, "failed": 35, "failed_by": reasons, "bytes": 2_500_000}
    record = {"status": "done", "version": "1", "settings": {"inputs": [SCRIPT]}, "facts": facts}
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    text = build_page(str(tmp_path))
    assert "and 5 more" in text
    page = Page(text)
    assert is_strict(page.policy)
    assert ("script" in page.tags, page.handlers) == (False, [])
    assert ATTACK in page.text
    assert (page.numbers["urls"], page.numbers["downloaded"], page.numbers["failed"]) == (
        50,
        15,
        35,
    )


def test_a_run_in_which_all_came_says_so(tmp_path):
    (tmp_path / "run.json").write_text('{"status": "done", "facts": {"urls": 1}}', "utf-8")
    assert "All came." in build_page(str(tmp_path))
