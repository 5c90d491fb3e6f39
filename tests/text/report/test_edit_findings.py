"""Examples of what rules change."""

import pytest
from clean_toys import clean_into, toy_recipe
from text_toys import write_jsonl

from curator_text.modifiers.recipe import load_recipe
from curator_text.removal.run_folder import open_run
from curator_text.report.edit_findings import find_edited

ROWS = [{"text": f"{i} end.\n\n\n\nWe use cookies"} for i in range(9)]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("findings") / "x.jsonl", ROWS)


def test_each_rule_has_a_few_examples_of_what_it_alone_changes(source, tmp_path):
    clean_into(source, tmp_path, recipe=load_recipe("web"))
    examples = find_edited(open_run(str(tmp_path))).examples
    assert {name: len(some) for name, some in examples.items()} == {
        "NoticeLines": 3,
        "NewlineNormalizer": 3,
    }
    [deleted] = [p.text for p in examples["NoticeLines"][0].pieces if p.kind == "deleted"]
    assert deleted == "\u21b5\n" * 4 + "We use cookies"


def test_line_ends_that_go_can_be_seen(source, tmp_path):
    clean_into(source, tmp_path, recipe=load_recipe("web", ["NoticeLines=off"]))
    [example, *_] = find_edited(open_run(str(tmp_path))).examples["NewlineNormalizer"]
    changes = {p.kind: p.text.count("\u21b5") for p in example.pieces if p.kind != "same"}
    assert changes == {"deleted": 4, "inserted": 2}


def test_rules_that_are_not_known_here_have_no_examples_but_a_reason(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": "xa"}])
    clean_into(source, tmp_path / "out", recipe=toy_recipe())
    [example] = find_edited(open_run(str(tmp_path / "out"))).examples["no_x"]
    assert (example.pieces, example.trouble) == ([], "the rules of this run are not known here.")


def test_an_input_that_has_changed_is_said(source, tmp_path):
    path = write_jsonl(tmp_path / "x.jsonl", ROWS)
    clean_into(path, tmp_path / "out", recipe=load_recipe("web"))
    write_jsonl(tmp_path / "x.jsonl", ROWS[:2])
    [example, *_] = find_edited(open_run(str(tmp_path / "out"))).examples["NoticeLines"]
    assert "has changed since the run" in example.trouble
