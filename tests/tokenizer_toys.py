"""A tokenizer for transformers that cuts at white space."""

from importlib import import_module
from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers


def save_words(folder: Any, words: list[str], *, end: str | None = None) -> str:
    """Save a tokenizer of these words, numbered from 1, with an end-of-text token if it is named."""
    known = {"[UNK]": 0, **{word: place for place, word in enumerate(words, start=1)}}
    cut: Any = Tokenizer(models.WordLevel(known, unk_token="[UNK]"))
    cut.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    transformers: Any = import_module("transformers")
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=cut, eos_token=end)
    fast.save_pretrained(str(folder))
    return str(folder)
