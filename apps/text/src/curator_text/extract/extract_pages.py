"""The stage of `extract`: pages of files into documents, with a row for each page without one.

    data/NAME.jsonl           the documents of a file, or of some files of one page each
    removed/NAME.parquet      pages without a document, and why

A page on which the extractor fails goes to quarantine; so does the rest of a file that breaks off.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar, Literal

import pyarrow as pa

from curator_engine.errors import CuratorError, UnreadableFileError
from curator_engine.files.paths import join
from curator_engine.files.storage import remove_others
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_engine.trouble import raise_if_fatal
from curator_text.extract.document_file import DocumentFile
from curator_text.extract.page_process import FAILED
from curator_text.extract.page_sources import FoundPage, RowFields, pages_of
from curator_text.extract.page_texts import Extracted, Wanted
from curator_text.extract.watched import WatchedExtractor

REMOVED = pa.schema(
    [
        *(pa.field(n, pa.string()) for n in ("id", "url", "file")),
        pa.field("record", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("num_bytes", pa.int64()),
    ]
)
"""A row per page without a document."""
_SHOWN_BYTES = 500


@dataclass(kw_only=True)
class ExtractPages(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Make documents of the pages of each task's files; gives references to what it wrote, with counts."""

    output: str
    """Folder of the run."""
    extractor: str = "trafilatura"
    """For HTML: trafilatura, resiliparse, justext or math."""
    min_chars: int = 1
    """Characters of a document, at least."""
    min_formulas: int = 0
    """Formulas of a document, at least."""
    links: bool = True
    """Whether links become a column."""
    page_timeout: float = 30.0
    """Seconds for a page."""
    page_memory: int = 4 << 30
    """Bytes that the extractor may use."""
    rows: RowFields | None = None
    """Where rows have their pages."""
    output_format: Literal["jsonl", "parquet"] = "jsonl"
    _watched: WatchedExtractor | None = field(default=None, init=False, repr=False)
    writes_to: ClassVar[tuple[str, ...]] = ("output",)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Make the extractor; its process begins with the first page."""
        wanted = Wanted(
            extractor=self.extractor,
            min_chars=self.min_chars,
            links=self.links,
            min_formulas=self.min_formulas,
        )
        self._watched = WatchedExtractor(
            wanted=wanted, timeout_s=self.page_timeout, memory_bytes=self.page_memory
        )

    def teardown(self) -> None:
        """End the extractor's process."""
        if self._watched is not None:
            self._watched.close()

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Extract the pages of a task.

        Raises:
            StorageError: A file cannot be written.
        """
        name = str(task._metadata["name"])
        data = join(self.output, "data", f"{name}.{self.output_format}")
        removed, counts = list[dict[str, Any]](), Counter[str]()
        reasons = Counter[str]()
        self.count_rows(0)
        with DocumentFile(
            path=data, output_format=self.output_format, has_fields=self.rows is not None
        ) as file:
            for source, found, extracted in self._extracted(task):
                if extracted.kind == FAILED:
                    self._reject(source, found, extracted)
                elif extracted.reason:
                    removed.append(_removed_row(source, found, extracted))
                    reasons[extracted.reason] += 1
                else:
                    file.add(_document(source, found, extracted, links=self.links), found.fields)
                    counts["kept"] += 1
                    counts["text_bytes"] += len(extracted.text.encode())
        written = [data] if file.is_written else []
        if removed:
            written.append(join(self.output, "removed", f"{name}.parquet"))
            write_table(written[-1], pa.Table.from_pylist(removed, REMOVED))
        about = {**task._metadata, **counts, "removed": len(removed), "reasons": dict(reasons)}
        return FileGroupTask(data=written, dataset_name=task.dataset_name, _metadata=about)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove files of a killed run that no finished task stands for."""
        for folder in ("data", "removed"):
            remove_others(join(self.output, folder), committed, deep=True)

    def _extracted(self, task: FileGroupTask) -> Iterator[tuple[str, FoundPage, Extracted]]:
        """Each page with its file's name and what became of it."""
        for source, found in islice(self._found(task), task.reader_config.get("max_pages")):
            self.count_rows(1)
            if found.reason:
                yield source, found, Extracted(reason=found.reason)
                continue
            assert self._watched is not None
            yield source, found, self._watched.extract(found.page)

    def _found(self, task: FileGroupTask) -> Iterator[tuple[str, FoundPage]]:
        """The pages of the files, each until it breaks off."""
        names = task._metadata.get("names") or [task._metadata["name"]]
        for path, name in zip(task.data, names, strict=True):
            pages = pages_of_file(path, name, self.rows, self)
            while (found := next(pages, None)) is not None:
                yield name, found

    def _reject(self, source: str, found: FoundPage, extracted: Extracted) -> None:
        start = found.page.data[:_SHOWN_BYTES]
        self.reject(
            Rejection(
                file=source,
                reason=extracted.reason,
                line=found.record + 1,
                raw=start,
                length=len(found.page.data),
            )
        )


def pages_of_file(
    path: str, name: str, rows: RowFields | None, stage: "ExtractPages"
) -> Iterator[FoundPage]:
    """The pages of a file; where it breaks off, the rest of it is rejected.

    Raises:
        StorageError: The environment fails, as a lost connection.
    """
    try:
        yield from pages_of(path, name, rows=rows, stage=stage)
    except UnreadableFileError as error:
        stage.reject_file(path, error)
    except Exception as error:
        if isinstance(error, CuratorError):
            raise
        raise_if_fatal(error, stage.name)
        text = " ".join(str(error).split()) or type(error).__name__
        stage.reject(Rejection(file=path, reason=f"breaks off: {text}", rest=True))


def _document(
    source: str, found: FoundPage, extracted: Extracted, *, links: bool
) -> dict[str, Any]:
    return {
        "id": found.id,
        "text": extracted.text,
        "url": found.page.url or extracted.url or None,
        "title": extracted.title or found.page.title or None,
        "date": extracted.date or found.date or None,
        "language": extracted.language,
        **({"links": list(extracted.links)} if links else {}),
        **({} if extracted.formulas is None else {"formulas": extracted.formulas}),
        "crawled": found.crawled or None,
        "kind": extracted.kind,
        "encoding": extracted.encoding or None,
        "file": source,
        "record": found.record,
    }


def _removed_row(source: str, found: FoundPage, extracted: Extracted) -> dict[str, Any]:
    return {
        "id": found.id,
        "url": found.page.url or None,
        "file": source,
        "record": found.record,
        "reason": extracted.reason,
        "kind": extracted.kind or None,
        "num_bytes": len(found.page.data),
    }
