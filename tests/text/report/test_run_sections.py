"""Sections that the pages of all jobs have."""

from curator_text.removal.remove_documents import Loss
from curator_text.removal.run_folder import RunFolder
from curator_text.report.run_sections import losses_section, run_header, steps_section

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
