"""Read and write files of JSON lines as tasks; copy a file without some of its lines.

Parsing is `jsonl.py`'s. What is written for an unchanged item is the bytes that were read.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError, SettingsError, UnreadableFileError
from curator_engine.files.as_lines import bad_row_of
from curator_engine.files.blocks import (
    MAX_ROW_BYTES,
    BrokenFileError,
    LongRow,
    is_read_in_order,
    iter_blocks,
    open_compressed,
)
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.given_options import WRITE_JSONL
from curator_engine.stages.json_text import json_rows, json_texts
from curator_engine.stages.jsonl import LineBlock, read_block
from curator_engine.stages.splice import append, splice
from curator_engine.stages.table_files import place_of
from curator_engine.stages.table_writer import TableWriter
from curator_engine.task import LINE_COLUMN, ArrowArray, FileGroupTask, TableTask


@dataclass(kw_only=True)
class JsonlReader(ProcessingStage[FileGroupTask, TableTask]):
    """Read JSON lines, a task per block."""

    fields: list[str] | None = None
    """Columns to read, as text where `text_fields` says so; None reads all."""
    block_bytes: int = 32 << 20
    """Aim for the bytes of a block; bounds the memory of a task."""
    max_row: int = MAX_ROW_BYTES
    """Bytes of the longest line that is read; a longer one goes to quarantine by its length."""
    task_type: ClassVar[type[TableTask]] = TableTask

    def outputs(self) -> tuple[list[str], list[str]]:
        """The columns, where they are named."""
        return ["data"], self.fields or []

    def process(self, task: FileGroupTask) -> Iterator[TableTask]:
        """Yield the blocks of the task's files; bad lines and broken files are rejected."""
        self.count_rows(0)
        for position, path in enumerate(task.data):
            try:
                yield from self._read(position, path, task)
            except BrokenFileError as error:
                self.reject(Rejection(file=path, reason=error.reason, offset=error.offset, rows=1))
            except UnreadableFileError as error:
                self.reject_file(path, error)

    def _read(self, position: int, path: str, task: FileGroupTask) -> Iterator[TableTask]:
        first = 1 if task.span is None or task.span[0] == 0 else None
        for offset, data in iter_blocks(
            path, span=task.span, block_bytes=self.block_bytes, max_row=self.max_row
        ):
            block = read_block(data)
            self.count_rows(block.lines)
            for rejection in rejections(path, offset, data, block, first_line=first):
                self.reject(rejection)
            if block.table.num_rows:
                if LINE_COLUMN in block.table.column_names:
                    raise InputError(f"{path} has a field {LINE_COLUMN!r}; rename it.")
                table = self._select(block.table)
                whole = set(table.column_names) >= set(block.table.column_names)
                table = table.append_column(LINE_COLUMN, line_column(data, block))
                place = place_of(task, position, offset)
                batch = self.task_type(data=table, dataset_name=task.dataset_name, _metadata=place)
                batch.mark_read(whole=whole)
                rows = None if first is None else block.numbers + (first - 1)
                yield self.made(batch, task, position, rows)
            if first is not None:
                first += block.lines

    def made(
        self, batch: TableTask, task: FileGroupTask, position: int, rows: NDArray[np.int64] | None
    ) -> TableTask:
        """The batch as it is handed on; a subclass may add to it.

        Args:
            batch: What was read.
            task: The files.
            position: Which of them it is from.
            rows: Number of each item's line in the file, from 0; None if that is not known.
        """
        return batch

    def _select(self, table: pa.Table) -> pa.Table:
        if self.fields is None:
            return table
        missing = [name for name in self.fields if name not in table.column_names]
        for name in missing:
            table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
        return table.select(self.fields)


