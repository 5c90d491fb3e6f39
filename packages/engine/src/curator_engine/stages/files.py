"""Find the input files and cut them into tasks.

Reading is `jsonl_files.py`'s and `parquet.py`'s.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar, Literal

import numpy as np

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.blocks import is_read_in_order, iter_blocks
from curator_engine.files.formats import (
    EXTENSIONS,
    ROWS,
    format_by_ending,
    format_of,
    is_named_text,
    look,
)
from curator_engine.files.lance_datasets import LANCE_ENDING, has_versions, is_lance
from curator_engine.files.listing import FileInfo, Listing, find_files
from curator_engine.files.paths import is_remote
from curator_engine.files.results import kept_folder
from curator_engine.files.sharding import Shard
from curator_engine.stage import ProcessingStage
from curator_engine.stages.jsonl import blank_lines, index_lines
from curator_engine.stages.parquet import count_rows, group_sizes
from curator_engine.task import EmptyTask, FileGroupTask

__all__ = [
    "EXTENSIONS",
    "FilePartitioner",
    "ShardPartitioner",
    "cut_file",
    "file_source",
    "find_inputs",
    "format_of",
    "parse_size",
]

type Format = Literal["auto", "jsonl", "parquet", "csv", "text", "arrow", "video", "image", "audio"]

_FORMATS_OF = {
    "auto": list(ROWS),
    "image": ["image", "parquet", "arrow"],
    # Videos have sound.
    "audio": ["audio", "video", "parquet", "arrow"],
}
"""The formats of files that count, where they are not the one that is asked for."""
_UNITS = {"": 1} | {
    prefix + i: (1024 if i else 1000) ** power
    for power, prefix in enumerate(("k", "m", "g", "t"), start=1)
    for i in ("", "i")
}


def find_inputs(
    paths: str | Sequence[str],
    *,
    file_format: Format = "auto",
    extensions: Sequence[str] | None = None,
    allow_empty: bool = False,
) -> Listing:
    """The input files of a job; the folder of a run stands for what the run kept.

    Args:
        paths: Files, folders, globs or URLs.
        file_format: Format that counts, by a file's ending, else by its first bytes; auto takes all
            that give rows.
        extensions: Endings that count in folders, instead.
        allow_empty: Take no files for none instead of an error.

    Raises:
        InputError: A path is missing, nothing matches, a run has not ended, or a Lance dataset cannot be read so.
    """
    given = [paths] if isinstance(paths, str) else paths
    _check_lance(given, is_read=file_format == "auto" and not extensions)
    kept = [kept_folder(each) for each in given]
    listing = find_files(
        [folder or each for folder, each in zip(kept, given, strict=True)],
        formats=_FORMATS_OF.get(file_format, [file_format]),
        extensions=extensions or None,
        forced=file_format in ROWS,
        allow_empty=allow_empty,
    )
    return replace(listing, kept=[folder for folder in kept if folder])


def _check_lance(given: Sequence[str], *, is_read: bool) -> None:
    for each in given:
        if is_remote(each):
            if each.rstrip("/").lower().endswith(LANCE_ENDING):
                raise InputError(
                    f"{each} is a Lance dataset, which is read on this machine only; fetch it first, or use LanceReader."
                )
        elif has_versions(each) and not is_read:
            raise InputError(
                f"{each} is a Lance dataset, which is not read here; write it as Parquet, see docs/formats.md."
            )
        elif has_versions(each) and not is_lance(each):
            raise InputError(
                f"{each} is a Lance dataset, but its name does not end in {LANCE_ENDING}; rename it, or link to it: ln -s."
            )


def parse_size(size: int | str) -> int:
    """Bytes of a size such as 4096, "32MiB", "1GB" or "1G"; without the i, powers of 1000.

    Raises:
        SettingsError: Not a size.
    """
    match = re.fullmatch(
        r"\s*([0-9]{1,18}(?:\.[0-9]*)?|\.[0-9]+)\s*([a-z]*?)b?\s*", str(size).lower()
    )
    if not match or match[2] not in _UNITS:
        raise SettingsError(f"{size!r} is not a size; write it as 33554432, 32MiB or 1GB.")
    return int(Decimal(match[1]) * _UNITS[match[2]])


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
    """Endings that count in folders, instead of a format."""
    file_format: Format = "auto"
    """What counts, by a file's ending, else by its first bytes; auto takes all that give rows."""
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
        files = self.listed().files
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

    def listed(self) -> Listing:
        """The input files.

        Raises:
            InputError: A path is missing or nothing matches.
        """
        return find_inputs(
            self.file_paths,
            file_format=self.file_format,
            extensions=self.file_extensions or None,
            allow_empty=self.allow_empty,
        )

    def _limited(self, files: list[FileInfo]) -> Iterator[FileGroupTask]:
        """Tasks for the first items only: the last file is cut where the limit is reached."""
        left = self.limit or 0
        for i, file in enumerate(files):
            if left <= 0:
                return
            end, items = _first_items(file, left)
            rows, left = left, left - items
            spans = [(0, end)] if end is not None else [None]
            if end is not None and self.blocksize and not is_read_in_order(file.path):
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


@dataclass(kw_only=True)
class ShardPartitioner(FilePartitioner):
    """List the input files and cut those of one shard into tasks."""

    name = "file_partitioner"
    shard: str
    """As 3/16."""

    def listed(self) -> Listing:
        """The files of the shard."""
        return Shard.parse(self.shard).part_of(super().listed())


def file_source(*, shard: str | None, **given: Any) -> FilePartitioner:
    """The first stage of a job: lists the input, or what of it a shard reads.

    Args:
        shard: As the settings have it.
        given: Fields of `FilePartitioner`.
    """
    return ShardPartitioner(**given, shard=shard) if shard else FilePartitioner(**given)


def cut_file(file: FileInfo, size: int) -> list[tuple[int, int] | None]:
    """Spans of at most about `size` bytes; [None] for a file that is one task.

    Bytes for line formats, row groups for Parquet. A compressed file of lines is one task, and one
    of CSV or text.
    """
    if format_of(file.path) == "parquet":
        sizes = group_sizes(file.path)
        if sizes is None:
            return [None]
        group = np.cumsum(sizes) // max(size, 1)
        edges = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(sizes)]
        return [(a, b) for a, b in itertools.pairwise(edges) if a < b] or [None]
    if file.size <= size or is_read_in_order(file.path):
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
    if (_known_format(file.path) not in ROWS) and not is_named_text(file.path):
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


def _known_format(path: str) -> str:
    return format_by_ending(path) or look(path).format


def _span_task(position: int, file: FileInfo, span: tuple[int, int] | None) -> FileGroupTask:
    metadata = {"file_index": position, "name": file.name}
    return FileGroupTask(data=[file.path], span=span, stamp=file.stamp, _metadata=metadata)


def _group_task(position: int, files: list[FileInfo]) -> FileGroupTask:
    names, stamps = [file.name for file in files], [file.stamp for file in files]
    metadata: dict[str, Any] = {"file_index": position, "name": names[0]}
    # As `small_files.py` has them, which takes such a task apart.
    metadata |= {"names": names, "stamps": stamps} if len(files) > 1 else {}
    stamp = "|".join(stamps)
    return FileGroupTask(data=[file.path for file in files], stamp=stamp, _metadata=metadata)
