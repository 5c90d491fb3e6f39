"""Documents out of fetched files: NeMo Curator's base classes for formats of one's own, and all steps as one stage."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from curator_engine.errors import CuratorError, PipelineError
from curator_engine.positional import positional
from curator_engine.stage import AnyStage, CompositeStage, ProcessingStage, Rejection
from curator_engine.task import EmptyTask, FileGroupTask
from curator_engine.trouble import raise_if_fatal
from curator_text.download.fetch import (
    DocumentDownloader,
    DocumentDownloadStage,
    URLGenerationStage,
    URLGenerator,
)
from curator_text.task import DocumentBatch

BATCH_BYTES = 32 << 20
"""A batch holds about so much text at most, as the readers' do."""
_VALUE_BYTES = 8
"""What a value that is no text counts."""

type Record = dict[str, Any]


class DocumentIterator(ABC):
    """What reads the records of a file."""

    @abstractmethod
    def iterate(self, file_path: str) -> Iterator[Record]:
        """The records of a file, one at a time."""

    @abstractmethod
    def output_columns(self) -> list[str]:
        """The names in a record."""


class DocumentExtractor(ABC):
    """What makes a document of a record."""

    @abstractmethod
    def extract(self, record: Record) -> Record | None:
        """The document, or None if the record holds none."""

    @abstractmethod
    def input_columns(self) -> list[str]:
        """The names that a record must have."""

    @abstractmethod
    def output_columns(self) -> list[str]:
        """The names in a document."""


def filename_column(given: bool | str) -> str | None:
    """The column with the file's name: `file_name` for True, none for False."""
    return "file_name" if given is True else given or None


@positional("iterator", "extractor", "record_limit", "add_filename_column", "max_calls_per_worker")
@dataclass(kw_only=True)
class DocumentIterateExtractStage(ProcessingStage[FileGroupTask, DocumentBatch]):
    """Read the records of each task's files and make documents of them.

    A record without a document is counted as dropped; where a file breaks off, the rest of it goes to quarantine.
    """

    iterator: DocumentIterator
    """Reads the records."""
    extractor: DocumentExtractor | None = None
    """Makes documents of them; None takes the records themselves."""
    record_limit: int | None = None
    """Only the first documents of each file."""
    add_filename_column: bool | str = True
    """Name of the column with the file's name; True for `file_name`."""
    max_calls_per_worker: int | None = None
    """Accepted, without effect: workers stay."""

    def process(self, task: FileGroupTask) -> DocumentBatch | Iterator[DocumentBatch] | None:
        """The documents: one batch, or an iterator of several if they are larger than 32 MiB together.

        Raises:
            PipelineError: A column holds values of several kinds.
        """
        batches = self._batches(task)
        first = list(islice(batches, 2))
        return chain(first, batches) if len(first) > 1 else next(iter(first), None)

    def _batches(self, task: FileGroupTask) -> Iterator[DocumentBatch]:
        rows, size = list[Record](), 0
        for path in task.data:
            for row in islice(self._documents(path), self.record_limit or None):
                rows.append(row)
                size += sum(
                    len(v) if isinstance(v, str | bytes) else _VALUE_BYTES for v in row.values()
                )
                if size >= BATCH_BYTES:
                    yield self._batch(rows, task)
                    rows, size = [], 0
        if rows:
            yield self._batch(rows, task)

    def _documents(self, path: str) -> Iterator[Record]:
        """The documents of a file, until it ends or breaks off."""
        column = filename_column(self.add_filename_column)
        name = {column: PurePosixPath(path).name} if column else {}
        self.count_rows(0)
        try:
            # Whoever wrote the iterator may return None for a file without records.
            records: Any = self.iterator.iterate(path)
            for record in records or ():
                self.count_rows(1)
                record = {**record, **name}
                found = self.extractor.extract(record) if self.extractor else record
                if found is None:
                    self.count_drops({"nothing extracted": 1})
                else:
                    yield {**found, **name}
        except Exception as error:
            if isinstance(error, CuratorError):
                raise
            raise_if_fatal(error, self.name)
            reason = f"{type(error).__name__}: {error}"
            self.reject(Rejection(file=path, reason=reason, rest=True))

    def _batch(self, rows: list[Record], task: FileGroupTask) -> DocumentBatch:
        return DocumentBatch(
            data=table_of(rows, stage=self.name),
            dataset_name=task.dataset_name,
            _metadata=dict(task._metadata),
        )


def table_of(rows: list[Record], *, stage: str) -> pa.Table:
    """Records as a table, with a column for each name that one of them has.

    Raises:
        PipelineError: A column holds values of several kinds.
    """
    columns: dict[str, Any] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        try:
            columns[name] = pa.array([row.get(name) for row in rows])
        except (pa.ArrowException, TypeError, OverflowError) as error:
            raise PipelineError(
                f"{stage}: column {name!r} holds values of several kinds; make them all texts."
            ) from error
    return pa.table(columns)


@positional(
    "url_generator",
    "downloader",
    "iterator",
    "extractor",
    "url_limit",
    "record_limit",
    "add_filename_column",
    "extractor_max_calls_per_worker",
)
@dataclass(kw_only=True)
class DocumentDownloadExtractStage(CompositeStage[EmptyTask, DocumentBatch]):
    """List URLs, fetch them, read records and make documents of them.

    Example:
        >>> DocumentDownloadExtractStage(Chapters(), Plain("downloads"), Paragraphs())
    """

    url_generator: URLGenerator
    """Lists the URLs."""
    downloader: DocumentDownloader
    """Fetches them."""
    iterator: DocumentIterator
    """Reads the records of the files."""
    extractor: DocumentExtractor | None = None
    """Makes documents of them; None takes the records themselves."""
    url_limit: int | None = None
    """Only the first URLs."""
    record_limit: int | None = None
    """Only the first documents of each file."""
    add_filename_column: bool | str = True
    """Name of the column with the file's name; True for `file_name`."""
    extractor_max_calls_per_worker: int | None = None
    """Accepted, without effect: workers stay."""

    def decompose(self) -> list[AnyStage]:
        """List, fetch, read."""
        return [
            URLGenerationStage(url_generator=self.url_generator, limit=self.url_limit),
            DocumentDownloadStage(downloader=self.downloader),
            DocumentIterateExtractStage(
                iterator=self.iterator,
                extractor=self.extractor,
                record_limit=self.record_limit,
                add_filename_column=self.add_filename_column,
            ),
        ]
