"""The page of a run that decontaminates: the numbers of `run.json`, and nothing of a document that could act."""

import json

import pytest
from contamination_toys import QUESTIONS, decontaminate_into, leaky_rows
from pages import ATTACK, SCRIPT, TAGS, Page, is_strict
from text_toys import write_jsonl

HOSTILE = [SCRIPT, f"</del></div>{SCRIPT}", f'<img src=x onerror="{ATTACK}">']


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run on documents of which some try to act, in text, id and file names."""
    folder = tmp_path_factory.mktemp("page")
    leaks = [" ".join(f"{a}{word}" for word in QUESTIONS[0].split()) for a in HOSTILE]
    rows = [*leaky_rows(30), *({"id": f"h {a}", "text": a} for a in leaks)]
    path = folder / "in/<script>alert(1)<!--.jsonl"
    write_jsonl(path, rows)
    items = [*QUESTIONS, *leaks]
    write_jsonl(folder / "e/<b>qa&.jsonl", [{f"q{SCRIPT}": each} for each in items])
    decontaminate_into(path.parent, folder / "out", folder / "e", id_field="id")
    return folder / "out"


@pytest.fixture(scope="module")
def facts(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]


@pytest.fixture(scope="module")
def page(out):
    return Page((out / "report.html").read_text(encoding="utf-8"))


def test_the_numbers_are_those_of_the_record(page, facts):
    assert facts["num_removed"] == 9
    names = ("num_documents", "num_removed", "quarantined")
    expected = {name: facts[name] for name in names} | {"found_items": 9}
    assert {name: page.numbers[name] for name in expected} == expected


def test_nothing_of_a_document_becomes_a_tag_or_a_handler(page):
    assert set(page.tags) <= TAGS | {"article", "strong", "del"}
    assert not page.handlers
    assert not page.sources
    assert is_strict(page.policy)


def test_the_overlaps_say_what_would_be_kept_elsewhere(page):
    assert "Documents with an n-gram of an item, by the largest share" in page.text
    assert "with --min-overlap at" in page.text


@pytest.mark.slow
def test_a_browser_shows_the_numbers_and_runs_no_script(browser, out, page, tmp_path):
    shown = Page(browser(out / "report.html", tmp_path))
    assert shown.numbers == page.numbers
    assert ATTACK in shown.text
    assert not shown.is_harmed
