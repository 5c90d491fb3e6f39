"""Sections that the pages of all jobs have."""

from curator_text.removal.remove_documents import Loss
from curator_text.removal.run_folder import RunFolder
from curator_text.report.run_sections import (
    counts_table,
    funnel_cards,
    losses_section,
    run_header,
    run_page,
    steps_section,
)

RUN = RunFolder(
    path="out",
    record={
        "status": "done",
        "version": "1",
        "settings": {"source_field": "<site>"},
        "steps": {"score": {"seconds": 2.0, "started": "2026-01-02T03:04:05"}},
    },
)


def test_the_header_says_when_the_first_step_began():
    assert "2026-01-02 03:04" in run_header(RUN, "Filter")


def test_a_source_that_loses_most_is_marked_and_escaped():
    html = losses_section(RUN, [Loss(source="<a>", documents=100, removed=90)], 1)
    assert "&lt;a&gt;" in html
    assert "loses most" in html
    assert "<code>&lt;site&gt;</code>" in html


def test_without_steps_there_is_no_section():
    assert steps_section(RunFolder(path="out", record={})) == ""
    assert "score" in steps_section(RUN)


def test_documents_that_came_in_stayed_and_went_are_shown_with_cards_of_the_job():
    run = RunFolder(path="out", record={"facts": {"num_documents": 8, "num_removed": 2}})
    html = funnel_cards(run, ("in several languages", "3", ""))
    assert "75.0%" in html
    assert "in several languages" in html
    assert "seconds" not in html


def test_counts_are_escaped_and_have_shares():
    html = counts_table(["reason", "pages", "of all"], {"<b>": 1}, 4)
    assert "&lt;b&gt;" in html
    assert "25.0%" in html
    assert counts_table(["reason", "pages", "of all"], {}, 0) == "<p>None.</p>"


def test_a_page_has_a_jobs_own_sections_between_what_all_have():
    html = run_page(RUN, "Filter", ["<p>own</p>"], ([Loss(source="a", documents=9, removed=8)], 1))
    places = [html.index(part) for part in ("<h1", "<p>own</p>", "88.9%", "score")]
    assert places == sorted(places)
