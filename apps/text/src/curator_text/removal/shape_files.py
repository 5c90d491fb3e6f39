"""Write `data/` in another form than the input's: format, compression, sizes of files and row groups, folders.

It is made of whole files in the cache, as `remove_documents.py` and its like write them, so that no job
knows of forms. A row that nobody changed keeps its bytes from JSON lines to JSON lines.
"""

import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.blocks import iter_blocks
from curator_engine.files.hive import partition_values
from curator_engine.files.manifest import made_in
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic, remove, remove_tree
from curator_engine.stage import Rejection
from curator_engine.stages.files import format_of
from curator_engine.stages.json_text import json_rows
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.jsonl_files import line_column
from curator_engine.stages.parquet_copy import copy_options
from curator_engine.stages.parquet_files import open_parquet, pieces
from curator_engine.stages.parquet_schema import parquet_table, unify
from curator_engine.stages.part_files import LineFiles, PartFiles, RowFiles
from curator_engine.stages.splice import splice
from curator_engine.task import LINE_COLUMN, FileGroupTask, TableTask, select_rows
from curator_text.removal.corpus_stage import CorpusStage
from curator_text.removal.field_texts import (
    Folder,
    amiss,
    fields_of_lines,
    fields_of_table,
    path_of,
)
from curator_text.removal.output_form import CODECS, OutputForm, ending

MOST_FOLDERS = 10_000
"""Folders that --partition-by may make."""
_OPEN_FILES = 64
"""At a time; a fraction of what the system allows if that is less."""
_WAITING_BYTES = 128 << 20
"""Of the rows of all folders that wait to become row groups."""
_BLOCK_BYTES, _LEAST_BLOCK = 4 << 20, 1 << 10
_ANY_LENGTH = 1 << 50
"""What was written by ourselves is read whatever its length."""
_ODD = "surrogateescape"

type Piece = tuple[Folder, Any]
"""Rows of one folder: lines as bytes, or a table."""
type Wants = Callable[[Folder], bool]
"""Whether the rows of a folder are asked for."""


@dataclass(kw_only=True)
class CountFolders(CorpusStage[FileGroupTask]):
    """Find which folders the rows of some files make."""

    fields: list[str]

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """The texts of each folder are in the result's metadata; so is what cannot be one."""
        found, odd = set[Folder](), ""
        for path, origin in zip(task.data, task._metadata["origins"], strict=True):
            for folders in _folders(path, self.fields, partition_values(origin)):
                new = set(folders) - found
                odd = odd or next(filter(None, (amiss(self.fields, each) for each in new)), "")
                found |= new
                if odd or len(found) > MOST_FOLDERS:
                    break
        folders = sorted([list(each) for each in found], key=repr)[: MOST_FOLDERS + 1]
        return FileGroupTask(data=task.data, _metadata={"folders": folders, "odd": odd})


def _folders(path: str, fields: list[str], outside: dict[str, Any]) -> Iterator[list[Folder]]:
    if format_of(path) == "parquet":
        for table, _ in _tables(path, fields):
            yield fields_of_table(table, fields, outside)
        return
    for _, data in iter_blocks(path, block_bytes=_BLOCK_BYTES, max_row=_ANY_LENGTH):
        yield fields_of_lines(data, fields, outside)[1]


