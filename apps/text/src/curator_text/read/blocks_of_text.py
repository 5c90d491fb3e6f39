"""Read the documents of a file or span, block by block: the reader under signing, hashing and embedding.

What is no document is rejected in the smallest unit that is bad. Only reading happens in here: what
a step does with a block, and what may then go wrong with its own files, is not the input's fault.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import UnreadableFileError
from curator_engine.files.blocks import MAX_ROW_BYTES, BrokenFileError, iter_blocks
from curator_engine.files.hive import partition_values
from curator_engine.stage import AnyStage, Rejection
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import LineBlock, read_block
from curator_engine.stages.jsonl_files import rejections
from curator_engine.stages.parquet import iter_row_groups, without_invalid_text
from curator_engine.task import ArrowArray, ArrowColumn, FileGroupTask
from curator_text.read.columns import as_ids, is_bytes, join_chunks, text_column
from curator_text.read.json_texts import read_texts
from curator_text.read.keep import KeepPolicy
from curator_text.read.line_objects import object_of
from curator_text.read.line_values import Values, ids_of, read_with_values
from curator_text.read.order_keys import (
    OrderKeys,
    keys_of_column,
    keys_of_values,
    no_keys,
    number_keys,
)
from curator_text.read.text_parts import columns_of, texts_of, with_parts

BLOCK_BYTES = 8 << 20
"""Bytes of lines that are in memory at a time; the steps after the first rely on the same cuts."""

type Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class DocumentBlock:
    """The documents of one block: its rows that have a value."""

    values: ArrowArray
    """Texts, or embeddings; no nulls."""
    ids: ArrowArray | None
    """The users' ids as texts, if they were asked for."""
    order: OrderKeys
    """What the keep policy compares."""
    position: Numbers
    """Byte offset or row of each document in its file."""
    length: Numbers
    """Bytes of its line."""
    line: Numbers
    """Number of its line or row in the block."""
    bad: Numbers
    """Positions of what could not be read, sorted."""
    offset: int
    size: int
    """Bytes, or rows."""
    lines: int
    lacking: int
    """Of the bad ones, those that only lack the field."""
    no_text: int
    """Rows whose value is null."""

    def facts(self, task: FileGroupTask) -> dict[str, Any]:
        """What `corpus.Block` says of it, but for what a step adds."""
        return {
            "path": task.data[0],
            "name": task._metadata["name"],
            "file_index": task._metadata["file_index"],
            "offset": self.offset,
            "size": self.size,
            "documents": len(self.position),
            "lines": self.lines,
            "bad": len(self.bad),
            "lacking": self.lacking,
            "no_text": self.no_text,
            "short": 0,
            "text_bytes": int(self.length.sum()),
            "order_kinds": {kind: int(self.line[at]) for kind, at in self.order.kinds.items()},
            "span": task.span,
            "max_rows": task.reader_config.get("max_rows"),
            "stamp": task.stamp,
        }


def joined(blocks: Sequence[DocumentBlock]) -> DocumentBlock:
    """The documents of some blocks, which may be of several files, as one block; itself if it is one.

    Places and lines stay those in the files; what only holds for a block of one file is 0.
    """
    if len(blocks) == 1:
        return blocks[0]
    ids = [each.ids for each in blocks if each.ids is not None]
    arrays: dict[str, Numbers] = {
        name: np.concatenate([getattr(each, name) for each in blocks])
        for name in ("position", "length", "line", "bad")
    }
    return DocumentBlock(
        values=_one_array([each.values for each in blocks], pa.large_string()),
        ids=_one_array(ids, pa.string()) if len(ids) == len(blocks) else None,
        order=OrderKeys(keys=pa.concat_arrays([each.order.keys for each in blocks]), kinds={}),
        **arrays,
        offset=0,
        size=sum(each.size for each in blocks),
        lines=0,
        lacking=0,
        no_text=0,
    )


def without(block: DocumentBlock, failed: NDArray[np.bool_]) -> DocumentBlock:
    """The block without some documents, which count as rows that could not be read.

    Args:
        block: The block.
        failed: Whether each goes, shape (documents,).
    """
    stays = np.flatnonzero(~failed)
    keep = pa.array(stays, pa.int64())
    return dataclasses.replace(
        block,
        values=block.values.take(keep),
        ids=None if block.ids is None else block.ids.take(keep),
        order=dataclasses.replace(block.order, keys=block.order.keys.take(keep)),
        position=block.position[stays],
        length=block.length[stays],
        line=block.line[stays],
        bad=np.sort(np.concatenate([block.bad, block.position[failed]])),
    )


