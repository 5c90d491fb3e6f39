"""Settings of `curator-text exact`."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.exact_settings import ExactSettings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mark": True, "ids_only": True}, "--mark and --ids-only exclude each other"),
        ({"max_removed_ratio": 2.0}, r"--max-removed-ratio 2\.0 is not in \[0, 1\]"),
        ({"workers": 0}, "--workers 0 is below 1"),
    ],
)
def test_values_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        ExactSettings(**settings).check()
