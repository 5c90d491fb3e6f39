"""NeMo Curator's stages from a list of PDF files to pictures of their pages."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import batched, groupby, islice
from typing import Any, ClassVar

from curator_engine.errors import CuratorError, SettingsError
from curator_engine.files.list_rows import list_rows
from curator_engine.files.storage import input_errors, open_read
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.interleaved.batch_tables import pieces, table_of
from curator_text.interleaved.documents import InterleavedBatch
from curator_text.interleaved.page_images import DEFAULT_MAX_PAGES
from curator_text.interleaved.pdf_archives import (
    MAX_PDF_BYTES,
    extract_pdf_from_jsonl,
    extract_pdf_from_zip,
    extract_pdfs_from_jsonl_batch,
    inside,
)
from curator_text.interleaved.watched_reader import WatchedReader

_BATCH_BYTES = 256 << 20
type Entry = dict[str, Any]
"""`file_name`, `url`, and of JSON lines `jsonl_file` with `byte_offset` or `line_idx`."""


@positional(
    *("manifest_path", "pdfs_per_task", "max_pdfs", "dataset_name", "file_name_field"),
    *("file_names_field", "url_field", "name", "resources"),
)
@dataclass(kw_only=True)
class PDFPartitioningStage(ProcessingStage[EmptyTask, FileGroupTask]):
    """Make tasks of the PDF files that a list names, JSON lines or CSV; other fields of a line go with its file.

    Example:
        >>> PDFPartitioningStage("pdfs.jsonl", pdfs_per_task=20)
    """

    name: str = "pdf_partitioning"
    resources: Resources = field(default_factory=lambda: Resources(cpus=0.5))
    manifest_path: str
    pdfs_per_task: int = 10
    max_pdfs: int | None = None
    """PDF files at most; all unless given."""
    dataset_name: str = "pdf_dataset"
    file_name_field: str = "file_name"
    """Field with the name of a file."""
    file_names_field: str = "cc_pdf_file_names"
    """Field with a list of names, which wins."""
    url_field: str = "url"
    """Field that says where a file is from."""
    fan_out: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for name in ("pdfs_per_task", "max_pdfs"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingsError(f"{name}={value} is below 1.")

    @property
    def file_paths(self) -> str:
        """What is read, so that no stage writes into it."""
        return self.manifest_path

    def process(self, task: EmptyTask) -> list[FileGroupTask]:
        """The tasks, in the order of the list; a line that names no file goes to quarantine.

        Raises:
            UnreadableFileError: The list cannot be read.
        """
        entries = map(json.dumps, islice(self._entries(), self.max_pdfs))
        return [
            FileGroupTask(
                data=list(some),
                dataset_name=self.dataset_name,
                _metadata={"source_files": list(some), "partition_index": number},
            )
            for number, some in enumerate(batched(entries, self.pdfs_per_task))
        ]

    def _entries(self) -> Iterator[Entry]:
        """A record per file, each file of a line once."""
        for number, row in enumerate(list_rows(self.manifest_path), start=1):
            if row == {}:
                continue
            names = self._names(row or {})
            if not names:
                reason = f"it names no file in {self.file_name_field} or {self.file_names_field}"
                self.reject(Rejection(file=self.manifest_path, reason=reason, line=number))
            for name in dict.fromkeys(names):
                yield {**self._more(row or {}), "file_name": name, "url": self._url(row or {})}

    def _names(self, row: Entry) -> list[str]:
        several = row.get(self.file_names_field)
        names = several if isinstance(several, list) else [row.get(self.file_name_field)]
        return [name for name in names if isinstance(name, str) and name]

    def _url(self, row: Entry) -> str:
        return str(row.get(self.url_field) or "")

    def _more(self, row: Entry) -> Entry:
        """Other fields, where a line names one file."""
        own = (self.file_name_field, self.file_names_field, self.url_field)
        if self.file_names_field in row:
            return {}
        return {name: value for name, value in row.items() if name not in own}


@positional(
    *("zip_base_dir", "pdf_dir", "jsonl_base_dir", "dpi", "max_pages"),
    *("name", "resources", "_RENDER_TIMEOUT_S"),
)
@dataclass(kw_only=True)
class PDFPreprocessStage(ProcessingStage[FileGroupTask, InterleavedBatch]):
    """Make a row per page of PDF files, with its picture.

    Files come out of one of three places. They are rendered in a process that is watched: one that kills it or takes too long
    goes to quarantine alone, and so does a file that is not there, or whose name leads out of its folder.

    Example:
        >>> PDFPreprocessStage(pdf_dir="pdfs", max_pages=20)
    """

    name: str = "pdf_preprocess"
    resources: Resources = field(default_factory=lambda: Resources(cpus=2.0))
    zip_base_dir: str | None = None
    """Folder of the zips of CC-MAIN-2021-31-PDF-UNTRUNCATED; it wins."""
    pdf_dir: str | None = None
    """Folder of the files."""
    jsonl_base_dir: str | None = None
    """Folder of JSON lines with files in base64."""
    dpi: int = 300
    """Pixels per inch, if the page is no larger than 1664 x 2048 pixels then."""
    max_pages: int = DEFAULT_MAX_PAGES
    """Pages of a file at most."""
    _RENDER_TIMEOUT_S: int = 60
    """Seconds for a file."""
    memory_bytes: int = 4 << 30
    """Addresses that the process may use."""
    _reader: WatchedReader | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if not (self.zip_base_dir or self.pdf_dir or self.jsonl_base_dir):
            raise SettingsError(
                "no place of PDF files; give zip_base_dir, pdf_dir or jsonl_base_dir."
            )
        for name in ("dpi", "max_pages", "_RENDER_TIMEOUT_S"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name}={getattr(self, name)} is not above 0.")

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Make the reader; its process begins with the first file."""
        self._reader = WatchedReader(
            timeout_s=self._RENDER_TIMEOUT_S, memory_bytes=self.memory_bytes
        )

    def teardown(self) -> None:
        """End the reader's process."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def process(self, task: FileGroupTask) -> Iterator[InterleavedBatch]:
        """The pages of the task's files, those of a file together, about 256 MiB at a time at most."""
        if self._reader is None:
            self.setup()
        entries = [json.loads(each) for each in task.data]
        self.count_rows(len(entries))
        files = (list(self._pages(entry, data)) for entry, data in self._files(entries))
        for rows in pieces(files, _BATCH_BYTES):
            yield InterleavedBatch(
                data=table_of(rows), dataset_name=task.dataset_name, _metadata=dict(task._metadata)
            )

    def _pages(self, entry: Entry, data: bytes | None) -> Iterator[dict[str, Any]]:
        """A row per page of a file; one that has none goes to quarantine."""
        name = str(entry["file_name"])
        reason = "it is not there, or cannot be read"
        pages = list[bytes]()
        if data is not None and self._reader is not None:
            reason = "no page of it can be rendered"
            try:
                pages = self._reader.pages(data, dpi=self.dpi, max_pages=self.max_pages)
            except ValueError as error:
                reason = str(error)
        if not pages:
            self.reject(Rejection(file=name, reason=reason))
        for number, page in enumerate(pages):
            yield {
                "sample_id": name.rsplit(".", 1)[0],
                "position": number,
                "modality": "page_image",
                "content_type": "image/png",
                "text_content": "",
                "binary_content": page,
                "url": entry.get("url") or "",
                "pdf_name": name,
            }

    def _files(self, entries: list[Entry]) -> Iterator[tuple[Entry, bytes | None]]:
        """Each entry with its file, one at a time; None if it is not there."""
        if self.zip_base_dir:
            for entry in entries:
                yield entry, extract_pdf_from_zip(entry["file_name"], self.zip_base_dir)
        elif self.jsonl_base_dir:
            yield from self._of_lines(entries, self.jsonl_base_dir)
        else:
            for entry in entries:
                yield entry, _file_in(self.pdf_dir or "", entry["file_name"])

    def _of_lines(self, entries: list[Entry], folder: str) -> Iterator[tuple[Entry, bytes | None]]:
        """Files out of JSON lines; those of one file with offsets in one go."""
        for name, group in groupby(entries, lambda entry: entry.get("jsonl_file")):
            mine = list(group)
            try:
                path = inside(folder, str(name or ""))
            except ValueError:
                yield from ((entry, None) for entry in mine)
                continue
            offsets = [entry["byte_offset"] for entry in mine if _is_place(entry, "byte_offset")]
            found = extract_pdfs_from_jsonl_batch(path, offsets)
            for entry in mine:
                data = found.get(entry.get("byte_offset", -1))
                if data is None and not _is_place(entry, "byte_offset"):
                    line = entry["line_idx"] if _is_place(entry, "line_idx") else None
                    data = extract_pdf_from_jsonl(path, line_idx=line)
                yield entry, data


def _is_place(entry: Entry, name: str) -> bool:
    """Whether it says where a line is."""
    value = entry.get(name)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _file_in(folder: str, name: str) -> bytes | None:
    """A file of a folder; None if it is not there, leads out of it, or is larger than 512 MiB."""
    try:
        path = inside(folder, name)
        with input_errors(path), open_read(path) as file:
            data = file.read(MAX_PDF_BYTES + 1)
    except (CuratorError, OSError, ValueError):
        return None
    return data if len(data) <= MAX_PDF_BYTES else None
