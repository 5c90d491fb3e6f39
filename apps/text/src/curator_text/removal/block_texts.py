"""Read chosen documents of blocks once more: their texts and ids.

Reads the same blocks of the same files as `sign.py`, but parses the chosen lines only.
"""

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.files.blocks import (
    MAX_ROW_BYTES,
    BrokenFileError,
    is_read_in_order,
    iter_blocks,
)
from curator_engine.files.paths import is_remote
from curator_engine.files.storage import input_errors
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import iter_row_groups
from curator_engine.stages.parquet_files import left_out
from curator_engine.task import ArrowArray, ArrowColumn, FileGroupTask
from curator_text.read.blocks_of_text import BLOCK_BYTES
from curator_text.read.columns import as_ids
from curator_text.read.json_texts import read_texts, texts_at
from curator_text.read.line_objects import object_of
from curator_text.read.line_values import ids_of
from curator_text.read.text_parts import columns_of, texts_of
from curator_text.removal.corpus import Block, Corpus

type Numbers = NDArray[np.int64]
type _Lines = tuple[str, bytes, int]
"""A file, lines of it, and how many there should be."""
_LARGEST_GAP = 1 << 15
"""Bytes between two lines that are read rather than left out: as quick as one more read."""
type Rows = Mapping[int, Numbers]
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
    max_row: int = MAX_ROW_BYTES
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

    def at(self, places: Iterable[tuple[str, Numbers, Numbers]]) -> Iterator[pa.Table]:
        """`id` and `text` of the documents at some places of plain files, in their order.

        Args:
            places: Files, each with the byte offsets and lengths of lines, by offset.

        Raises:
            InputError: A file has changed.
        """
        waiting, size = list[_Lines](), 0
        for path, position, length in places:
            if not self.with_text and self.id_field is None:
                yield self._table(None, pa.nulls(len(position), pa.string()), len(position))
                continue
            for lines, rows in _lines_at(path, position, length, self.block_bytes):
                waiting.append((path, _whole_line(lines), rows))
                size += len(lines)
                if size >= self.block_bytes:
                    yield self._parse_all(waiting)
                    waiting, size = [], 0
            # Ids of two files may be of two types, so those are not read together.
            if waiting and self.id_field is not None:
                yield self._parse_all(waiting)
                waiting, size = [], 0
        if waiting:
            yield self._parse_all(waiting)

    def at_once(self, places: Sequence[tuple[str, Numbers, Numbers]]) -> ArrowArray | None:
        """As the texts of `at`, in one piece of memory; None if `at` has to look closer at a line."""
        lengths = [length for _, _, length in places]
        return texts_at(
            _pieces_at(places, self.block_bytes),
            self.text_field,
            lines=sum(map(len, lengths)),
            size=sum(int(length.sum()) for length in lengths),
        )

    def _parse_all(self, waiting: list[_Lines]) -> pa.Table:
        """The lines of one file or several, at once."""
        lines = b"".join(lines for _, lines, _ in waiting)
        try:
            return self._parse(waiting[-1][0], lines, sum(rows for _, _, rows in waiting))
        except InputError:
            # One of them has changed: it is that one which is named.
            for each in waiting:
                self._parse(*each)
            raise

    def _parse(self, path: str, lines: bytes, count: int) -> pa.Table:
        kind = self._id_kind(lines)
        if self.id_field is not None and kind is not None:
            fields = {self.text_field: pa.string()} if self.with_text else {}
            table = read_block(lines, {**fields, self.id_field: kind}).table
            is_plain = not self.with_text or not table.column(self.text_field).null_count
            if table.num_rows == count and is_plain:
                ids = table.column(self.id_field).cast(pa.string())
                return self._table(self._texts_of(table), ids, count)
        # No ids, or of several kinds.
        texts = read_texts(lines, self.text_field).table if self.with_text else None
        if texts is not None and texts.num_rows != count:
            raise InputError(f"{path} has changed during the run; run again.")
        return self._table(self._texts_of(texts), self._line_ids(lines, count), count)

    def _texts_of(self, table: pa.Table | None) -> ArrowColumn | None:
        return table.column(self.text_field) if self.with_text and table is not None else None

    def _lines(
        self, task: FileGroupTask, corpus: Corpus, wanted: Rows
    ) -> Iterator[tuple[int, pa.Table]]:
        path, blocks = task.data[0], _blocks_at(corpus, task.data[0], wanted)
        try:
            for offset, data in iter_blocks(
                path, span=task.span, block_bytes=self.block_bytes, max_row=self.max_row
            ):
                if offset not in blocks:
                    continue
                b, block = blocks[offset]
                rows = wanted[b]
                position, length = corpus.load_all(block, "position", "length")
                starts, lengths = (position[rows] - offset).tolist(), length[rows].tolist()
                lines = b"".join(
                    _whole_line(data[s : s + n]) for s, n in zip(starts, lengths, strict=True)
                )
                yield b, self._parse(path, lines, len(rows))
        except BrokenFileError:
            return

    def _id_kind(self, lines: bytes) -> pa.DataType | None:
        """The type of the first line's id, if it is text or a whole number."""
        if self.id_field is None:
            return None
        value = object_of(lines[: lines.find(b"\n")]).get(self.id_field)
        kinds: dict[type, pa.DataType] = {str: pa.string(), int: pa.int64()}
        return kinds.get(type(value))

    def _line_ids(self, lines: bytes, count: int) -> ArrowArray:
        if self.id_field is None:
            return pa.nulls(count, pa.string())
        rows = (object_of(line) for line in lines.split(b"\n")[:-1])
        return ids_of([row.get(self.id_field) for row in rows])

    def _rows(
        self, task: FileGroupTask, corpus: Corpus, wanted: Rows
    ) -> Iterator[tuple[int, pa.Table]]:
        blocks = _blocks_at(corpus, task.data[0], wanted)
        columns = [*columns_of(self.text_field), *([self.id_field] if self.id_field else [])]
        limit = task.reader_config.get("max_rows")
        for row, table in iter_row_groups(
            task.data[0], columns, span=task.span, max_rows=limit, reject=left_out
        ):
            if row not in blocks:
                continue
            b, block = blocks[row]
            rows = wanted[b]
            chosen = pa.array(corpus.load(block, "position")[rows] - row, pa.int64())
            ids = pa.nulls(len(rows), pa.string())
            if self.id_field and self.id_field in table.column_names:
                ids = as_ids(table.column(self.id_field)).take(chosen)
            texts = texts_of(table, self.text_field) if self.with_text else None
            if self.with_text and texts is None:
                raise InputError(f"{task.data[0]} has changed during the run; run again.")
            yield b, self._table(None if texts is None else texts.take(chosen), ids, len(rows))

    def _table(
        self, texts: ArrowColumn | None, ids: ArrowArray | ArrowColumn, count: int
    ) -> pa.Table:
        """The texts, nulls if there are none, with the ids."""
        column = pa.nulls(count, pa.large_string())
        if self.with_text and texts is not None:
            column = texts.cast(pa.large_string()).combine_chunks()
        columns: dict[str, Any] = {"id": ids, "text": column}
        return pa.table(columns)


