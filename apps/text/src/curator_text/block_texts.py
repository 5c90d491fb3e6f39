"""Read chosen documents of blocks once more: their texts and ids.

Reads the same blocks of the same files as `sign.py`, but parses the chosen lines only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.blocks import BrokenFileError, iter_blocks
from curator_engine.errors import InputError
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import iter_row_groups
from curator_engine.task import ArrowArray, ArrowColumn, FileGroupTask
from curator_text.corpus import Block, Corpus
from curator_text.sign import BLOCK_BYTES

type Rows = Mapping[int, NDArray[np.int64]]
"""Positions of documents in their block, sorted, by the block's position in the corpus."""


@dataclass(frozen=True, kw_only=True)
class BlockTexts:
    """A reader of the documents of a source task."""

    text_field: str
    id_field: str | None
    with_text: bool
    """Whether texts are needed, or ids only."""
    block_bytes: int = BLOCK_BYTES
    """As when the documents were signed."""

    def read(
        self, task: FileGroupTask, corpus: Corpus, wanted: Rows
    ) -> Iterator[tuple[int, pa.Table]]:
        """The block's position, and `id` and `text` of its chosen documents, block by block.

        Raises:
            InputError: The file has changed.
        """
        read = self._rows if format_of(task.data[0]) == "parquet" else self._lines
        yield from read(task, corpus, wanted)

    def _lines(
        self, task: FileGroupTask, corpus: Corpus, wanted: Rows
    ) -> Iterator[tuple[int, pa.Table]]:
        path, blocks = task.data[0], _blocks_at(corpus, task.data[0], wanted)
        fields = {self.text_field: pa.string()} if self.with_text else {}
        try:
            for offset, data in iter_blocks(path, span=task.span, block_bytes=self.block_bytes):
                if offset not in blocks:
                    continue
                b, block = blocks[offset]
                rows = wanted[b]
                starts = (corpus.load(block, "position")[rows] - offset).tolist()
                lengths = corpus.load(block, "length")[rows].tolist()
                lines = b"".join(
                    _whole_line(data[s : s + n]) for s, n in zip(starts, lengths, strict=True)
                )
                texts = read_block(lines, fields).table if fields else None
                if texts is not None and texts.num_rows != len(rows):
                    raise InputError(f"{path} has changed during the run; run again.")
                yield b, self._table(texts, self._line_ids(lines, len(rows)), len(rows))
        except BrokenFileError:
            return

    def _line_ids(self, lines: bytes, count: int) -> ArrowArray:
        if self.id_field is None:
            return pa.nulls(count, pa.string())
        table = read_block(lines).table
        if self.id_field not in table.column_names or table.num_rows != count:
            return pa.nulls(count, pa.string())
        return _as_text(table.column(self.id_field))

    def _rows(
        self, task: FileGroupTask, corpus: Corpus, wanted: Rows
    ) -> Iterator[tuple[int, pa.Table]]:
        blocks = _blocks_at(corpus, task.data[0], wanted)
        columns = [self.text_field, *([self.id_field] if self.id_field else [])]
        limit = task.reader_config.get("max_rows")
        for row, table in iter_row_groups(task.data[0], columns, span=task.span, max_rows=limit):
            if row not in blocks:
                continue
            b, block = blocks[row]
            rows = wanted[b]
            chosen = table.take(pa.array(corpus.load(block, "position")[rows] - row, pa.int64()))
            ids = pa.nulls(len(rows), pa.string())
            if self.id_field and self.id_field in chosen.column_names:
                ids = _as_text(chosen.column(self.id_field))
            yield b, self._table(chosen, ids, len(rows))

    def _table(self, table: pa.Table | None, ids: ArrowArray, count: int) -> pa.Table:
        texts = pa.nulls(count, pa.large_string())
        if self.with_text and table is not None:
            texts = table.column(self.text_field).cast(pa.large_string()).combine_chunks()
        return pa.table({"id": ids, "text": texts})


def _blocks_at(corpus: Corpus, path: str, wanted: Rows) -> dict[int, tuple[int, Block]]:
    """Blocks of a file with chosen documents, by their offset."""
    return {
        corpus.blocks[b].offset: (b, corpus.blocks[b])
        for b in wanted
        if corpus.blocks[b].path == path
    }


def _whole_line(line: bytes) -> bytes:
    line = line.removeprefix(b"\xef\xbb\xbf")
    return line if line.endswith(b"\n") else line + b"\n"


def _as_text(column: ArrowColumn) -> ArrowArray:
    texts = [None if value is None else str(value) for value in column.to_pylist()]
    return pa.array(texts, pa.string())
