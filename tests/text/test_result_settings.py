"""Options of the commands that look at runs."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.result_settings import DiffSettings, ExplainSettings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (ExplainSettings(["a", "b"], id="x"), "the folder of a run and a document; 2 were given"),
        (ExplainSettings(["a"]), "no document; name one after the folder: its id, or FILE:ROW"),
        (ExplainSettings(["a"], id="x", context=0), "--context 0 is below 1"),
        (DiffSettings(["a"]), "diff takes two folders of runs; 1 were given"),
        (DiffSettings(["a", "b"], examples=-1), "--examples -1 is below 0"),
    ],
)
def test_what_does_not_fit_is_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        settings.check()


def test_the_document_stands_after_the_folder_or_in_an_option():
    assert ExplainSettings(["run", "x"]).document == "x"
    assert ExplainSettings(["run"], id="x").document == "x"


def test_an_option_of_commands_that_write_is_not_offered():
    assert not hasattr(ExplainSettings(), "executor")
