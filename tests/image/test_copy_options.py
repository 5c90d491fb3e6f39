import pytest

from curator_engine.errors import SettingsError
from curator_image.copy_options import CopyOptions


@pytest.mark.parametrize("values", [{"threshold": 0.5}, {"threshold": 1.1}, {"min_overlap": 0.0}])
def test_a_number_out_of_range_is_refused(values):
    with pytest.raises(SettingsError, match="and at most 1"):
        CopyOptions(**values).check_copies()


def test_the_ends_of_the_range_are_taken():
    CopyOptions(threshold=1.0, min_overlap=1.0).check_copies()
