"""Options of the jobs about models that judge texts."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.classifier_settings import TrainSettings


def test_two_inputs_are_taken():
    TrainSettings(inputs=["a", "b"], output="out").check()
    with pytest.raises(SettingsError, match="3 inputs; train takes two"):
        TrainSettings(inputs=["a", "b", "c"]).check()


def test_it_cannot_be_done_in_shards():
    with pytest.raises(SettingsError, match="a model is made of all examples"):
        TrainSettings(inputs=["a", "b"], shard="0/2").check()
