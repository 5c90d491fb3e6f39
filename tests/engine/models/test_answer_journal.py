"""Answers are on disk before they count, and found again."""

import pytest

from curator_engine.errors import StorageError
from curator_engine.models.answer_journal import AnswerJournal, Reply
from curator_engine.models.token_budget import Usage

YES = Reply(text="Yes.\nĂ ", end="stop", usage=Usage(tokens_in=5, tokens_out=2))


def test_answers_are_found_again_with_what_they_cost(tmp_path):
    with AnswerJournal(str(tmp_path)) as journal:
        journal.add("a", YES)
        journal.add_lost(Usage(tokens_in=1, tokens_out=1))
    with AnswerJournal(str(tmp_path)) as journal:
        assert (journal.find("a"), journal.find("b"), len(journal)) == (YES, None, 1)
        assert journal.spent == Usage(tokens_in=6, tokens_out=3)


@pytest.mark.parametrize("rest", [b'{"key": "b", "tex', b'{"key": "b"}\n', b"[1]\n", b"\xff\n"])
def test_a_line_that_a_kill_cut_is_left_out_and_those_after_it_are_whole(tmp_path, rest):
    with AnswerJournal(str(tmp_path)) as journal:
        journal.add("a", YES)
    with (tmp_path / "curator_answers.jsonl").open("ab") as file:
        file.write(rest)
    with AnswerJournal(str(tmp_path)) as journal:
        assert "b" not in journal
        journal.add("c", YES)
    with AnswerJournal(str(tmp_path)) as journal:
        assert (journal.find("a"), journal.find("c")) == (YES, YES)


def test_a_folder_that_cannot_be_made_ends_the_run(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match=r"answers\.jsonl"):
        AnswerJournal(str(tmp_path / "file"))
