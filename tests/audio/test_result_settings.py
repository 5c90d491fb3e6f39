import pytest

from curator_audio.result_settings import FilterSettings, ShardSettings
from curator_engine.errors import SettingsError


def test_a_filter_needs_a_condition():
    with pytest.raises(SettingsError, match=r"no condition; .* --where .snr > 20"):
        FilterSettings(inputs=["run"]).check()
    ShardSettings(inputs=["run", "shards"], bins="duration").check()
