"""The first step of `tokenize`: runs of blocks."""

import pytest
from tokenizer_toys import save_words

from curator_engine.errors import SettingsError
from curator_text.tokenize.tokenize_documents import TokenizeDocuments


def test_a_tokenizer_without_an_end_token_is_refused_unless_none_is_wanted(tmp_path):
    words = save_words(tmp_path, ["a"])
    stage = TokenizeDocuments(path="", tokenizer=words)
    with pytest.raises(SettingsError, match="--no-append-end"):
        stage.encoder()
    assert TokenizeDocuments(path="", tokenizer=words, append_end=False).encoder().end is None
