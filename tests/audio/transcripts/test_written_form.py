import sys

import pytest

from curator_audio.task import AudioTask
from curator_audio.transcripts.written_form import (
    ChineseConversionStage,
    InverseTextNormalizationStage,
)
from curator_engine.errors import ResourceError, SettingsError

STAGES = {"wetext": InverseTextNormalizationStage, "opencc": ChineseConversionStage}


def written(stage, *texts):
    stage.setup()
    task = stage.process(AudioTask(data={"segments": [{"text": text} for text in texts]}))
    stage.teardown()
    return task.data["segments"]


def test_numbers_become_digits():
    found = written(InverseTextNormalizationStage(), "it costs twenty three dollars", " ")
    assert found == [
        {"text": "it costs twenty three dollars", "text_ITN": "it costs $23"},
        {"text": " "},
    ]


def test_signs_become_simple():
    word, simple = "\u6f22\u5b57", "\u6c49\u5b57"
    assert written(ChineseConversionStage(), word) == [{"text": word, "text_simplified": simple}]


@pytest.mark.parametrize("package", STAGES)
def test_a_package_that_is_not_there_is_named(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        ResourceError, match=rf"the package {package}: pip install 'curator-audio\[written-form\]'"
    ):
        STAGES[package]().setup()


def test_a_language_without_grammars_is_refused():
    with pytest.raises(SettingsError, match="there are en, ja, zh"):
        InverseTextNormalizationStage(language="xx")