@dataclass(kw_only=True)
class ShapeFiles(CorpusStage[FileGroupTask]):
    """Make files of `data/` of some whole ones: of each for itself, or of all together where files have a size."""

    output: str
    """Folder for `data/`."""
    form: OutputForm
    writes_to: ClassVar[tuple[str, ...]] = ("cache", "output")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the files; `origins` are the files of the input, `outs` what theirs are called."""
        given = list(zip(task.data, task._metadata["origins"], strict=True))
        outs: list[str] = task._metadata["outs"]
        if self.form.file_size:
            return FileGroupTask(data=self._shape(given, outs[0]))
        each = zip(given, outs, strict=True)
        return FileGroupTask(data=[path for g, out in each for path in self._shape([g], out)])

    def _shape(self, wholes: list[tuple[str, str]], name: str) -> list[str]:
        kind = format_of(wholes[0][0])
        scratch = join(self.cache, "pieces", name.replace("/", "_"))
        read, options = self._reader(wholes, kind, scratch)

        def made(folder: Folder) -> PartFiles:
            place = self._place(folder, name)
            if self.form.kind(kind) == "jsonl":
                return LineFiles(path_of=place, file_size=self.form.file_size)
            return RowFiles(
                path_of=place,
                file_size=self.form.file_size,
                options=options,
                group_rows=self.form.row_group_size,
            )

        written = write_pieces(read, made)
        remove_tree(scratch)
        return written

    def _place(self, folder: Folder, name: str) -> Callable[[int], str]:
        """The path of a file by its number."""
        inside = join(self.output, "data", path_of(self.form.partition_by, folder)).rstrip("/")
        if not self.form.file_size:
            return lambda _: join(inside, name)
        end = ending(name)
        return lambda number: join(inside, f"{name[: -len(end)]}-{number:05d}{end}")

    def _reader(
        self, wholes: list[tuple[str, str]], kind: str, scratch: str
    ) -> tuple[Callable[[Wants], Iterator[Piece]], dict[str, Any]]:
        """What reads the pieces, as often as it is called, and the options of Arrow's writer."""
        lines = self.form.kind(kind) == "jsonl"
        if kind == "jsonl" and lines:
            return partial(self._lines, wholes), {}
        sources, options = wholes, dict[str, Any](compression="zstd")
        if kind == "jsonl":
            sources = self._as_parquet(wholes, scratch)
        else:
            with open_parquet(wholes[0][0], arrow_extensions_enabled=True) as file:
                options = copy_options(file)
        if self.form.compression in CODECS:
            options["compression"] = CODECS[self.form.compression]
        elif isinstance(options["compression"], dict):
            leave = self.form.partition_by
            options["compression"] = {
                k: v for k, v in options["compression"].items() if k not in leave
            }
        return partial(self._rows, sources, lines), options

    def _lines(self, wholes: list[tuple[str, str]], wants: Wants) -> Iterator[Piece]:
        """Lines of JSON, the bytes of each as they are but for the fields that name folders."""
        fields = self.form.partition_by
        size = min(_BLOCK_BYTES, max(_LEAST_BLOCK, (self.form.file_size or _BLOCK_BYTES * 8) // 8))
        for path, origin in wholes:
            outside = partition_values(origin)
            for _, data in iter_blocks(path, block_bytes=size, max_row=_ANY_LENGTH):
                if not fields:
                    joins = self.form.file_size and not data.endswith(b"\n")
                    yield (), data + b"\n" if joins else data
                    continue
                block, folders = fields_of_lines(data, fields, outside)
                for folder, rows in _rows_by_folder(folders).items():
                    if wants(folder):
                        places = zip(block.starts[rows], block.lengths[rows], strict=True)
                        yield folder, b"".join(_without(data[s : s + n], fields) for s, n in places)

    def _rows(self, sources: list[tuple[str, str]], lines: bool, wants: Wants) -> Iterator[Piece]:
        """Tables without the fields that name folders, or their rows as lines."""
        fields = self.form.partition_by
        for path, origin in sources:
            outside = partition_values(origin)
            for table, _ in _tables(path):
                for folder, rows in _by_folder(table, fields, outside, wants):
                    yield (folder, b"".join(json_rows(rows))) if lines else (folder, rows)

    def _as_parquet(self, wholes: list[tuple[str, str]], folder: str) -> list[tuple[str, str]]:
        """Each block of lines as a file of Parquet in the cache, all with one schema."""
        made = list[tuple[str, str]]()
        for path, origin in wholes:
            for _, data in iter_blocks(path, max_row=_ANY_LENGTH):
                block = read_block(data)
                for bad in block.bad:
                    raw = data[bad.start : bad.start + bad.length]
                    self.reject(Rejection(file=origin, reason=bad.reason, raw=raw))
                if not block.table.num_rows:
                    continue
                lines = line_column(data, block)
                batch = TableTask(data=block.table.append_column(LINE_COLUMN, lines))
                batch.mark_read(whole=True)
                made.append((join(folder, f"{len(made):05d}.parquet"), origin))
                with open_atomic(made[-1][0]) as file:
                    pq.write_table(parquet_table(batch, None), file, compression="lz4")
        unify([path for path, _ in made])
        return made

    def finish_files(self, paths: Sequence[str]) -> list[str]:
        """Give the files of Parquet one schema if they were lines; a line for each column that is JSON text now."""
        if self.form.format != "parquet":
            return []
        return unify([path for path in paths if format_of(path) == "parquet"])

    def resume(self, committed: frozenset[str]) -> None:
        """Remove files that are not finished, or of another form."""
        for path in made_in(join(self.output, "data")):
            if path not in committed:
                remove(path)


def write_pieces(
    read: Callable[[Wants], Iterator[Piece]], made: Callable[[Folder], PartFiles]
) -> list[str]:
    """Write pieces into the files of their folders, of which some are open at a time.

    Args:
        read: Reads the pieces that are asked for, as often as it takes.
        made: Gives what writes the files of a folder.

    Returns:
        The paths of the files, by folder in the order of their first rows.
    """
    written, done, left = list[str](), set[Folder](), {()}
    most = max(1, min(_OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4))
    while left:
        opened, left = dict[Folder, PartFiles](), set[Folder]()
        with ExitStack() as stack:
            wants = partial(_wants, done, opened, left, most)
            for folder, rows in read(wants):
                if folder not in opened:
                    opened[folder] = stack.enter_context(made(folder))
                opened[folder].write(rows)
                if len(opened) > 1:
                    _make_room(list(opened.values()))
        done |= opened.keys()
        written += [path for each in opened.values() for path in each.paths]
    return written


def _wants(
    done: set[Folder], opened: dict[Folder, PartFiles], left: set[Folder], most: int, folder: Folder
) -> bool:
    """Whether a folder's turn is now; one that has to wait is noted in `left`."""
    if folder in done or folder in opened:
        return folder not in done
    if len(opened) < most:
        return True
    left.add(folder)
    return False


def _make_room(files: list[PartFiles]) -> None:
    """Write what waits, the most first, if it is too much together."""
    total = sum(each.waiting for each in files)
    for each in sorted(files, key=lambda f: -f.waiting):
        if total <= _WAITING_BYTES:
            return
        total -= each.waiting
        each.flush()


def _tables(path: str, columns: list[str] | None = None) -> Iterator[tuple[pa.Table, int]]:
    """The rows of a file of Parquet, a table without rows first, each with the number of its first row."""
    with open_parquet(path, arrow_extensions_enabled=True) as file:
        schema = file.schema_arrow
        names = None if columns is None else [n for n in columns if n in schema.names]
        empty, row = schema.empty_table(), 0
        yield empty if names is None else empty.select(names), 0
        for i in range(file.num_row_groups):
            count = file.metadata.row_group(i).num_rows
            for first, table in pieces(file, i, row, names, most=count, reject=None):
                yield table, first
            row += count


def _by_folder(
    table: pa.Table, fields: tuple[str, ...], outside: dict[str, Any], wants: Wants
) -> Iterator[tuple[Folder, pa.Table]]:
    """The rows of each folder that is asked for, without the fields."""
    if not fields:
        yield (), table
        return
    rest = table.drop_columns([name for name in fields if name in table.column_names])
    for folder, rows in _rows_by_folder(fields_of_table(table, fields, outside)).items():
        if wants(folder):
            keep = np.zeros(table.num_rows, np.bool_)
            keep[rows] = True
            yield folder, select_rows(rest, keep)


def _rows_by_folder(folders: list[Folder]) -> dict[Folder, list[int]]:
    rows = dict[Folder, list[int]]()
    for row, folder in enumerate(folders):
        rows.setdefault(folder, []).append(row)
    return rows


def _without(line: bytes, fields: tuple[str, ...]) -> bytes:
    """A line without some fields, and with its end."""
    # A name may also be spelled with escapes.
    if b"\\u" in line or any(f'"{name}"'.encode() in line for name in fields):
        try:
            text = splice(line.decode(errors=_ODD), {}, drop=frozenset(fields))
            line = text.encode(errors=_ODD)
        except (ValueError, IndexError):
            pass
    return line if line.endswith(b"\n") else line + b"\n"
