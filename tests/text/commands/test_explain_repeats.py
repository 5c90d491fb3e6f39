"""`curator-text explain` on runs of `substring` and `lines`."""

import pytest
from repeat_toys import lines_into, substring_into
from text_toys import command, sentence, write_jsonl


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    passage = sentence(1, words=40)
    rows = [{"id": i, "text": text} for i, text in enumerate([passage, f"x {passage}", passage])]
    source = write_jsonl(folder / "x.jsonl", rows)
    substring_into(source, folder / "out", id_field="id", min_bytes=100)
    return folder / "out"


def test_a_document_that_lost_passages_says_which_and_where_they_stand(out):
    _, said, _ = command("explain", out, "--id", "1")
    assert "1: kept without 1 repeated passage" in said
    assert "stand first in x.jsonl, row 0" in said


def test_a_document_that_went_says_why(out):
    _, said, _ = command("explain", out, "--id", "x.jsonl:2")
    assert "2: removed; 100% of the text repeats" in said


def test_a_document_without_repeats_is_kept(out):
    _, said, _ = command("explain", out, "--id", "0")
    assert said.strip() == "0: kept; nothing in it repeats what stands before"


def test_a_document_that_is_not_there_is_one_line(out):
    code, _, err = command("explain", out, "--id", "99")
    assert code == 2
    assert "no document '99'" in err


def test_how_often_a_line_stands_is_said(tmp_path):
    source = write_jsonl(
        tmp_path / "x.jsonl", [{"text": f"the same line again\n{i}"} for i in (1, 2)]
    )
    lines_into(source, tmp_path / "out", max_times=1, min_bytes=5)
    _, said, _ = command("explain", tmp_path / "out", "--id", "x.jsonl:1")
    assert "2 times in all" in said
