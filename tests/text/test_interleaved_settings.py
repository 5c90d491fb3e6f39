"""Options of `interleaved`."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.interleaved_settings import InterleavedSettings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"min_side": -1}, "--min-side -1"),
        ({"max_code_area": -0.1}, "--max-code-area"),
        ({"min_side": 30_000}, "above --max-side"),
        ({"min_images": 31}, "above --max-images"),
    ],
)
def test_options_that_do_not_fit_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        InterleavedSettings(inputs=["a"], output="b", **given).check()