def _one_array(arrays: Sequence[ArrowArray], kind: pa.DataType) -> Any:
    return pa.concat_arrays([each if each.type == kind else each.cast(kind) for each in arrays])


@dataclass(frozen=True, kw_only=True)
class DocumentReader:
    """Reads the documents of source tasks for a stage, and rejects for it what is none."""

    field: str
    """Of the text, or of the embedding."""
    embeddings: bool = False
    id_field: str | None = None
    with_ids: bool = False
    """Whether ids are wanted with the documents."""
    keep: KeepPolicy = dataclasses.field(default_factory=KeepPolicy)
    block_bytes: int = BLOCK_BYTES
    max_row: int = MAX_ROW_BYTES
    """Bytes of the longest line that is read."""
    derives: bool = True
    """Whether the text field may name other fields, as in `text_parts.py`; not where texts are written back."""
    compiled: bool = True
    """Find texts in lines by a compiled kernel, where it is loaded anyway."""

    def read(self, task: FileGroupTask, stage: AnyStage) -> Iterator[DocumentBlock]:
        """The blocks of a task's file or span, in order.

        Args:
            task: One file.
            stage: Gets the rejections.

        Raises:
            StorageError: The environment fails.
        """
        path = task.data[0]
        read = self._rows if format_of(path) == "parquet" else self._lines
        blocks = read(path, task, stage)
        stage.count_rows(0)
        while True:
            try:
                block = next(blocks, None)
            except BrokenFileError as error:
                stage.reject(
                    Rejection(file=path, reason=error.reason, offset=error.offset, rest=True)
                )
                return
            except UnreadableFileError as error:
                stage.reject_file(path, error)
                return
            if block is None:
                return
            stage.count_rows(len(block.position) + block.no_text + len(block.bad))
            yield block

    @property
    def _others(self) -> list[str]:
        ids = self.id_field if self.with_ids else None
        return [name for name in dict.fromkeys((ids, self.keep.field)) if name]

    def _lines(self, path: str, task: FileGroupTask, stage: AnyStage) -> Iterator[DocumentBlock]:
        first = 1 if task.span is None or task.span[0] == 0 else None
        for offset, data in iter_blocks(
            path, span=task.span, block_bytes=self.block_bytes, max_row=self.max_row
        ):
            block, others = self._parse(data)
            if name := self.keep.field:
                others = {**others, name: _or_outside(name, others[name], path)}
            if block.lacking and not block.table.num_rows and block.lacking == len(block.bad):
                reason = f"no row has the field {self.field!r}{_names_in(data)}"
                rows = block.lacking
                stage.reject(Rejection(file=path, reason=reason, offset=offset, rows=rows))
            else:
                for rejection in rejections(path, offset, data, block, first_line=first):
                    stage.reject(rejection)
            first = None if first is None else first + block.lines
            yield self._of_lines(block, others, offset, len(data))

    def _parse(self, data: bytes) -> tuple[LineBlock, dict[str, Values]]:
        kind: Any = pa.list_(pa.float64()) if self.embeddings else pa.string()
        if self._others:
            return read_with_values(data, self.field, kind, self._others, derives=self.derives)
        if self.compiled and not self.embeddings:
            return read_texts(data, self.field, derives=self.derives), {}
        block = read_block(data, {self.field: kind}, required=[self.field])
        if block.bad and self.derives and not self.embeddings:
            block = with_parts(data, block, self.field)
        return block, {}

    def _of_lines(
        self, block: LineBlock, others: dict[str, Values], offset: int, size: int
    ) -> DocumentBlock:
        column = join_chunks(block.table.column(self.field))
        there = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
        values = column.drop_null()
        ids = None
        if self.with_ids and self.id_field:
            ids = ids_of(_at(others[self.id_field], there))
        order = _at(others[self.keep.field], there) if self.keep.field else None
        bad = np.array([bad.start + offset for bad in block.bad], np.int64)
        return DocumentBlock(
            values=values,
            ids=ids,
            order=self._keys(order, values),
            position=block.starts[there] + offset,
            length=block.lengths[there],
            line=block.numbers[there],
            bad=np.sort(bad),
            offset=offset,
            size=size,
            lines=block.lines,
            lacking=block.lacking,
            no_text=len(column) - len(there),
        )

    def _keys(self, order: Values | None, values: ArrowArray) -> OrderKeys:
        """What the policy compares, given the values of its field."""
        if self.keep.kind == "longest":
            lengths: Any = pc.call_function("utf8_length", [values])
            numbers = number_keys(lengths.to_numpy().astype(np.int64))
            return OrderKeys(keys=numbers, kinds={"number": 0} if len(values) else {})
        if order is None:
            return no_keys(len(values))
        return keys_of_values(order) if isinstance(order, list) else keys_of_column(order)

    def _rows(self, path: str, task: FileGroupTask, stage: AnyStage) -> Iterator[DocumentBlock]:
        limit = task.reader_config.get("max_rows")
        fields = [self.field] if self.embeddings or not self.derives else columns_of(self.field)
        columns = [
            name for name in dict.fromkeys((*fields, self.keep.field, self.id_field)) if name
        ]

        def reject(first: int, rows: int, reason: str) -> None:
            stage.count_rows(rows)
            stage.reject(Rejection(file=path, reason=reason, offset=first, rows=rows))

        for row, table in iter_row_groups(
            path, columns, span=task.span, max_rows=limit, reject=reject
        ):
            yield self._of_rows(path, row, table, stage)

    def _of_rows(self, path: str, row: int, table: pa.Table, stage: AnyStage) -> DocumentBlock:
        count = table.num_rows
        usable = self._usable(table)
        if usable is None:
            kind = "embedding" if self.embeddings else "text"
            reason = f"no {kind} column {self.field!r}"
            stage.reject(Rejection(file=path, reason=reason, offset=row, rows=count))
            return _no_documents(row, count)
        table, readable, bad = without_invalid_text(usable, usable.column_names, path=path, row=row)
        for rejection in bad:
            stage.reject(rejection)
        column = table.column(self.field)
        there = np.flatnonzero(column.is_valid().to_numpy())
        values, rows = join_chunks(column.drop_null()), readable[there]
        ids = order = None
        if self.with_ids and self.id_field:
            ids = as_ids(_at(_column(table, self.id_field), there))
        if self.keep.field:
            order = _at(_column(table, self.keep.field), there)
        sizes: Any = pc.call_function("binary_length", [values]) if not self.embeddings else None
        return DocumentBlock(
            values=values,
            ids=ids,
            order=self._keys(order, values),
            position=rows + row,
            length=np.zeros(len(rows), np.int64) if sizes is None else sizes.to_numpy(),
            line=rows,
            bad=np.setdiff1d(np.arange(count), readable, assume_unique=True) + row,
            offset=row,
            size=count,
            lines=count,
            lacking=0,
            no_text=table.num_rows - len(there),
        )

    def _usable(self, table: pa.Table) -> pa.Table | None:
        """The table with its text and string-like columns as plain texts; None if it has no text."""
        if not self.embeddings:
            texts = texts_of(table, self.field, plain=not self.derives)
            others = [n for n in (self.keep.field, self.id_field) if n in table.column_names]
            table = table.select(list(dict.fromkeys(n for n in others if n and n != self.field)))
            if texts is None:
                return None
            table = table.append_column(self.field, texts)
        if self.field not in table.column_names:
            return None
        for place, name in enumerate(table.column_names):
            column = table.column(name)
            if name == self.field and self.embeddings:
                continue
            # Bytes of the keep field sort as they are.
            if name == self.keep.field and is_bytes(column.type):
                continue
            texts = text_column(column)
            if texts is not None:
                table = table.set_column(place, name, texts)
        return table


