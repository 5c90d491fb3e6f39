"""Copy the input files with fields of some documents changed, or with fields added to all rows.

As `remove_documents.py`, and with it: documents that go are left out as well. Of a line of JSON only the
bytes of those fields change; in Parquet the other columns, types and metadata stay. A file in which
nothing changes and nothing goes is copied byte for byte.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.files.blocks import MAX_ROW_BYTES, open_compressed
from curator_engine.files.paths import join
from curator_engine.stages.files import format_of
from curator_engine.stages.json_text import json_texts
from curator_engine.stages.jsonl import blank_lines, index_lines
from curator_engine.stages.jsonl_files import blocks_in, copy_lines
from curator_engine.stages.parquet import schema_of
from curator_engine.stages.splice import append, splice
from curator_engine.task import ArrowArray
from curator_text.removal.array_files import load_table, save_table
from curator_text.removal.changed_columns import as_type, with_values, writable
from curator_text.removal.corpus import Corpus
from curator_text.removal.remove_documents import RemoveDocuments, longest_row

CHANGES_ENDING = ".changes.arrow"
"""Of the file of changes that a `BlockStage` writes beside a block's other files."""
_NUMBER = "document"
_NEWLINE = ord("\n")
_ODD = "surrogateescape"
type _Line = Mapping[str, Any]
"""New values of a line's fields, as JSON texts."""


def save_changes(path: str, documents: NDArray[np.int64], fields: Mapping[str, ArrowArray]) -> None:
    """Write what changes in some documents of a block; also if there is nothing.

    Args:
        path: A block's stem with `CHANGES_ENDING`, or the file of `RewriteDocuments.changes`.
        documents: Numbers of the documents in the block, sorted.
        fields: New values by field, one for each of these documents.
    """
    arrays = [pa.array(documents, pa.int64()), *fields.values()]
    save_table(path, pa.Table.from_arrays(arrays, names=[_NUMBER, *fields]))


@dataclass(kw_only=True)
class RewriteDocuments(RemoveDocuments):
    """Write `data/<name>` for an input file: without what goes, and with what changes.

    Example:
        write_data(steps.run, corpus, goes, cache=cache, output=output, write=RewriteDocuments)
        write = partial(RewriteDocuments, added={"language": pa.string()})
    """

    changes: str = ""
    """Folder with a file of changes per block, `00012.arrow` for the 12th; those beside the block's own files unless given."""
    added: dict[str, pa.DataType] = field(default_factory=dict[str, pa.DataType])
    """Fields that every row gets, null where no change says otherwise; one that is there is replaced."""

    def _copy(self, path: str, out: str, mine: list[int], drop: NDArray[np.int64]) -> None:
        corpus = self.corpus()
        blocks = [corpus.blocks[b] for b in mine]
        spans = [(block.offset, block.offset + block.size) for block in blocks]
        changes, longest = _Changes(corpus, mine, self.changes), longest_row(blocks)
        edits = bool(self.added) or changes.any()
        if format_of(path) != "parquet":
            if edits:
                given: dict[str, Any] = {"spans": spans, "added": [*self.added]}
                rewrite_lines(path, out, drop, changes, **given, max_row=longest)
            else:
                copy_lines(path, out, drop, spans=spans, max_row=longest)
            return
        schema = _with_fields(schema_of(path), changes.names, self.added)
        change = partial(_changed_rows, changes, schema, self.added) if edits else None
        self._copy_rows(path, out, blocks, drop, schema=schema if edits else None, change=change)


class _Changes:
    """The changes of a file's documents, a block in memory at a time."""

    def __init__(self, corpus: Corpus, mine: list[int], folder: str) -> None:
        self._corpus, self._mine, self._folder = corpus, mine, folder
        self._starts = np.array([corpus.blocks[b].offset for b in mine], np.int64)
        self._known: tuple[int, pa.Table] | None = None
        self.names = self._table(mine[0])[0].column_names[1:] if mine else []

    def _table(self, b: int) -> tuple[pa.Table, NDArray[np.int64]]:
        """The changes of a block, and the numbers of its documents that they are of."""
        block = self._corpus.blocks[b]
        path = join(self._folder, f"{b:05d}.arrow")
        table = load_table(path if self._folder else self._corpus.path(block, CHANGES_ENDING))
        numbers: NDArray[np.int64] = table.column(0).to_numpy()
        numbers = numbers - (0 if self._folder else block.first)
        low, high = np.searchsorted(numbers, (0, block.documents)).tolist()
        return table.slice(low, high - low), numbers[low:high]

    def any(self) -> bool:
        """Whether something changes."""
        return any(len(self._table(b)[1]) for b in self._mine)

    def _block(self, b: int) -> pa.Table:
        """The changes of a block: position in the file, then a column per field."""
        if self._known is None or self._known[0] != b:
            table, numbers = self._table(b)
            places = self._corpus.load(self._corpus.blocks[b], "position")[numbers]
            self._known = b, table.set_column(0, "", pa.array(places, pa.int64()))
        return self._known[1]

    def between(self, start: int, end: int) -> Iterator[tuple[NDArray[np.int64], pa.Table]]:
        """Positions in [start, end) of documents that change, and their new values."""
        first = max(0, int(np.searchsorted(self._starts, start, side="right")) - 1)
        after = int(np.searchsorted(self._starts, end))
        for b in self._mine[first:after]:
            table = self._block(b)
            places = table.column(0).to_numpy()
            low, high = np.searchsorted(places, (start, end)).tolist()
            if low < high:
                yield places[low:high], table.slice(low, high - low).remove_column(0)

    def lines(self, start: int, end: int) -> dict[int, _Line]:
        """The new values of lines that begin in [start, end)."""
        found: dict[int, _Line] = {}
        for places, table in self.between(start, end):
            names = table.column_names
            columns = [json_texts(table.column(name)) for name in names]
            for place, *values in zip(places.tolist(), *columns, strict=True):
                found[place] = dict(zip(names, values, strict=True))
        return found


