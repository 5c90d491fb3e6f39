"""A model in this process answers by the same journal and budget as one at an endpoint."""

import pytest
from language_models import write_llama

from curator_engine.errors import SettingsError
from curator_engine.models.asker import Asking
from curator_engine.models.chat_asker import ChatQuestion
from curator_engine.models.local_asker import open_local
from curator_engine.models.token_budget import SpentBudgetError

QUESTIONS = [ChatQuestion(prompt=each, system="be short", max_tokens=6) for each in ("a", "bb")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(write_llama(tmp_path_factory.mktemp("models") / "tiny-llama"))


def asking(folder, tmp_path, **limits):
    return Asking(url="", model=folder, journal=str(tmp_path / "journal"), **limits)


def test_what_is_answered_is_in_the_journal_and_not_asked_again(folder, tmp_path):
    first = open_local(asking(folder, tmp_path), device="cpu")
    replies = first.ask_all([*QUESTIONS, QUESTIONS[0]])
    assert replies[0] == replies[2]
    assert all(reply.usage.tokens_in > 8 for reply in replies)
    assert {reply.end for reply in replies} <= {"stop", "length"}
    assert len(first.journal) == 2
    first.journal.close()
    again = open_local(asking(folder, tmp_path, budget_tokens=0), device="cpu")
    assert again.ask_all(QUESTIONS) == replies[:2]


def test_the_budget_is_kept(folder, tmp_path):
    asker = open_local(asking(folder, tmp_path, budget_tokens=3), device="cpu")
    with pytest.raises(SpentBudgetError):
        asker.ask_all(QUESTIONS)


def test_a_journal_on_another_machine_is_refused(folder):
    with pytest.raises(SettingsError, match="not on this machine"):
        open_local(Asking(url="", model=folder, journal="s3://b/journal"))