@positional(
    "path", "fields", "mode", "append_mode_implemented", "file_extension", "write_kwargs", "name"
)
@dataclass(kw_only=True)
class JsonlWriter(TableWriter):
    """Write a file of each task, whole or not at all; its name is `table_file`'s."""

    compression: Literal["gz", "zst", "bz2", "xz"] | None = None
    """Also as `compression` in `write_kwargs`, by pandas' names."""
    known_options = WRITE_JSONL
    used_options = ("compression",)
    endings = (".jsonl", ".jsonl.gz", ".jsonl.zst")

    def __post_init__(self) -> None:
        super().__post_init__()
        packed = self._options.get("compression", "infer")
        if packed not in _PACKED:
            some = ", ".join(repr(each) for each in _PACKED)
            raise SettingsError(
                f"write_kwargs: compression={packed!r} is not offered, only {some}."
            )
        self.compression = self.compression or _PACKED[packed]

    @property
    def ending(self) -> str:
        """That of JSON lines, and what it is packed with."""
        ending = f".{self._given or 'jsonl'}"
        packed = f".{self.compression}" if self.compression else ""
        return ending if ending.endswith(packed) else ending + packed

    def process(self, task: TableTask) -> FileGroupTask:
        """Write the items; the bytes of what did not change are those that were read.

        No items make no file: other programs refuse one of 0 bytes.

        Raises:
            InputError: A column is there twice.
        """
        if not task.num_items:
            return FileGroupTask(data=[], dataset_name=task.dataset_name)
        with self.file_of(task) as path, open_compressed(path) as file:
            for data in _encode(task, self.fields):
                file.write(data)
        return FileGroupTask(data=[path], dataset_name=task.dataset_name)


_PACKED: dict[str | None, Literal["gz", "zst", "bz2", "xz"] | None] = {
    "infer": None,
    None: None,
    "gzip": "gz",
    "gz": "gz",
    "zstd": "zst",
    "zst": "zst",
    "bz2": "bz2",
    "xz": "xz",
}


def rejections(
    path: str, offset: int, data: bytes, block: LineBlock, *, first_line: int | None
) -> Iterator[Rejection]:
    """The bad lines of a block, with their bytes.

    Args:
        path: The file.
        offset: The block's place in it.
        data: The block.
        block: What was read of it.
        first_line: Number of the block's first line in the file from 1, if it is known.
    """
    for bad in block.bad:
        line = b"" if isinstance(data, LongRow) else data[bad.start : bad.start + bad.length]
        converted = bad_row_of(line)
        yield Rejection(
            file=path,
            reason=bad.reason,
            line=None if first_line is None else first_line + bad.line,
            offset=offset + bad.start,
            raw=converted[1] if converted else line,
        )


def line_column(data: bytes, block: LineBlock) -> ArrowArray:
    """Each item's line as a binary array on the block's own memory."""
    ends = block.starts + block.lengths
    buffer = pa.py_buffer(data)
    contiguous = len(block.starts) > 0 and bool(np.all(block.starts[1:] == ends[:-1]))
    if contiguous:
        offsets = np.append(block.starts, ends[-1]).astype(np.int64)
        parts = [None, pa.py_buffer(offsets), buffer]
        return pa.Array.from_buffers(pa.large_binary(), len(block.starts), parts)
    lines = [data[s:e] for s, e in zip(block.starts.tolist(), ends.tolist(), strict=True)]
    return pa.array(lines, pa.large_binary())


def _encode(task: TableTask, fields: list[str] | None) -> Iterator[bytes | memoryview]:
    table = task.data
    names = fields or [name for name in table.column_names if name != LINE_COLUMN]
    if LINE_COLUMN not in table.column_names:
        yield from json_rows(table.select(fields) if fields else table)
        return
    unchanged, read = task.unchanged_columns(), task.columns_read()
    changed = [name for name in names if name not in unchanged]
    gone = read - {*names, LINE_COLUMN}
    lines = table.column(LINE_COLUMN)
    if not changed and not gone and task.is_whole:
        for chunk in lines.chunks:
            yield from _raw_lines(chunk)
        return
    raw: list[Any] = lines.to_pylist()
    columns = [json_texts(table.column(name)) for name in changed]
    rows: Any = zip(*columns, strict=True) if columns else itertools.repeat(())
    changes: Iterator[dict[str, Any]] = (dict(zip(changed, row, strict=True)) for row in rows)
    if not gone and task.is_whole and read.isdisjoint(changed):
        edited = (append(line, row) for line, row in zip(raw, changes, strict=False))
    else:
        keep = None if task.is_whole else frozenset(names)
        edited = (
            splice(line.decode(errors=_ODD), row, drop=gone, keep=keep).encode(errors=_ODD)
            for line, row in zip(raw, changes, strict=False)
        )
    for line in edited:
        yield line if line.endswith(b"\n") else line + b"\n"


