"""What makes tokens of texts: tokenizers of Hugging Face and tiktoken, and bytes, which need neither.

A text that spells a special token, such as `<|endoftext|>`, is a text: it becomes the tokens of its letters, so
that no document can end another one.
"""

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.task import ArrowArray
from curator_text.read.columns import utf8
from curator_text.tokenize.hub_tokenizer import load_tokenizer

BYTES = "bytes"
_END = 256
_ENDS = ("<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|im_end|>", "[SEP]")
"""What tokenizers call the token at the end of a document, where no file beside them says it."""
_BATCH_BYTES = 1 << 20
"""UTF-8 that a tokenizer gets at a time: what it returns takes some 50 times that."""
SPLIT_PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
"""How the texts of cl100k_base are split before their parts become tokens."""

type Tokens = tuple[NDArray[np.int32], NDArray[np.int64]]
"""The tokens of some texts one after another, and how many each text has."""


@dataclass(frozen=True, kw_only=True)
class Encoder(ABC):
    """Makes tokens of texts."""

    vocabulary: int
    """Tokens are numbered from 0 to below this."""
    end: int | None
    """The token at the end of a document."""
    key: str
    """Changes with the tokens that it gives."""

    @abstractmethod
    def encode(self, texts: ArrowArray) -> Tokens:
        """The tokens of texts, without one at their ends."""


@dataclass(frozen=True, kw_only=True)
class ByteEncoder(Encoder):
    """A token for each byte of UTF-8: needs no files, and makes some four times the tokens of other tokenizers."""

    vocabulary: int = _END + 1
    end: int | None = _END
    key: str = "bytes 1"

    def encode(self, texts: ArrowArray) -> Tokens:
        """The bytes."""
        text, offsets = utf8(texts)
        return text[offsets[0] : offsets[-1]].astype(np.int32), np.diff(offsets)


@dataclass(frozen=True, kw_only=True)
class FastEncoder(Encoder):
    """A tokenizer of the library tokenizers, as tokenizer.json describes it."""

    tokenizer: Any

    def encode(self, texts: ArrowArray) -> Tokens:
        """By its own batch call, on one thread."""
        call = self.tokenizer.encode_batch_fast
        return _joined(
            [
                np.array(each.ids, np.int32)
                for batch in _batches(texts)
                for each in call(batch, add_special_tokens=False)
            ]
        )


@dataclass(frozen=True, kw_only=True)
class SlowEncoder(Encoder):
    """A tokenizer of transformers that the library tokenizers does not know."""

    tokenizer: Any

    def encode(self, texts: ArrowArray) -> Tokens:
        """By its own batch call."""
        given = {"add_special_tokens": False, "verbose": False, "split_special_tokens": True}
        found = (self.tokenizer(batch, **given)["input_ids"] for batch in _batches(texts))
        return _joined([np.array(each, np.int32) for batch in found for each in batch])


@dataclass(frozen=True, kw_only=True)
class TiktokenEncoder(Encoder):
    """An encoding of tiktoken."""

    encoding: Any

    def encode(self, texts: ArrowArray) -> Tokens:
        """Text by text."""
        call = self.encoding.encode_to_numpy
        return _joined([call(text, disallowed_special=()).astype(np.int32) for text in _all(texts)])


def load_encoder(
    name: str, *, end_token: str | None = None, split_pattern: str | None = None
) -> Encoder:
    """The tokenizer of a name.

    Args:
        name: `bytes`; a folder with a tokenizer; a file tokenizer.json or *.tiktoken; `tiktoken:NAME`; else the id of a
            model on the hub.
        end_token: The token at the end of documents, as text or as its number; the tokenizer's own unless given.
        split_pattern: Of a .tiktoken file, how texts are split; as cl100k_base does unless given.

    Raises:
        ResourceError: A library is not installed.
        InputError: There is no such tokenizer.
        SettingsError: It has no such end token.
    """
    if name == BYTES:
        if end_token is not None:
            raise SettingsError("--tokenizer bytes has the end token 256; leave out --end-token.")
        return ByteEncoder()
    return _loaded(name, end_token, split_pattern or SPLIT_PATTERN)


@lru_cache(maxsize=2)
def _loaded(name: str, end_token: str | None, split_pattern: str) -> Encoder:
    if name.startswith("tiktoken:") or name.endswith(".tiktoken"):
        return _tiktoken(name, end_token, split_pattern)
    file = Path(name, "tokenizer.json") if Path(name).is_dir() else Path(name)
    if file.is_file():
        return _fast(_from_file(file), name, end_token, own=_end_beside(file))
    if name.endswith(".json"):
        raise InputError(
            f"there is no tokenizer {name}; give a file, a folder or the id of a model."
        )
    slow = load_tokenizer(name)
    own = slow.eos_token
    if backend := getattr(slow, "backend_tokenizer", None):
        return _fast(backend, name, end_token, own=own)
    known = slow.get_vocab()
    return SlowEncoder(
        tokenizer=slow,
        vocabulary=max(known.values()) + 1,
        end=_end_of(known.get, name, end_token, own),
        key=_key(repr(sorted(known.items()))),
    )


