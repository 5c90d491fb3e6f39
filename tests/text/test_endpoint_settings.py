"""How an endpoint is asked."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.endpoint_settings import EndpointSettings


@pytest.mark.parametrize(("name", "value"), [("concurrency", 0), ("retries", -1), ("timeout", 0.0)])
def test_numbers_out_of_range_are_said(name, value):
    with pytest.raises(SettingsError, match=f"--{name} {value} is"):
        EndpointSettings(inputs=["in"], **{name: value}).check()


def test_limits_are_those_of_an_asker():
    limits = EndpointSettings(timeout=3.0, budget_tokens=7).limits
    assert (limits["timeout_s"], limits["budget_tokens"], limits["retries"]) == (3.0, 7, 4)
