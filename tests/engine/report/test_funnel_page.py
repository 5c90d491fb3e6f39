"""The page of a run of several steps: the numbers of its record, and nothing of it that could act."""

import pytest
from pages import ATTACK, SCRIPT, Page, is_strict

from curator_engine.report.funnel_page import build_funnel_page, try_funnel_page


def step(folder, removed, reasons, kept):
    counts = {"documents": kept + removed, "kept": kept, "removed": removed, "lost_rows": 0}
    more = {"reasons": reasons, "seconds": 1.5, "peak_memory_mb": 100.0}
    return {"folder": folder, "name": folder[3:], **counts, **more, "settings": {"recipe": SCRIPT}}


STEPS = [
    step("01-filter", 3, {f"rule {i} {SCRIPT}": 1 for i in range(15)}, 7),
    step("02-exact", 2, {"exact": 2}, 5),
]
FACTS = {"num_documents": 11, "kept": 5, "num_removed": 5, "lost_rows": 1, "total_time": 3.0}
RECORD = {
    "status": "done",
    "version": "1",
    "settings": {"job": SCRIPT},
    "facts": {**FACTS, "alarms": [SCRIPT], "notes": []},
    "steps": {each["folder"]: each for each in STEPS},
}


@pytest.fixture(scope="module")
def page():
    return Page(build_funnel_page(f"out {SCRIPT}", RECORD))


def test_the_funnel_has_each_step_and_leads_to_its_page(page):
    names = (
        "num_documents",
        "kept",
        "num_removed",
        "lost_rows",
        "removed-01-filter",
        "kept-02-exact",
    )
    assert [page.numbers[name] for name in names] == [11, 5, 5, 1, 3, 5]
    assert page.links == ["steps/01-filter/report.html", "steps/02-exact/report.html"]


def test_reasons_are_shown_up_to_a_number(page):
    assert "rule 0" in page.text
    assert "and 3 more" in page.text


def test_nothing_on_the_page_can_act(page):
    assert is_strict(page.policy)
    assert "script" not in page.tags
    assert page.handlers == []


def test_a_folder_without_a_record_gives_a_line(tmp_path):
    assert "was not written: " in str(try_funnel_page(str(tmp_path)))


@pytest.mark.slow
def test_a_browser_shows_the_numbers_and_runs_no_script(browser, page, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(build_funnel_page(f"out {SCRIPT}", RECORD), encoding="utf-8")
    shown = Page(browser(path, tmp_path / "profile"))
    assert shown.numbers == page.numbers
    assert ATTACK in shown.text
    assert not shown.is_harmed
