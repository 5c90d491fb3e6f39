"""Read documents from JSON lines and Parquet, and write them.

Readers stand for two stages, listing and reading; both formats keep every column and the order.
What a file holds that is no document goes to quarantine with its file and line.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.stage import AnyStage, CompositeStage
from curator_engine.stages import jsonl_files, parquet
from curator_engine.stages.files import FilePartitioner, parse_size
from curator_engine.task import EmptyTask, TableTask
from curator_text.task import DocumentBatch

__all__ = ["JsonlReader", "JsonlWriter", "ParquetReader", "ParquetWriter"]

JsonlWriter = jsonl_files.JsonlWriter
"""The engine's; unchanged documents are written as the bytes that were read."""
ParquetWriter = parquet.ParquetWriter
"""The engine's."""

MAX_BLOCK_BYTES = 32 << 20
"""A task of lines holds at most about so much, however large the pieces of files are."""


class _ReadLines(jsonl_files.JsonlReader):
    """The engine's reader, giving documents."""

    task_type: ClassVar[type[TableTask]] = DocumentBatch


class _ReadRows(parquet.ParquetReader):
    """The engine's reader, giving documents."""

    task_type: ClassVar[type[TableTask]] = DocumentBatch


@dataclass(kw_only=True)
class _Reader(CompositeStage[EmptyTask, DocumentBatch]):
    """List files and read them; a large file is cut into several tasks."""

    file_paths: str | list[str]
    """Files, folders, globs or URLs."""
    files_per_partition: int | None = None
    """Whole files per task."""
    blocksize: int | str | None = None
    """Bytes per task, such as "32MiB": larger files are cut at line or row group borders."""
    fields: list[str] | None = None
    """Columns to read; None reads all."""
    file_extensions: list[str] | None = None
    """Endings that count in folders; None takes the format's, and what its first bytes say."""
    limit: int | None = None
    """Only the first documents, in the order of files."""
    format_name: ClassVar[Literal["jsonl", "parquet"]]

    def decompose(self) -> list[AnyStage]:
        """List, then read."""
        partitioner = FilePartitioner(
            file_paths=self.file_paths,
            files_per_partition=self.files_per_partition,
            blocksize=self.blocksize or (None if self.files_per_partition else MAX_BLOCK_BYTES),
            file_extensions=self.file_extensions,
            file_format=self.format_name,
            limit=self.limit,
        )
        return [partitioner, self._reader()]

    def _reader(self) -> AnyStage:
        raise NotImplementedError


@dataclass(kw_only=True)
class JsonlReader(_Reader):
    """Read documents from JSON lines: .jsonl, .json, .ndjson, also with .gz, .zst, .xz or .bz2, and others by their first bytes."""

    max_row: int | str = MAX_ROW_BYTES
    """Bytes of the longest line that is read; a longer one goes to quarantine by its length."""
    format_name: ClassVar[Literal["jsonl", "parquet"]] = "jsonl"

    def _reader(self) -> AnyStage:
        size = parse_size(self.blocksize or MAX_BLOCK_BYTES)
        reader = _ReadLines(
            fields=self.fields,
            block_bytes=min(size, MAX_BLOCK_BYTES),
            max_row=parse_size(self.max_row),
        )
        return reader.with_(name="jsonl_reader")


@dataclass(kw_only=True)
class ParquetReader(_Reader):
    """Read documents from Parquet, a task per row group."""

    format_name: ClassVar[Literal["jsonl", "parquet"]] = "parquet"

    def _reader(self) -> AnyStage:
        return _ReadRows(fields=self.fields).with_(name="parquet_reader")
