"""Filters by the tokens of a model's tokenizer, with NeMo Curator's names, parameters and defaults.

Tokenizers are read from files by `tokenizers` (extra `semantic`), by `sentencepiece` or by `transformers`, whichever
the file or the caller asks for; the latter two are the caller's to install.
"""

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.models.model_names import check_vocabulary
from curator_text.filters.doc_filter import Bounds, DocumentFilter


@lru_cache(maxsize=4)
def _tokenizer_file(path: str) -> Any:
    """The tokenizer of a `tokenizer.json`, or of sentencepiece's `.model`.

    Raises:
        ResourceError: What it needs is not installed.
        InputError: The file cannot be read.
    """
    try:
        if path.endswith(".model"):
            import sentencepiece  # pyright: ignore[reportMissingImports]

            pieces: Any = sentencepiece
            return pieces.SentencePieceProcessor(model_file=path)
        import tokenizers
    except ImportError as error:
        needed = error.name or "tokenizers"
        raise ResourceError(f"the tokenizer {path} needs {needed}; install it.") from error
    library: Any = tokenizers
    try:
        return library.Tokenizer.from_file(path)
    except Exception as error:
        raise InputError(f"{path} is no tokenizer: {error}.") from error


@lru_cache(maxsize=4)
def _tokenizer_of_hub(name: str, token: str | None, options: str) -> Any:
    try:
        import transformers
    except ImportError as error:
        raise ResourceError(f"the tokenizer of {name} needs transformers; install it.") from error
    library: Any = transformers
    try:
        found = library.AutoTokenizer.from_pretrained(name, token=token, **json.loads(options))
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"hf_model_name={name!r} has no tokenizer here: {reason}") from error
    check_vocabulary(found, name)
    return found


def _count(tokenizer: Any, text: str) -> int:
    found: Any = tokenizer.encode(text)
    return len(found)


@dataclass
class TokenCountFilter(DocumentFilter):
    """Drop documents with too few or too many tokens."""

    tokenizer: Any = None
    """An object whose `encode` gives the tokens of a text, or the path of a tokenizer.json or .model file."""
    hf_model_name: str | None = None
    """A folder or an id on the hub with a tokenizer for transformers, instead of `tokenizer`."""
    hf_token: str | None = field(default=None, kw_only=True)
    min_tokens: int = field(default=0, kw_only=True)
    max_tokens: float = field(default=math.inf, kw_only=True)
    transformers_init_kwargs: dict[str, Any] | None = field(default=None, kw_only=True)
    """Options with which transformers loads the tokenizer of `hf_model_name`."""
    name = "token_count"

    def __post_init__(self) -> None:
        if (self.tokenizer is None) == (self.hf_model_name is None):
            raise SettingsError("give a tokenizer or hf_model_name, one of both.")
        if isinstance(self.tokenizer, str):
            _check_file(self.tokenizer, "tokenizer")

    def score_document(self, text: str) -> float:
        """The number of tokens."""
        if self.hf_model_name is not None:
            options = json.dumps(self.transformers_init_kwargs or {}, sort_keys=True)
            loaded = _tokenizer_of_hub(self.hf_model_name, self.hf_token, options)
            return float(_count(loaded, text))
        by_path = isinstance(self.tokenizer, str)
        return float(_count(_tokenizer_file(self.tokenizer) if by_path else self.tokenizer, text))

    def keep_document(self, score: float) -> bool:
        """Whether the number is within the bounds."""
        return self.min_tokens <= score <= self.max_tokens

    def bounds(self) -> Bounds:
        """The least, and the most if there is one."""
        return self.min_tokens, None if math.isinf(self.max_tokens) else self.max_tokens


@dataclass
class TokenizerFertilityFilter(DocumentFilter):
    """Drop documents that a tokenizer cuts into tokens of too few characters, as it does with what it does not know."""

    path_to_tokenizer: str | None = None
    """A .model file of sentencepiece, or a tokenizer.json."""
    min_char_to_token_ratio: float = 2.5
    name = "tokenizer_fertility"

    def __post_init__(self) -> None:
        if self.path_to_tokenizer is None:
            raise SettingsError("no path_to_tokenizer; give a .model file or a tokenizer.json.")
        _check_file(self.path_to_tokenizer, "path_to_tokenizer")

    def score_document(self, text: str) -> float:
        """Characters per token; -1 for a document without tokens."""
        tokens = _count(_tokenizer_file(str(self.path_to_tokenizer)), text)
        return len(text) / tokens if tokens else -1.0

    def keep_document(self, score: float) -> bool:
        """Whether tokens are long enough."""
        return score >= self.min_char_to_token_ratio

    def bounds(self) -> Bounds:
        """At least the ratio."""
        return self.min_char_to_token_ratio, None


def _check_file(path: str, name: str) -> None:
    if not Path(path).is_file():
        raise SettingsError(f"{name}={path!r}: there is no such file.")
