"""Tokenizers of folders and of the hub."""

import pytest
from tokenizer_toys import save_words

from curator_engine.errors import InputError
from curator_text.tokenize.hub_tokenizer import load_tokenizer


def test_a_folder_has_a_tokenizer_and_another_is_named(tmp_path):
    name = save_words(tmp_path / "words", ["a", "b"])
    assert load_tokenizer(name)("b a", add_special_tokens=False)["input_ids"] == [2, 1]
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="has no tokenizer here"):
        load_tokenizer(str(tmp_path / "none"))