def rewrite_lines(
    path: str,
    out: str,
    drop: NDArray[np.int64],
    changes: Any,
    *,
    spans: list[tuple[int, int]],
    max_row: int = MAX_ROW_BYTES,
    added: list[str],
) -> None:
    """Copy a file of lines without some lines and with changed fields; all other bytes stay.

    Args:
        path: The file.
        out: The copy, which appears when it is complete.
        drop: Sorted byte offsets at which the lines to leave out start.
        changes: Gives the new values by offset, as `_Changes.lines`.
        spans: Copy only the lines that start in these bytes [start, end), in order.
        max_row: Bytes of the longest line that is not left out.
        added: Fields that every line gets.

    Raises:
        InputError: An offset is not the start of a line: the file has changed.
    """
    met, nothing = 0, dict.fromkeys(added)
    with open_compressed(out) as file:
        for offset, data in blocks_in(path, spans, max_row=max_row):
            low, high = np.searchsorted(drop, (offset, offset + len(data))).tolist()
            gone = set(drop[low:high].tolist())
            new = {
                at: {**nothing, **line}
                for at, line in changes.lines(offset, offset + len(data)).items()
            }
            if added:
                new = {offset + at: nothing for at in _lines(data)} | new
            at, view = 0, memoryview(data)
            for place in sorted(gone | new.keys()):
                start = place - offset
                if start and data[start - 1] != _NEWLINE:
                    raise InputError(
                        f"{path} has changed during the run: no line starts at {place}."
                    )
                file.write(view[at:start])
                at = data.find(b"\n", start) + 1 or len(data)
                if place not in gone:
                    file.write(changed_line(path, place, data[start:at], new[place]))
            file.write(view[at:])
            met += len(gone)
        if met != len(drop):
            raise InputError(f"{path} has changed during the run: it is shorter than it was.")


def changed_line(path: str, place: int, line: bytes, fields: _Line) -> bytes:
    """A line of JSON with new values of some fields; the others keep their bytes.

    Raises:
        InputError: It is no object: the file has changed.
    """
    try:
        # A name may also be spelled with escapes.
        if b"\\u" not in line and not any(f'"{name}"'.encode() in line for name in fields):
            return append(line, fields)
        return splice(line.decode(errors=_ODD), fields).encode(errors=_ODD)
    except (ValueError, IndexError) as error:
        raise InputError(f"{path} has changed during the run: no row is at {place}.") from error


def _lines(data: bytes) -> list[int]:
    """Where the lines of a block begin that are not blank."""
    index = index_lines(data)
    return index.starts[~blank_lines(data, index)].tolist()


def _with_fields(
    schema: pa.Schema, changed: list[str], added: Mapping[str, pa.DataType]
) -> pa.Schema:
    """The schema of the copy."""
    for place, each in enumerate(schema):
        if each.name in added:
            schema = schema.set(place, pa.field(each.name, added[each.name]))
        elif each.name in changed:
            schema = schema.set(place, each.with_type(writable(each.type)))
    for name, kind in added.items():
        if name not in schema.names:
            schema = schema.append(pa.field(name, kind))
    return schema


def _changed_rows(
    changes: _Changes,
    schema: pa.Schema,
    added: Mapping[str, pa.DataType],
    first: int,
    table: pa.Table,
) -> pa.Table:
    """The rows of a piece of a row group anew; `first` is the number of its first row in the file."""
    count = table.num_rows
    columns: dict[str, Any] = {name: table.column(name) for name in table.column_names}
    kinds: Mapping[str, Any] = added
    columns |= {name: pa.chunked_array([pa.nulls(count, kind)]) for name, kind in kinds.items()}
    pieces = list(changes.between(first, first + count))
    for name in changes.names:
        for places, piece in pieces:
            values = piece.column(name).combine_chunks()
            columns[name] = with_values(columns[name], places - first, values)
        columns[name] = as_type(columns[name], schema.field(name).type)
    return pa.table([columns[name] for name in schema.names], schema=schema)
