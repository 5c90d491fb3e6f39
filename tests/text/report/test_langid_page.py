"""The page of a run that tells languages: the numbers of `run.json`, and nothing of a document that could act."""

import json

import pytest
from language_toys import ROWS, TEXTS, langid_into
from pages import ATTACK, SCRIPT, TAGS, Page, is_strict
from text_toys import write_jsonl

from curator_text.removal.run_folder import open_run
from curator_text.report.langid_page import find_examples

HOSTILE = [SCRIPT, f"</div></style>{SCRIPT}", f'<img src=x onerror="{ATTACK}">']


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run on documents of which some try to act, in text, id and file name."""
    folder = tmp_path_factory.mktemp("page")
    german = TEXTS["deu_Latn"]
    rows = [*ROWS, *({"id": f"h {a}", "text": f"{a} {german} {german}"} for a in HOSTILE)]
    path = folder / "in/<script>alert(1)<!--.jsonl"
    write_jsonl(path, rows)
    langid_into(path.parent, folder / "out", id_field="id", keep=["en"])
    return folder / "out"


@pytest.fixture(scope="module")
def page(out):
    return Page((out / "report.html").read_text(encoding="utf-8"))


def test_the_numbers_are_those_of_the_record(out, page):
    facts = json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]
    expected = {name: facts[name] for name in ("num_documents", "num_removed", "quarantined")}
    expected["kept"] = facts["num_documents"] - facts["num_removed"]
    assert {name: page.numbers[name] for name in expected} == expected
    assert all(name in page.text for name in facts["languages"])


def test_nothing_of_a_document_becomes_a_tag_or_a_handler(page):
    assert set(page.tags) <= TAGS | {"article", "strong"}
    assert not page.handlers
    assert not page.sources
    assert is_strict(page.policy)


def test_examples_are_a_few_of_each_language_that_went(out):
    found = find_examples(open_run(str(out)))
    assert sorted(found) == ["deu", "ell", "fra", "jpn", "rus", "und", "zho"]
    assert [len(each) for each in found.values()] == [3, 3, 3, 3, 3, 1, 3]
    assert found["fra"][0].text.startswith(TEXTS["fra_Latn"])


@pytest.mark.slow
def test_a_browser_shows_the_numbers_and_runs_no_script(browser, out, page, tmp_path):
    shown = Page(browser(out / "report.html", tmp_path))
    assert shown.numbers == page.numbers
    assert "<script>alert(1)" in shown.text
    assert not shown.is_harmed
