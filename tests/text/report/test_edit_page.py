"""The page of a run that changes texts: the numbers of `run.json`, and nothing of a document that could act."""

import json

import pytest
from clean_toys import ROWS, clean_into
from pages import ATTACK, SCRIPT, TAGS, Page, is_strict
from text_toys import write_jsonl

from curator_text.modifiers.recipe import load_recipe

HOSTILE = [SCRIPT, f'<img src=x onerror="{ATTACK}">', f"\"'>{SCRIPT} &lt;b&gt; \x00 \u202e"]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run on documents of which some try to act, in text, id and file name."""
    folder = tmp_path_factory.mktemp("page")
    hostile = [
        {"id": f"h{k} {a}", "text": f"{a}\n\n\n\nWe use cookies"} for k, a in enumerate(HOSTILE)
    ]
    path = folder / "in/<script>alert(1)<!--.jsonl"
    write_jsonl(path, [*ROWS, *hostile, {"id": "e", "text": " "}])
    with path.open("a", encoding="utf-8") as file:
        file.write("{bad\n")
    clean_into(path.parent, folder / "out", id_field="id", recipe=load_recipe("web"))
    return folder / "out"


@pytest.fixture(scope="module")
def page(out):
    return Page((out / "report.html").read_text(encoding="utf-8"))


def test_the_numbers_are_those_of_the_record(out, page):
    facts = json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]
    names = ("num_documents", "num_removed", "changed", "quarantined")
    expected = {name: facts[name] for name in names}
    expected |= {f"rule-{name}": count for name, count in facts["documents"].items()}
    assert {name: page.numbers[name] for name in expected} == expected
    assert expected["rule-NoticeLines"] == 3


def test_nothing_of_a_document_becomes_a_tag_or_a_handler(page):
    assert set(page.tags) <= TAGS | {"article", "strong", "del", "ins"}
    assert not page.handlers
    assert not page.sources
    assert is_strict(page.policy)


def test_what_a_rule_takes_is_shown_as_text(page):
    assert "<script>alert(1)<!--.jsonl" in page.text
    assert "We use cookies" in page.text
