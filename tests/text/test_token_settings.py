"""Options of jobs that write tokens."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.token_settings import BlendSettings, TokenizeSettings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tokenizer": ""}, "no tokenizer"),
        ({"shard_size": "0"}, "shard-size"),
        ({"fields": ["a,a"]}, "twice"),
        ({"fields": ["length"]}, "a column length of its own"),
        ({"append": True, "overwrite": True}, "exclude each other"),
        ({"fields": ["part"]}, "a column part of its own"),
        ({"append": True, "limit": 3}, "--limit"),
    ],
)
def test_values_that_do_not_fit_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        TokenizeSettings(**given).check()


def test_fields_may_be_given_together():
    assert TokenizeSettings(fields=["a,b", "c"]).field_names == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"limit": 3}, "use --tokens"),
        ({"shard_size": "0"}, "shard-size"),
        ({"max_epochs": 0.0}, "not above 0"),
        ({"sequence_length": 1}, "below 2"),
        ({"split_by": "site"}, "needs --split"),
        ({"shard": "1/2"}, "shuffled over the whole input"),
    ],
)
def test_values_of_a_blend_that_do_not_fit_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        BlendSettings(**given).check()
