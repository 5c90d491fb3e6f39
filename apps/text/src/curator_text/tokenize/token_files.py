"""Files of tokens: written in one pass, mapped into memory by a trainer, and looked into here.

Two formats. Both have the tokens of all documents one after another in `<name>.bin`, little-endian.

`megatron`: `<name>.idx` is Megatron's index: `MMIDIDX` and two zero bytes; version 1 (8 bytes); the code of the
tokens' type (1 byte: 8 for uint16, 4 for int32); the numbers of sequences and of document borders (8 bytes each);
the length of each sequence in tokens (4), where it begins in bytes (8), and the sequence at which each document
begins and the last one ends (8). Here a document is one sequence.

`shards`: `<name>.npy` is a NumPy array of int64, shape (documents + 1,): the token at which each document begins, and
the end. The tokens' type is `token_type` of `tokens.json` beside it.

Where documents are packed into sequences, a sequence stands where a document does above, and `<name>.boundaries.npy` is an array of
int64, shape (documents + 1,): the token at which each document begins, and the end.
"""

import json
import struct
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists, open_atomic, open_read, read_bytes, write_atomic

type TokenFormat = Literal["megatron", "shards"]

INDEX_ENDINGS: Mapping[TokenFormat, str] = {"megatron": ".idx", "shards": ".npy"}
BOUNDARIES_ENDING = ".boundaries.npy"
"""Where documents begin that are packed into sequences."""
TOKENS_FILE = "tokens.json"
"""Says of a folder of token files what its tokens are; written last."""
TYPES: Mapping[str, Any] = {"uint16": np.dtype("<u2"), "int32": np.dtype("<i4")}
_MAGIC = b"MMIDIDX\x00\x00"
_CODES = {"uint16": 8, "int32": 4}
"""Megatron's codes of the types of tokens."""
_HEAD_BYTES = len(_MAGIC) + 25
_SMALL_VOCABULARY = 65_500
"""From so many tokens on, Megatron stores them in four bytes."""


def token_type(vocabulary: int) -> str:
    """The type of tokens that are numbered from 0 to below `vocabulary`, as Megatron chooses it."""
    return "uint16" if vocabulary < _SMALL_VOCABULARY else "int32"


class TokenWriter:
    """Takes the tokens of documents for a file that `write_tokens` has opened."""

    def __init__(self, file: Any, kind: str) -> None:
        self._file, self._type = file, TYPES[kind]
        self.lengths = list[NDArray[np.int64]]()
        """Tokens of each document so far, in pieces."""
        self.tokens = 0

    def write(self, tokens: NDArray[Any], lengths: NDArray[np.int64]) -> None:
        """Add documents.

        Args:
            tokens: Of all of them, one after another.
            lengths: Tokens of each.
        """
        rows = np.ascontiguousarray(tokens, self._type)
        self._file.write(rows.view(np.uint8).data)
        self.lengths.append(np.asarray(lengths, np.int64))
        self.tokens += len(rows)


@contextmanager
def write_tokens(stem: str, *, kind: str, form: TokenFormat) -> Generator[TokenWriter]:
    """Write `<stem>.bin` while documents come, and its index when the last has come.

    Args:
        stem: Path without an ending.
        kind: Type of the tokens: uint16 or int32.
        form: Which index it gets.

    Raises:
        StorageError: They cannot be written, as on a full disk.

    Example:
        >>> with write_tokens("part-00000", kind="uint16", form="megatron") as out:
        ...     out.write(np.array([5, 6, 0]), np.array([3]))
    """
    with open_atomic(f"{stem}.bin") as file:
        writer = TokenWriter(file, kind)
        yield writer
    lengths = np.concatenate([np.empty(0, np.int64), *writer.lengths])
    with open_atomic(stem + INDEX_ENDINGS[form]) as file:
        if form == "megatron":
            file.write(index_bytes(lengths, kind))
        else:
            np.save(file, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]))


def index_bytes(lengths: NDArray[Any], kind: str) -> bytes:
    """Megatron's index of documents of one sequence each.

    Args:
        lengths: Tokens of each, shape (documents,).
        kind: Type of the tokens.
    """
    begins = np.cumsum(lengths, dtype=np.int64) - lengths
    borders = np.arange(len(lengths) + 1, dtype=np.int64)
    head = struct.pack("<QBQQ", 1, _CODES[kind], len(lengths), len(borders))
    sizes = (begins * TYPES[kind].itemsize).astype("<i8")
    parts = [lengths.astype("<i4"), sizes, borders.astype("<i8")]
    return _MAGIC + head + b"".join(part.tobytes() for part in parts)


