"""The page of a run that classifies: the numbers of `run.json`, and nothing of a document that could act."""

import json

import pytest
from classify_toys import classify_into, write_linear
from pages import SCRIPT, TAGS, Page, is_strict
from text_toys import write_jsonl


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    rows = [{"id": SCRIPT, "text": SCRIPT}, {"id": "b", "text": "casino"}]
    path = folder / "in/<script>alert(1)<!--.jsonl"
    write_jsonl(path, rows)
    given = {"model": write_linear(folder / "model"), "filter_by": ["good"]}
    classify_into(path.parent, folder / "out", **given, where="model_score > 0.1")
    return folder / "out"


def test_the_numbers_are_those_of_the_record(out):
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    facts = json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]
    expected = {name: facts[name] for name in ("num_documents", "num_removed", "quarantined")}
    assert {name: page.numbers[name] for name in expected} == expected
    assert "model_score > 0.1" in page.text


def test_nothing_of_a_document_becomes_a_tag_or_a_handler(out):
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    assert set(page.tags) <= TAGS | {"article", "strong"}
    assert not page.handlers
    assert not page.sources
    assert is_strict(page.policy)
