"""Whom to ask, and how; what an asker does is tested where there is something to ask."""

import pytest

from curator_engine.errors import SettingsError
from curator_engine.models.asker import Asking
from curator_engine.models.chat_asker import ChatAsker


def test_a_journal_on_another_machine_is_refused():
    asking = Asking(url="http://localhost:1/v1", model="m", journal="s3://bucket/journal")
    with pytest.raises(SettingsError, match="give a local folder with --journal"):
        asking.open(ChatAsker)


def test_what_is_opened_has_the_limits_that_were_given(tmp_path):
    asking = Asking(url="http://localhost:1/v1", model="m", journal=str(tmp_path), batch_size=3)
    asker = asking.open(ChatAsker)
    assert (asker.model, asker.batch_size, asker.concurrency) == ("m", 3, 8)
    asker.journal.close()