class TokenFile:
    """A file of tokens, as a list of documents; nothing is read before it is asked for.

    Example:
        >>> documents = TokenFile("OUT/data/part-00000.idx")
        >>> documents[0], len(documents)
        (array([ 84, 104, 101, 256], dtype=uint16), 1000)
    """

    path: str
    """That of the tokens."""
    lengths: NDArray[np.int64]
    """Tokens of each document."""
    kind: str
    """Type of the tokens: uint16 or int32."""

    def __init__(self, path: str | Path) -> None:
        """Open a file by its tokens, its index, or what their names have in common.

        Raises:
            InputError: There is no such file, or it is of another format.
        """
        given = str(path)
        stem = given.removesuffix(PurePosixPath(given).suffix)
        stem = stem if given.endswith((".bin", *INDEX_ENDINGS.values())) else given
        self.path = f"{stem}.bin"
        found = [ending for ending in INDEX_ENDINGS.values() if exists(stem + ending)]
        if not found or not exists(self.path):
            raise InputError(
                f"there is no file of tokens {given}; give a .bin file with its .idx or .npy."
            )
        read = _read_megatron if found[0] == INDEX_ENDINGS["megatron"] else _read_shard
        self.kind, self._begins, self.lengths = read(stem + found[0])
        self._tokens = _mapped(self.path, TYPES[self.kind])
        if len(self.lengths) and self._begins[-1] + self.lengths[-1] > len(self._tokens):
            raise InputError(f"{self.path} is shorter than its index says; make it again.")

    def __len__(self) -> int:
        """Documents."""
        return len(self.lengths)

    @overload
    def __getitem__(self, at: int) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, at: slice) -> list[NDArray[Any]]: ...
    def __getitem__(self, at: int | slice) -> NDArray[Any] | list[NDArray[Any]]:
        """The tokens of a document, or of some.

        Raises:
            IndexError: There is no such document.
        """
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        begin = int(self._begins[at])
        return self._tokens[begin : begin + int(self.lengths[at])]

    @property
    def tokens(self) -> NDArray[Any]:
        """The tokens of all documents, one after another."""
        return self._tokens

    def boundaries(self, at: int) -> NDArray[np.int64]:
        """Where the documents of a packed sequence begin in it, and its end: what attention takes as cumulative lengths.

        A sequence that begins within a document begins with the rest of it. Positions begin anew at each of
        them, and the loss of a token that follows from another document can be left out.

        Raises:
            InputError: The documents of this file are not packed.

        Example:
            >>> sequences = TokenFile("OUT/data/part-00000.bin")
            >>> sequences.boundaries(0)
            array([   0,  812, 1733, 2048])
        """
        begin = int(self._begins[at])
        end = begin + int(self.lengths[at])
        starts = self._boundaries
        low, high = np.searchsorted(starts, (begin, end))
        inside = np.asarray(starts[low:high]) - begin
        return np.unique(np.concatenate([[0], inside, [end - begin]]))

    @cached_property
    def _boundaries(self) -> NDArray[np.int64]:
        path = self.path.removesuffix(".bin") + BOUNDARIES_ENDING
        if not exists(path):
            raise InputError(f"{path} is not there; documents of this file are not packed.")
        with open_read(path) as file:
            found: NDArray[np.int64] = np.load(file, allow_pickle=False)
        return found


def _read_megatron(path: str) -> tuple[str, NDArray[np.int64], NDArray[np.int64]]:
    data = read_bytes(path)
    if data[: len(_MAGIC)] != _MAGIC or len(data) < _HEAD_BYTES:
        raise InputError(f"{path} is no index of Megatron; give another file.")
    version, code, sequences, borders = struct.unpack_from("<QBQQ", data, len(_MAGIC))
    kinds = {code: kind for kind, code in _CODES.items()}
    if version != 1 or code not in kinds or len(data) != _HEAD_BYTES + 12 * sequences + 8 * borders:
        raise InputError(f"{path} is an index of another version, or is cut off; make it again.")
    kind = kinds[code]
    lengths = np.frombuffer(data, "<i4", sequences, _HEAD_BYTES).astype(np.int64)
    begins = np.frombuffer(data, "<i8", sequences, _HEAD_BYTES + 4 * sequences)
    return kind, begins // TYPES[kind].itemsize, lengths


def _read_shard(path: str) -> tuple[str, NDArray[np.int64], NDArray[np.int64]]:
    folder = path.rpartition("/")[0] if "/" in path else "."
    with open_read(path) as file:
        offsets: NDArray[np.int64] = np.load(file, allow_pickle=False)
    return read_tokens_json(folder)["token_type"], offsets[:-1], np.diff(offsets)


def _mapped(path: str, kind: Any) -> NDArray[Any]:
    if is_remote(path):
        return np.frombuffer(read_bytes(path), kind)
    # An empty file cannot be mapped.
    return np.memmap(path, kind, "r") if Path(path).stat().st_size else np.empty(0, kind)


def read_tokens_json(folder: str) -> dict[str, Any]:
    """What `tokens.json` of a folder says.

    Raises:
        InputError: There is none, or it is of another version.
    """
    path = join(folder, TOKENS_FILE)
    if not exists(path):
        raise InputError(
            f"{folder} has no {TOKENS_FILE}; give the data/ of a finished run of tokenize or blend."
        )
    try:
        record = json.loads(read_bytes(path))
        known = record["version"] == 1 and record["token_type"] in TYPES
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no record of tokens; make it again.") from error
    if not known:
        raise InputError(f"{path} is of a later version; update curator-text.")
    return record


def write_tokens_json(folder: str, record: Mapping[str, Any]) -> None:
    """Write `tokens.json`, whole or not at all.

    Raises:
        StorageError: It cannot be written.
    """
    write_atomic(join(folder, TOKENS_FILE), json.dumps({"version": 1, **record}, indent=1).encode())
