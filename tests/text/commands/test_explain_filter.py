"""Why a document left a run that filters, or stayed."""

import json

import pytest
from filter_toys import ROWS, filter_into
from text_toys import command, write_jsonl


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    source = write_jsonl(folder / "x.jsonl", [*ROWS, ROWS[0]])
    filter_into(source, folder / "out", id_field="id", where="row != 9")
    return folder / "out"


def lines(out, name):
    code, said, _ = command("explain", out, "--id", name)
    assert code == 0
    return said.splitlines()


def test_a_dropped_document_has_its_reason_and_all_of_its_scores(out):
    assert lines(out, "d1") == [
        "d1: fails words: words 1 < 3",
        "  lies in      x.jsonl, row 1",
        "  words           1  (at least 3)  fails",
        "  marks           1  (at most 1)",
    ]


def test_every_rule_that_it_fails_is_marked(out):
    _, said, _ = command("explain", out, "--id", "d2", "--json")
    answer = json.loads(said)
    assert (answer["rule"], answer["fails"]) == ("words", ["words", "marks"])
    assert answer["scores"] == {"words": 2, "marks": 2}


def test_a_document_is_found_by_its_place(out):
    assert lines(out, "x.jsonl:4")[0] == "d4: kept; it passes all 2 rules of curator-en"


def test_a_document_that_the_condition_drops_says_so(out):
    assert lines(out, "d9")[0] == "d9: fails where: not row != 9"


def test_more_documents_of_the_same_id_are_counted(out):
    assert "  1 more documents have this id; name one by FILE:ROW" in lines(out, "d0")


def test_an_unknown_document_is_one_line(out):
    code, _, err = command("explain", out, "--id", "zz")
    assert (code, len(err.splitlines())) == (2, 1)
    assert "no document 'zz'" in err
