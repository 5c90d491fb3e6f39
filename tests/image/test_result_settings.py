import pytest

from curator_engine.errors import SettingsError
from curator_image.result_settings import DedupSettings


@pytest.mark.parametrize("values", [{"threshold": 0.4}, {"threshold": 1.1}, {"min_overlap": 0}])
def test_a_number_out_of_range_is_refused(values):
    with pytest.raises(SettingsError, match="is not between"):
        DedupSettings(inputs=["run"], **values).check()
