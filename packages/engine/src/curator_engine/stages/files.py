"""Find the input files and cut them into tasks.

Reading is `jsonl_files.py`'s and `parquet.py`'s.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.blocks import is_compressed, iter_blocks
from curator_engine.files.listing import FileInfo, list_files
from curator_engine.stage import ProcessingStage
from curator_engine.stages.jsonl import blank_lines, index_lines
from curator_engine.stages.parquet import count_rows, group_sizes
from curator_engine.task import EmptyTask, FileGroupTask

LINE_EXTENSIONS = (".jsonl", ".json", ".ndjson")
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "jsonl": tuple(e + c for e in LINE_EXTENSIONS for c in ("", ".gz", ".zst")),
    "parquet": (".parquet", ".pq"),
}
"""File endings by format."""

_UNITS = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
}


def format_of(path: str) -> str:
    """The format that a file's ending names: "jsonl" or "parquet".

    Raises:
        InputError: The ending is not known.
    """
    for name, endings in EXTENSIONS.items():
        if path.endswith(endings):
            return name
    known = ", ".join(ending for endings in EXTENSIONS.values() for ending in endings)
    raise InputError(
        f"{path}: the format is not known by its ending; known are {known}. Use --format."
    )


def parse_size(size: int | str) -> int:
    """Bytes of a size such as 4096, "32MiB" or "1GB".

    Raises:
        SettingsError: Not a size.
    """
    match = re.fullmatch(r"\s*([\d.]+)\s*([a-zA-Z]*)\s*", str(size))
    if not match or match[2].lower() not in _UNITS:
        raise SettingsError(f"{size!r} is not a size; write it as 33554432, 32MiB or 1GB.")
    return int(float(match[1]) * _UNITS[match[2].lower()])


@dataclass(kw_only=True)
class FilePartitioner(ProcessingStage[EmptyTask, FileGroupTask]):
    """List the input files and cut them into tasks."""

    file_paths: str | list[str]
    """Files, folders, globs or URLs."""
    files_per_partition: int | None = None
    """Whole files per task; 1 if `blocksize` is not given either."""
    blocksize: int | str | None = None
    """Bytes per task, such as "32MiB": large files are cut at line or row group borders."""
    file_extensions: list[str] | None = None
    """Endings that count in folders; None takes all known formats."""
    limit: int | None = None
    """Only the first items, in the order of files."""
    allow_empty: bool = False
    """Take no files for no tasks instead of an error."""
    fan_out: ClassVar[bool] = True

    def process(self, task: EmptyTask) -> list[FileGroupTask]:
        """The tasks, in the order of files.

        Raises:
            InputError: A path is missing or nothing matches.
        """
        if self.files_per_partition and self.blocksize:
            raise SettingsError("FilePartitioner takes files_per_partition or blocksize, not both.")
        paths = [self.file_paths] if isinstance(self.file_paths, str) else self.file_paths
        endings = self.file_extensions or [e for group in EXTENSIONS.values() for e in group]
        files = list_files(paths, extensions=endings, allow_empty=self.allow_empty)
        if self.limit is not None:
            return list(self._limited(files))
        if self.blocksize:
            size = parse_size(self.blocksize)
            return [
                _span_task(i, file, span)
                for i, file in enumerate(files)
                for span in cut_file(file, size)
            ]
        per = self.files_per_partition or 1
        return [_group_task(i, files[i : i + per]) for i in range(0, len(files), per)]

    def _limited(self, files: list[FileInfo]) -> Iterator[FileGroupTask]:
        """Tasks for the first items only: the last file is cut where the limit is reached."""
        left = self.limit or 0
        for i, file in enumerate(files):
            if left <= 0:
                return
            end, items = _first_items(file, left)
            rows, left = left, left - items
            spans = [(0, end)] if end is not None else [None]
            if end is not None and self.blocksize and not is_compressed(file.path):
                spans = (
                    _even_spans(end, parse_size(self.blocksize))
                    if format_of(file.path) == "jsonl"
                    else spans
                )
            for span in spans:
                task = _span_task(i, file, span)
                if end is not None and format_of(file.path) == "parquet":
                    task.reader_config["max_rows"] = rows
                yield task


def cut_file(file: FileInfo, size: int) -> list[tuple[int, int] | None]:
    """Spans of at most about `size` bytes; [None] for a file that is one task.

    Bytes for line formats, row groups for Parquet. A compressed file of lines is one task.
    """
    if format_of(file.path) == "parquet":
        sizes = group_sizes(file.path)
        if sizes is None:
            return [None]
        group = np.cumsum(sizes) // max(size, 1)
        edges = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(sizes)]
        return [(a, b) for a, b in itertools.pairwise(edges) if a < b] or [None]
    if is_compressed(file.path) or file.size <= size:
        return [None]
    return list(_even_spans(file.size, size))


def _even_spans(total: int, size: int) -> list[tuple[int, int] | None]:
    count = max(1, -(-total // size))
    edges = [total * k // count for k in range(count + 1)]
    return list(itertools.pairwise(edges))


def _first_items(file: FileInfo, limit: int) -> tuple[int | None, int]:
    """Where the first `limit` items end (None: with the file), and how many of them there are.

    A file that is no list of items, such as a video, is one.
    """
    if not file.path.endswith(tuple(e for group in EXTENSIONS.values() for e in group)):
        return None, 1
    if format_of(file.path) == "parquet":
        sizes = count_rows(file.path)
        total = 0
        for i, rows in enumerate(sizes):
            total += rows
            if total >= limit:
                return i + 1, total
        return None, total
    seen = 0
    for offset, data in iter_blocks(file.path, block_bytes=4 << 20):
        index = index_lines(data)
        items = np.flatnonzero(~blank_lines(data, index))
        if seen + len(items) >= limit:
            return offset + int(index.ends[items[limit - seen - 1]]), limit
        seen += len(items)
    return None, seen


def _span_task(position: int, file: FileInfo, span: tuple[int, int] | None) -> FileGroupTask:
    metadata = {"file_index": position, "name": file.name}
    return FileGroupTask(data=[file.path], span=span, stamp=file.stamp, _metadata=metadata)


def _group_task(position: int, files: list[FileInfo]) -> FileGroupTask:
    metadata = {"file_index": position, "name": files[0].name}
    stamp = "|".join(file.stamp for file in files)
    return FileGroupTask(data=[file.path for file in files], stamp=stamp, _metadata=metadata)
