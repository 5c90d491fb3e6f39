"""Copy the input files with a column that says what each document is a duplicate of.

By place in the file, as `remove_documents.py`: all rows stay, but for lines that could not be read, which are
in quarantine. The column is null where a document is no duplicate.
"""

import itertools
import json
import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from curator_engine.errors import InputError
from curator_engine.files.blocks import MAX_ROW_BYTES, open_compressed
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic, read_bytes
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import blank_lines, index_lines
from curator_engine.stages.jsonl_files import blocks_in
from curator_engine.stages.parquet import schema_of
from curator_engine.stages.splice import splice
from curator_text.removal.corpus import Corpus
from curator_text.removal.remove_documents import RemoveDocuments, longest_row, spans
from curator_text.removal.run_folder import RunFolder

COLUMN = "duplicate_of"
"""The id of the document that stays; a column of this name in the input is replaced."""
_MARKS = pa.schema({"file": pa.string(), "byte_offset": pa.int64(), "kept_id": pa.string()})
_SHARDS = 64


def save_marks(output: str, cache: str) -> None:
    """Sort the rows of `removed/` into shards by file, so that a copy reads a small part of them."""
    with ExitStack() as stack:
        writers = [_writer(stack, _shard(cache, k)) for k in range(_SHARDS)]
        for table in RunFolder(path=output, record={}).batches("removed", _MARKS.names):
            rows, at = table.select(_MARKS.names).sort_by("file"), 0
            for name, same in itertools.groupby(rows.column("file").to_pylist()):
                count = sum(1 for _ in same)
                writers[_shard_of(str(name))].write_table(rows.slice(at, count))
                at += count


@dataclass(kw_only=True)
class MarkDocuments(RemoveDocuments):
    """Write `data/<name>` for one input file, all documents in it and the duplicates marked."""

    def _places(self, corpus: Corpus, mine: list[int]) -> NDArray[np.int64]:
        return _bad_places(corpus, mine)

    def _copy(self, path: str, out: str, mine: list[int], drop: NDArray[np.int64]) -> None:
        corpus = self.corpus()
        blocks = [corpus.blocks[b] for b in mine]
        marks = _marks_of(self.cache, blocks[0].name)
        if format_of(path) == "parquet":
            self._copy_rows(
                path,
                out,
                blocks,
                drop,
                schema=_with_column(schema_of(path).empty_table(), 0, {}).schema,
                change=lambda first, table: _with_column(table, first, marks),
            )
        else:
            bad = set(drop.tolist())
            mark_lines(path, out, marks, bad, spans=spans(blocks), max_row=longest_row(blocks))


def mark_lines(
    path: str,
    out: str,
    marks: dict[int, str],
    bad: set[int],
    *,
    spans: list[tuple[int, int]] | None = None,
    max_row: int = MAX_ROW_BYTES,
) -> None:
    """Copy a file of lines with one more key at the end of each object.

    Args:
        path: The file.
        out: The copy, which appears when it is complete.
        marks: The id of the document that stays, by byte offset of the duplicate's line.
        bad: Offsets of lines to leave out.
        spans: Copy only the lines that start in these bytes [start, end); None: all.
        max_row: Bytes of the longest line that is not left out.

    Raises:
        InputError: An offset is not the start of a line: the file has changed.
    """
    met = 0
    with open_compressed(out) as file:
        for offset, data in blocks_in(path, spans, max_row=max_row):
            index = index_lines(data)
            blank = blank_lines(data, index).tolist()
            lines = zip(index.starts.tolist(), index.ends.tolist(), blank, strict=True)
            for start, end, is_blank in lines:
                place = offset + start
                met += place in marks or place in bad
                if place in bad:
                    continue
                if is_blank:
                    file.write(data[start:end])
                else:
                    file.write(marked(data[start:end], marks.get(place)))
        if met != len(bad) + len(marks):
            raise InputError(
                f"{path} has changed during the run: its lines are not where they were."
            )


def marked(line: bytes, kept_id: str | None) -> bytes:
    """A line of JSON with the key added; all other bytes stay."""
    if f'"{COLUMN}"'.encode() in line:
        return splice(line.decode(), {COLUMN: kept_id}).encode()
    end = line.rindex(b"}")
    value = json.dumps(kept_id, ensure_ascii=False)
    return b'%b, "%b": %b%b' % (line[:end], COLUMN.encode(), value.encode(), line[end:])


def _with_column(table: pa.Table, first: int, marks: dict[int, str]) -> pa.Table:
    """The rows of a row group with the column; `first` is the number of its first row in the file."""
    values = [marks.get(row) for row in range(first, first + table.num_rows)]
    column = pa.array(values, pa.string())
    if COLUMN in table.column_names:
        return table.set_column(table.column_names.index(COLUMN), COLUMN, column)
    return table.append_column(COLUMN, column)


def _bad_places(corpus: Corpus, mine: list[int]) -> NDArray[np.int64]:
    """Positions in the file, sorted, of its unreadable lines."""
    parts = [corpus.load(corpus.blocks[b], "bad") for b in mine]
    return np.sort(np.concatenate(parts)) if parts else np.empty(0, np.int64)


def _writer(stack: ExitStack, path: str) -> Any:
    """A file of marks that takes its place when the stack is closed."""
    sink: Any = stack.enter_context(open_atomic(path))
    return stack.enter_context(ipc.new_file(sink, _MARKS))


def _marks_of(cache: str, name: str) -> dict[int, str]:
    """The id of the document that stays, by the place of each duplicate of one file."""
    marks: dict[int, str] = {}
    with ipc.open_file(pa.BufferReader(read_bytes(_shard(cache, _shard_of(name))))) as reader:
        for k in range(reader.num_record_batches):
            batch = reader.get_batch(k)
            # A batch is of one file.
            if batch.column("file")[0].as_py() == name:
                rows = batch.select(["byte_offset", "kept_id"]).to_pylist()
                marks |= {int(row["byte_offset"]): str(row["kept_id"]) for row in rows}
    return marks


def _shard(cache: str, number: int) -> str:
    return join(cache, "marks", f"{number:02d}.arrow")


def _shard_of(name: str) -> int:
    return zlib.crc32(name.encode()) % _SHARDS
