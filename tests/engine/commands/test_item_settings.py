"""Settings of the commands on finished runs: what does not fit is one line."""

import pytest

from curator_engine.commands.item_settings import (
    DedupSettings,
    FilterSettings,
    ReportSettings,
    SearchSettings,
    ShardSettings,
    check_copy_limits,
)
from curator_engine.errors import SettingsError


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (FilterSettings(["run"]), "no condition"),
        (FilterSettings(["a", "b"], where="x > 1"), "one folder"),
        (ReportSettings(["a", "b"]), "one folder"),
        (DedupSettings(["run"], eps=1.0), "between 0 and 1"),
        (SearchSettings(["run"]), "1 given"),
        (SearchSettings(["run", "x"], top=0), "below 1"),
        (ShardSettings(["run"]), "1 given"),
        (ShardSettings(["run", "out"], bins="colour"), "are not known"),
        (ShardSettings(["run", "out"], max_size="0"), "no room"),
        (ShardSettings(["run", "out"], resume=True, overwrite=True), "exclude each other"),
    ],
)
def test_what_does_not_fit_is_one_line(settings, message):
    with pytest.raises(SettingsError, match=message):
        settings.check()


@pytest.mark.parametrize(
    ("given", "option"), [((0.4, 0.5), "threshold"), ((0.9, 0.0), "min-overlap")]
)
def test_what_counts_as_a_copy_is_within_its_range(given, option):
    check_copy_limits(threshold=1.0, min_overlap=0.1)
    with pytest.raises(SettingsError, match=f"--{option} .* is not above"):
        check_copy_limits(threshold=given[0], min_overlap=given[1])
