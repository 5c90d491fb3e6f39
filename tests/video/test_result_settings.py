"""Settings of the dedup job."""

import pytest

from curator_engine.errors import SettingsError
from curator_video.result_settings import DedupSettings


def test_the_defaults_fit():
    DedupSettings(inputs=["out"]).check()


@pytest.mark.parametrize("eps", [0.0, 1.0, -0.1, 3.0])
def test_an_eps_out_of_range_is_refused(eps):
    with pytest.raises(SettingsError, match="between 0 and 1"):
        DedupSettings(inputs=["out"], eps=eps).check()


def test_one_run_at_a_time():
    with pytest.raises(SettingsError, match="one folder"):
        DedupSettings(inputs=["a", "b"]).check()
