import pytest

from curator_engine.errors import SettingsError
from curator_image.settings import CurateSettings, ProbeSettings


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"per_file": 0}, "--per-file 0 is below 1"),
        ({"reencode": "jpeg"}, "needs --output-format"),
        ({"max_side": 9}, "that --reencode writes"),
        ({"reencode": "png", "output_format": "folder", "max_side": 0}, "--max-side 0"),
        ({"quality": 0}, "between 1 and 100"),
    ],
)
def test_settings_that_do_not_fit_are_refused(options, message):
    with pytest.raises(SettingsError, match=message):
        CurateSettings(inputs=["in"], output="out", **options).check()


def test_the_defaults_fit_together():
    ProbeSettings(inputs=["in"]).check()
    CurateSettings(inputs=["in"], output="out").check()