_ODD = "surrogateescape"


def _raw_lines(chunk: Any) -> Iterator[memoryview | bytes]:
    """The bytes of a binary array as one piece, with a line end after a last line without one."""
    if not len(chunk):
        return
    offsets = np.frombuffer(chunk.buffers()[1], np.int64)[
        chunk.offset : chunk.offset + len(chunk) + 1
    ]
    piece = memoryview(chunk.buffers()[2])[offsets[0] : offsets[-1]]
    if b"\n" in piece[-1:].tobytes() and _all_end(piece, offsets):
        yield piece
        return
    for line in chunk.to_pylist():
        yield line if line.endswith(b"\n") else line + b"\n"


def _all_end(piece: memoryview, offsets: NDArray[np.int64]) -> bool:
    """Whether each line ends with a line end: after filtering, a file's last line may be inside."""
    raw = np.frombuffer(piece, np.uint8)
    return bool(np.all(raw[offsets[1:] - offsets[0] - 1] == ord("\n")))


def copy_lines(
    path: str,
    out: str,
    drop: NDArray[np.int64],
    *,
    spans: Sequence[tuple[int, int]] | None = None,
    max_row: int = MAX_ROW_BYTES,
) -> tuple[int, int]:
    """Copy a file of lines byte for byte, without some lines; compressed as `out`'s ending says.

    Args:
        path: The file.
        out: The copy, which appears when it is complete.
        drop: Sorted byte offsets, after decompression, at which the lines to leave out start.
        spans: Copy only the lines that start in these bytes [start, end), in order; None: all.
        max_row: Bytes of the longest line that is not left out; a longer one is not held in memory.

    Returns:
        Bytes written and lines left out.

    Raises:
        InputError: An offset is not the start of a line: the file has changed.
        StorageError: A file cannot be read or written.
    """
    written = left_out = 0
    with open_compressed(out) as file:
        for offset, data in blocks_in(path, spans, block_bytes=_COPY_BYTES, max_row=max_row):
            low, high = np.searchsorted(drop, (offset, offset + len(data)))
            at, view = 0, memoryview(data)
            for position in (drop[low:high] - offset).tolist():
                if position and data[position - 1] != _NEWLINE:
                    raise InputError(
                        f"{path} has changed during the run: no line starts at {offset + position}."
                    )
                written += file.write(view[at:position])
                at = data.find(b"\n", position) + 1 or len(data)
            written += file.write(view[at:])
            left_out += int(high - low)
        if left_out != len(drop):
            raise InputError(f"{path} has changed during the run: it is shorter than it was.")
    return written, left_out


def blocks_in(
    path: str,
    spans: Sequence[tuple[int, int]] | None,
    *,
    block_bytes: int = 32 << 20,
    max_row: int = MAX_ROW_BYTES,
) -> Iterator[tuple[int, bytes]]:
    """The blocks of lines of some spans (None: all); what a broken file has before its break.

    A line of more than `max_row` bytes is a blank one here, so it must be one that is left out.
    """
    read = partial(iter_blocks, path, block_bytes=block_bytes, max_row=max_row)
    with suppress(BrokenFileError):
        if spans is None:
            yield from read()
        elif not is_read_in_order(path):
            for span in spans:
                yield from read(span=span)
        else:
            # One pass: such a stream cannot be entered in the middle.
            for offset, data in read():
                for start, end in spans:
                    low, high = max(start, offset), min(end, offset + len(data))
                    if low < high:
                        yield low, data[low - offset : high - offset]


_NEWLINE = ord("\n")
_COPY_BYTES = 1 << 18
"""So little stays in the processor's cache, and takes half of the time of large pieces."""