def is_plain(path: str) -> bool:
    """Whether lines of the file can be read where they lie."""
    return not is_remote(path) and not is_read_in_order(path) and format_of(path) == "jsonl"


def _lines_at(
    path: str, position: Numbers, length: Numbers, most: int
) -> Iterator[tuple[bytes, int]]:
    """Lines of a file that lie side by side, `most` bytes or one line at a time, and their number."""
    pieces = np.cumsum(length) // most
    apart = (position[1:] != position[:-1] + length[:-1]) | (np.diff(pieces) > 0)
    cuts = [0, *(np.flatnonzero(apart) + 1).tolist(), len(position)]
    with input_errors(path), Path(path).open("rb", buffering=0) as file:
        for start, end in itertools.pairwise(cuts):
            first, after = int(position[start]), int(position[end - 1] + length[end - 1])
            yield os.pread(file.fileno(), after - first, first), end - start


def _pieces_at(
    places: Iterable[tuple[str, Numbers, Numbers]], most: int
) -> Iterator[tuple[memoryview, Numbers, Numbers]]:
    """Files, about `most` bytes at a time with what is between the lines, and where the lines are in them.

    The bytes are read over when the next are asked for. A file that is too short ends everything.
    """
    buffer = bytearray(most)
    for path, position, length in places:
        ends = position + length
        cuts = np.diff(position // most) > 0
        cuts |= position[1:] - ends[:-1] > _LARGEST_GAP
        with input_errors(path), Path(path).open("rb", buffering=0) as file:
            for i, j in itertools.pairwise(
                [0, *(np.flatnonzero(cuts) + 1).tolist(), len(position)]
            ):
                first, size = int(position[i]), int(ends[j - 1] - position[i])
                if size > len(buffer):
                    buffer = bytearray(size)
                piece = memoryview(buffer)[:size]
                if os.preadv(file.fileno(), [piece], first) < size:
                    return
                yield piece.toreadonly(), position[i:j] - first, ends[i:j] - first


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
