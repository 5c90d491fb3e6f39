"""Read documents and make tokens of them, block by block: the first step of `tokenize`.

Writes of each block a run (`runs.py`), and `<task id>.npz` with `position`, `length`, `line` and `bad` by document.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import Rejection
from curator_engine.task import ArrowArray, FileGroupTask
from curator_text.read.blocks_of_text import DocumentBlock
from curator_text.removal.block_stage import BlockStage, save_places
from curator_text.removal.text_hashes import hash_texts
from curator_text.tokenize.encoders import BYTES, Encoder, Tokens, load_encoder
from curator_text.tokenize.runs import save_run, shuffle_keys
from curator_text.tokenize.token_files import token_type


@dataclass(kw_only=True)
class TokenizeDocuments(BlockStage):
    """Make tokens of the documents of a file or span, block by block."""

    tokenizer: str = BYTES
    tokenizer_key: str = ""
    """Changes with its files."""
    end_token: str | None = None
    append_end: bool = True
    """Whether each document ends in the end token."""
    split_pattern: str | None = None
    seed: int | None = None
    """Of the shuffle; None for the order of the input."""
    _encoder: Encoder | None = field(default=None, init=False, repr=False)
    _names: Any = field(default=None, init=False, repr=False)
    with_ids = True

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the tokenizer."""
        self._encoder = self.encoder()

    def encoder(self) -> Encoder:
        """The tokenizer.

        Raises:
            ResourceError: A library is not installed.
            InputError: There is no such tokenizer.
            SettingsError: It has no end token.
        """
        found = load_encoder(
            self.tokenizer, end_token=self.end_token, split_pattern=self.split_pattern
        )
        if self.append_end and found.end is None:
            raise SettingsError(
                f"the tokenizer {self.tokenizer} has no end token; name one with --end-token, or give --no-append-end."
            )
        return found

    def encoded(self, texts: ArrowArray) -> Tokens:
        """The tokens of texts, with the end token."""
        encoder = self._encoder or self.encoder()
        tokens, lengths = encoder.encode(texts)
        if not self.append_end or encoder.end is None:
            return tokens, lengths
        return np.insert(tokens, np.cumsum(lengths), encoder.end), lengths + 1

    def _pieces(self, task: FileGroupTask) -> Iterator[list[tuple[FileGroupTask, DocumentBlock]]]:
        """As of every such stage; a row without a text has no tokens, and goes to quarantine."""
        for pieces in super()._pieces(task):
            for file, block in pieces:
                if block.no_text:
                    reason, rows = "the text is null", block.no_text
                    path, offset = file.data[0], block.offset
                    self.reject(Rejection(file=path, reason=reason, offset=offset, rows=rows))
            names = [
                xxhash.xxh3_64_intdigest(file._metadata["name"].encode()) for file, _ in pieces
            ]
            counts = [len(block.values) for _, block in pieces]
            self._names = np.repeat(np.array(names, np.uint64), counts)
            yield pieces

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write the run of a block."""
        tokens, lengths = self.encoded(block.values)
        count = len(lengths)
        keys: NDArray[np.int64] = np.arange(count)
        if self.seed is not None:
            keys = shuffle_keys(self._names, block.position, seed=self.seed)
        ids: Any = block.ids
        columns: dict[str, Any] = {
            "key": keys,
            "place": np.arange(count),
            "line": block.line,
            "id": pa.nulls(count, pa.string()) if ids is None else ids.cast(pa.string()),
            "length": lengths,
            "text_hash": np.ascontiguousarray(hash_texts(block.values)[0][:, 0]),
        }
        encoder = self._encoder or self.encoder()
        save_run(stem, pa.table(columns), tokens, kind=token_type(encoder.vocabulary))
        save_places(stem, block)
