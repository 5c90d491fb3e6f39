"""Options of `generate` that do not fit together."""

from typing import Any

import pytest

from curator_engine.errors import SettingsError
from curator_text.generate_settings import GenerateSettings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"endpoint": None}, "give the URL of an endpoint by --endpoint"),
        ({"budget_usd": 1.0}, "give --usd-in and --usd-out"),
        ({"budget_tokens": -1}, "--budget-tokens -1 is below 0"),
        ({"concurrency": 0}, "--concurrency 0 is below 1"),
        ({"timeout": 0.0}, "--timeout 0.0 is not above 0"),
        ({"output_field": "a b"}, "is no name of letters"),
        ({"output_field": "id", "id_field": "id"}, "would replace the ids"),
        ({"backend": "nmt", "endpoint": None}, "needs the URL of its server"),
        ({"backend": "aws"}, "takes no --endpoint"),
        ({"backend": "google", "model": "m"}, "takes no --model"),
    ],
)
def test_what_does_not_fit_is_said(given, said):
    whole: dict[str, Any] = {"endpoint": "http://localhost:1/v1", **given}
    settings = GenerateSettings(inputs=["in"], **whole)
    with pytest.raises(SettingsError, match=said):
        settings.check()
