"""`curator-text explain` for a run that decontaminates."""

import json

import pytest
from contamination_toys import decontaminate_into, leaky_rows, write_evaluation
from text_toys import command, write_jsonl

ROWS = leaky_rows(12)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    source = write_jsonl(folder / "x.jsonl", ROWS)
    against = write_evaluation(folder / "e/qa.jsonl")
    decontaminate_into(source, folder / "out", against, id_field="id")
    return folder / "out"


@pytest.mark.parametrize("name", ["d5", "x.jsonl:5"])
def test_a_removed_document_shows_what_was_found_and_where(out, name):
    code, said, _ = command("explain", out, "--id", name)
    assert code == 0
    assert said.startswith("d5: removed; it holds 100% of the 12 n-grams of qa.jsonl:1 question\n")
    assert "100% of qa.jsonl:1 question, characters " in said
    passage = said.splitlines()[-1].strip()
    assert passage in " ".join(ROWS[5]["text"].split())


def test_it_is_there_as_json(out):
    answer = json.loads(command("explain", out, "--id", "d10", "--json")[1])
    assert (answer["status"], answer["evaluation_row"], len(answer["matches"])) == ("removed", 2, 1)


def test_a_document_that_stays_is_told(out):
    code, said, _ = command("explain", out, "--id", "d1")
    assert (code, said) == (0, "d1: kept; no evaluation item has enough of its n-grams in it\n")


def test_a_document_that_is_not_there_is_told(out):
    code, _, err = command("explain", out, "--id", "d99")
    assert code == 2
    assert "no document 'd99'" in err


def test_a_text_that_has_changed_is_not_shown(out, tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    against = write_evaluation(tmp_path / "e/qa.jsonl")
    decontaminate_into(source, tmp_path / "out", against)
    write_jsonl(tmp_path / "x.jsonl", ROWS[1:])
    assert "no text to show" in command("explain", tmp_path / "out", "--id", "x.jsonl:0")[1]
