"""The options of `merge`."""

import pytest

from curator_engine.commands.merge_settings import MergeSettings
from curator_engine.errors import SettingsError


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"inputs": ["a", "b"], "output": "o"}, "one folder of shards"),
        ({"inputs": ["a"]}, "no output folder"),
        ({"inputs": ["a"], "output": "o", "resume": True, "overwrite": True}, "exclude each other"),
    ],
)
def test_what_does_not_fit_together_is_refused(options, says):
    with pytest.raises(SettingsError, match=says):
        MergeSettings(**options).check()
