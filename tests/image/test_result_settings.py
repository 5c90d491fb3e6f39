import pytest

from curator_engine.errors import SettingsError
from curator_image.result_settings import DedupSettings


def test_a_number_out_of_range_is_refused():
    with pytest.raises(SettingsError, match="and at most 1"):
        DedupSettings(inputs=["run"], threshold=0.4).check()