def _or_outside(name: str, values: Values, path: str) -> Values:
    """The values, or if no row has one, that of a folder around the file that is called `name=value`."""
    outside = partition_values(path).get(name)
    missing = (
        all(value is None for value in values)
        if isinstance(values, list)
        else values.null_count == len(values)
    )
    return [outside] * len(values) if missing and outside is not None else values


def _column(table: pa.Table, name: str) -> ArrowColumn:
    """A column, of nulls if it is not there."""
    if name in table.column_names:
        return table.column(name)
    return pa.chunked_array([pa.nulls(table.num_rows)])


def _at(values: Values, places: Numbers) -> Any:
    if len(places) == len(values):
        return values
    if isinstance(values, list):
        return [values[i] for i in places.tolist()]
    return values.take(pa.array(places, pa.int64()))


def _no_documents(row: int, count: int) -> DocumentBlock:
    none = np.empty(0, np.int64)
    return DocumentBlock(
        values=pa.array([], pa.string()),
        ids=pa.array([], pa.string()),
        order=no_keys(0),
        position=none,
        length=none,
        line=none,
        bad=np.arange(row, row + count),
        offset=row,
        size=count,
        lines=count,
        lacking=count,
        no_text=0,
    )


def _names_in(data: bytes) -> str:
    """The fields of the first line that is an object, as the end of a sentence."""
    names = next((sorted(row) for line in data.splitlines() if (row := object_of(line))), [])
    return f"; the first has {', '.join(names)}" if names else ""
