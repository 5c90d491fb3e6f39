"""`explain` for runs that change texts; tests/text/commands/test_clean.py has what a person sees."""

import json

import pytest
from clean_toys import ROWS, clean_into
from text_toys import write_jsonl

from curator_text.commands.explain_edits import explain_edited
from curator_text.removal.run_folder import open_run


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    source = write_jsonl(folder / "x.jsonl", [*ROWS[:8], ROWS[5]])
    clean_into(source, folder / "out", id_field="id")
    return folder / "out"


def explain(out, name):
    return explain_edited(open_run(str(out)), name, context=3, colours=False)


def test_documents_of_the_same_id_are_said(out):
    result = explain(out, "d5")
    assert result.summary["more"] == 1
    assert "  1 more documents have this id; name one by FILE:ROW" in result.lines


def test_the_rules_of_another_program_cannot_be_applied_again(out):
    summary = explain(out, "d1").summary
    assert (summary["status"], summary["rules"]) == ("changed", {"no_x": 1, "no_y": 1})
    assert "not known here" in summary["trouble"]
    json.dumps(summary)