def _from_file(file: Path) -> Any:
    try:
        import tokenizers
    except ImportError as error:
        raise ResourceError(f"{file} needs tokenizers; install curator-text[tokenize].") from error
    library: Any = tokenizers
    try:
        return library.Tokenizer.from_file(str(file))
    except Exception as error:  # The library raises nothing more exact.
        raise InputError(f"{file} is no tokenizer: {str(error).partition(chr(10))[0]}") from error


def _fast(tokenizer: Any, name: str, end_token: str | None, *, own: str | None) -> FastEncoder:
    # Processes work beside each other; threads in each would only be in their way.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    text = tokenizer.to_str()
    # What a file says of cutting and filling up is meant for models.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    return FastEncoder(
        tokenizer=tokenizer,
        vocabulary=max(tokenizer.get_vocab(with_added_tokens=True).values(), default=0) + 1,
        end=_end_of(tokenizer.token_to_id, name, end_token, own),
        key=_key(text),
    )


def _end_beside(file: Path) -> str | None:
    """The end token that `tokenizer_config.json` beside a tokenizer names."""
    try:
        found = json.loads((file.parent / "tokenizer_config.json").read_bytes()).get("eos_token")
    except (OSError, ValueError, AttributeError):
        return None
    text = found.get("content") if isinstance(found, dict) else found
    return text if isinstance(text, str) else None


def _end_of(number_of: Any, name: str, given: str | None, own: str | None) -> int | None:
    """The number of the end token; None if there is none."""
    if given is not None:
        found = number_of(given)
        if found is None:
            raise SettingsError(f"--end-token {given} is no token of {name}; give one that it has.")
        return int(found)
    known = (number_of(text) for text in (own, *_ENDS) if text)
    return next((int(number) for number in known if number is not None), None)


def _tiktoken(name: str, end_token: str | None, split_pattern: str) -> TiktokenEncoder:
    try:
        import tiktoken
        from tiktoken.load import load_tiktoken_bpe
    except ImportError as error:
        raise ResourceError(f"{name} needs tiktoken; install curator-text[tokenize].") from error
    library: Any = tiktoken
    named = name.removeprefix("tiktoken:")
    try:
        if named != name:
            encoding = library.get_encoding(named)
        else:
            ranks = load_tiktoken_bpe(name)
            encoding = library.Encoding(
                name=Path(name).stem,
                pat_str=split_pattern,
                mergeable_ranks=ranks,
                special_tokens={_ENDS[0]: max(ranks.values(), default=0) + 1},
            )
    except Exception as error:  # Files, the network, ranks and patterns each raise their own.
        reason = str(error).partition("\n")[0]
        raise InputError(f"{name} is no encoding of tiktoken here: {reason}") from error
    return TiktokenEncoder(
        encoding=encoding,
        vocabulary=encoding.n_vocab,
        end=_tiktoken_end(encoding, name, end_token),
        key=_key(encoding._pat_str, *map(repr, encoding._mergeable_ranks.items())),
    )


def _tiktoken_end(encoding: Any, name: str, given: str | None) -> int | None:
    if given is None:
        return encoding._special_tokens.get(_ENDS[0])
    number = int(given) if given.isdecimal() else encoding._special_tokens.get(given)
    if number is None or number >= encoding.n_vocab:
        raise SettingsError(f"--end-token {given} is no special token of {name}; give one it has.")
    return number


def _key(*parts: str) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part.encode())
    return digest.hexdigest()


def _all(texts: ArrowArray) -> list[str]:
    plain: list[Any] = texts.to_pylist()
    return plain


def _batches(texts: ArrowArray) -> Iterator[list[str]]:
    """The texts in lists of about a megabyte."""
    offsets = utf8(texts)[1]
    first = 0
    while first < len(texts):
        reach = offsets[first] + _BATCH_BYTES
        after = max(first + 1, int(np.searchsorted(offsets, reach, side="right")) - 1)
        yield _all(texts.slice(first, after - first))
        first = after


def _joined(found: Sequence[NDArray[np.int32]]) -> Tokens:
    lengths = np.array([len(each) for each in found], np.int64)
    return np.concatenate([np.empty(0, np.int32), *found]), lengths
