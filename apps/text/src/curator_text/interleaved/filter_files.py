"""The stage of `interleaved`: documents of files, without pictures and documents outside of limits.

data/NAME.parquet         what stays of a file's documents
removed/NAME.parquet      a row per document and per picture that went, and why
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar

import pyarrow as pa

from curator_engine.errors import StageError, UnreadableFileError
from curator_engine.files.listing import Listing
from curator_engine.files.paths import join
from curator_engine.files.sharding import Shard
from curator_engine.files.storage import remove_others
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.table_files import write_table
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.interleaved.copies import Copies, hash_of_picture
from curator_text.interleaved.documents import Document, Part
from curator_text.interleaved.limits import (
    ONLY_NAMED,
    UNREADABLE,
    DocumentLimits,
    PictureLimits,
    document_reason,
    picture_reason,
)
from curator_text.interleaved.read_documents import documents_of
from curator_text.interleaved.watched_reader import WatchedReader
from curator_text.interleaved.write_documents import ENDINGS, InterleavedFile, OutputFormat

WITH_DOCUMENT = "document: "
"""How the reason begins of texts and pictures that went with their document."""
SAME_TEXTS = "same texts as an earlier document"
TOO_OFTEN = "picture is in too many documents"
REMOVED = pa.schema(
    [
        *(pa.field(n, pa.string()) for n in ("id", "file")),
        pa.field("record", pa.int64()),
        pa.field("position", pa.int32()),
        *(pa.field(n, pa.string()) for n in ("modality", "reason", "name")),
        *(pa.field(n, pa.int64()) for n in ("num_bytes", "num_texts", "num_images")),
    ]
)
"""A row per document that went, without a position, and per picture that went from a document."""


@dataclass(kw_only=True)
class DocumentFiles(FilePartitioner):
    """List the files, a task each; with a limit, count documents until it is reached."""

    name = "file_partitioner"
    shard: str | None = None
    """As 3/16."""

    def listed(self) -> Listing:
        """The files, or those of the shard."""
        found = super().listed()
        return Shard.parse(self.shard).part_of(found) if self.shard else found

    def process(self, task: EmptyTask) -> list[FileGroupTask]:
        """The tasks, in the order of files.

        Raises:
            InputError: A path is missing or nothing matches.
        """
        left, made = self.limit, list[FileGroupTask]()
        for number, file in enumerate(self.listed().files):
            if left is not None and left <= 0:
                break
            about = {"file_index": number, "name": file.name}
            made.append(FileGroupTask(data=[file.path], stamp=file.stamp, _metadata=about))
            if left is not None:
                made[-1].reader_config["max_documents"] = left
                left -= _count(file.path, file.name, left)
        return made


def _count(path: str, name: str, most: int) -> int:
    count = 0
    try:
        for _ in islice(documents_of(path, name, _unread), most):
            count += 1
    except UnreadableFileError:
        # What is amiss, the stage that reads it says.
        pass
    return count


def _unread(data: bytes, id: str) -> Document:
    """A PDF file counts as one document, whatever is in it."""
    return Document(id=id)


@dataclass(kw_only=True)
class FilterDocuments(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write what stays of the documents of a file; gives references to what it wrote, with counts."""

    output: str
    """Folder of the run."""
    pictures: PictureLimits = field(default_factory=PictureLimits)
    documents: DocumentLimits = field(default_factory=DocumentLimits)
    output_format: OutputFormat = "parquet"
    file_timeout: float = 120.0
    """Seconds for a PDF file, and for the pictures of a file."""
    file_memory: int = 4 << 30
    """Bytes that their reader may use."""
    copies: str | None = None
    """File that says which pictures and documents are copies; None if none is to go."""
    _reader: WatchedReader | None = field(default=None, init=False, repr=False)
    _copies: Copies = field(default_factory=Copies, init=False, repr=False)
    writes_to: ClassVar[tuple[str, ...]] = ("output",)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Make the reader; its process begins with the first picture or PDF file."""
        self._reader = WatchedReader(
            wanted=self.pictures.wanted,
            timeout_s=self.file_timeout,
            memory_bytes=self.file_memory,
        )
        self._copies = Copies.load(self.copies) if self.copies else Copies()

    def teardown(self) -> None:
        """End the reader's process."""
        if self._reader is not None:
            self._reader.close()

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Filter the documents of a file.

        Raises:
            StorageError: A file cannot be written.
        """
        name = str(task._metadata["name"])
        data = join(self.output, "data", f"{name}.{ENDINGS[self.output_format]}")
        removed, counts = list[dict[str, Any]](), Counter[str]()
        self.count_rows(0)
        with InterleavedFile(path=data, output_format=self.output_format) as file:
            for record, document in self._read(task, name):
                about = {"id": document.id, "file": name, "record": record}
                counts.update(_counts("in", document))
                is_copy = (task._metadata.get("file_index"), record) in self._copies.documents
                rows = [] if is_copy else self._take_pictures(document)
                reason = SAME_TEXTS if is_copy else document_reason(document, self.documents)
                removed += [about | row for row in rows]
                if reason:
                    removed.append(about | _document_row(document, reason))
                    continue
                counts.update({"kept": 1, **_counts("kept", document)})
                file.add(document, task.data[0])
        written = [data] if file.is_written else []
        if removed:
            written.append(join(self.output, "removed", f"{name}.parquet"))
            write_table(written[-1], pa.Table.from_pylist(removed, REMOVED))
        about = {**task._metadata, **counts, "removed_by": _by_reason(removed)}
        return FileGroupTask(data=written, dataset_name=task.dataset_name, _metadata=about)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove files of a killed run that no finished task stands for."""
        for folder in ("data", "removed"):
            remove_others(join(self.output, folder), committed, deep=True)

    def _read(self, task: FileGroupTask, name: str) -> Iterator[tuple[int, Document]]:
        path, most = task.data[0], task.reader_config.get("max_documents")
        try:
            for found in islice(documents_of(path, name, self.reader.pdf), most):
                self.count_rows(1)
                if found.document is None:
                    self.reject(
                        Rejection(file=name, reason=found.reason, line=found.record + 1, raw=b"")
                    )
                else:
                    yield found.record, found.document
        except UnreadableFileError as error:
            self.reject_file(path, error)

    def _take_pictures(self, document: Document) -> list[dict[str, Any]]:
        """Take pictures outside of limits out of a document; their rows."""
        reasons = self._reasons(document.parts)
        rows = [
            _picture_row(place, part, reason)
            for place, (part, reason) in enumerate(zip(document.parts, reasons, strict=True))
            if reason
        ]
        kept = zip(document.parts, reasons, strict=True)
        document.parts = [part for part, reason in kept if not reason]
        return rows

    def _reasons(self, parts: list[Part]) -> list[str]:
        """Why each part goes; empty for those that stay."""
        seen = [part for part in parts if part.data is not None and not self._is_often(part)]
        found = iter(self.reader.measure(seen))
        reasons = list[str]()
        for part in parts:
            if part.kind != "image":
                reasons.append("")
            elif self._is_often(part):
                reasons.append(TOO_OFTEN)
            elif part.data is None:
                reasons.append(ONLY_NAMED if self.pictures.need_data else "")
            else:
                measures = next(found)
                is_lost = isinstance(measures, str)
                reasons.append(
                    f"{UNREADABLE}: {measures}"
                    if is_lost
                    else picture_reason(measures, self.pictures)
                )
        return reasons

    def _is_often(self, part: Part) -> bool:
        often = self._copies.pictures
        return bool(often) and part.kind == "image" and hash_of_picture(part) in often

    @property
    def reader(self) -> WatchedReader:
        """Reads PDF files and pictures.

        Raises:
            StageError: The stage is not set up.
        """
        if self._reader is None:
            raise StageError(f"{self.name} has not been set up.")
        return self._reader


def _counts(when: str, document: Document) -> dict[str, int]:
    return {f"texts_{when}": document.count("text"), f"images_{when}": document.count("image")}


def _picture_row(place: int, part: Part, reason: str) -> dict[str, Any]:
    size = len(part.data or b"")
    return {
        "position": place,
        "modality": "image",
        "reason": reason,
        "name": part.name,
        "num_bytes": size,
        "num_texts": 0,
        "num_images": 1,
    }


def _document_row(document: Document, reason: str) -> dict[str, Any]:
    size = sum(len(part.data or part.text.encode("utf-8", "replace")) for part in document.parts)
    counts = {"num_texts": document.count("text"), "num_images": document.count("image")}
    return {"modality": "document", "reason": reason, "num_bytes": size, **counts}


def _by_reason(rows: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Of each kind, how many went by which reason."""
    found: dict[str, Counter[str]] = {"document": Counter(), "image": Counter(), "text": Counter()}
    for row in rows:
        found[row["modality"]][row["reason"]] += 1
        if row["modality"] == "document":
            for kind in ("text", "image"):
                if count := row[f"num_{kind}s"]:
                    found[kind][f"{WITH_DOCUMENT}{row['reason']}"] += count
    return {kind: dict(counts) for kind, counts in found.items()}
