"""Options of `embed` that do not fit together."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.embed_settings import EmbedSettings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"batch_size": 0}, "--batch-size 0 is below 1"),
        ({"max_chars": 0}, "--max-chars 0 is below 1"),
        ({"embedding_field": "text"}, "is no new field"),
        ({"budget_usd": 1.0}, "give --usd-in"),
        ({"backend": "vllm"}, "give its folder or hub id by --model"),
        ({"pooling": "cls", "endpoint": "http://x/v1"}, "give its folder or hub id by --model"),
        ({"pooling": "cls", "backend": "vllm", "model": "a/b"}, "is for --backend transformers"),
        ({"output_format": "parquet"}, "no data/ is written"),
    ],
)
def test_what_does_not_fit_is_said(given, said):
    with pytest.raises(SettingsError, match=said):
        EmbedSettings(inputs=["in"], **given).check()


def test_no_model_is_a_fingerprint():
    assert EmbedSettings().is_fingerprint
    assert EmbedSettings(model="fingerprint", keep_text=True).writes_data
    assert not EmbedSettings(model="a/b").is_fingerprint
