"""The stage of `interleaved`: documents of files, without pictures and documents outside of limits.

data/NAME.parquet         what stays of a file's documents
removed/NAME.parquet      a row per document and per picture that went, and why
scores/NAME.parquet       a row per document and per picture: what was measured, and what became of it
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import islice
from typing import ClassVar

from curator_engine.errors import StageError, UnreadableFileError
from curator_engine.files.listing import Listing
from curator_engine.files.paths import join
from curator_engine.files.sharding import Shard
from curator_engine.files.storage import remove_others
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.files import FilePartitioner
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.interleaved.copies import Copies, hash_of_picture
from curator_text.interleaved.documents import Document, Part
from curator_text.interleaved.earlier_measures import EarlierMeasures, Known
from curator_text.interleaved.limits import (
    ONLY_NAMED,
    UNREADABLE,
    DocumentLimits,
    PictureLimits,
    document_reason,
    picture_reason,
)
from curator_text.interleaved.picture_measures import Measures, Wanted
from curator_text.interleaved.read_documents import documents_of
from curator_text.interleaved.result_tables import ResultTables
from curator_text.interleaved.score_tables import (
    Condition,
    Fields,
    Row,
    document_row,
    picture_row,
)
from curator_text.interleaved.watched_reader import WatchedReader
from curator_text.interleaved.write_documents import ENDINGS, InterleavedFile, OutputFormat

SAME_TEXTS = "same texts as an earlier document"
TOO_OFTEN = "picture is in too many documents"
_MOST_DOCUMENTS, _MOST_BYTES = 256, 32 << 20
"""That are held until they are decided on; to decide on one alone costs half a millisecond."""


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
    where: str | None = None
    """A condition that documents have to meet that are within the limits."""
    where_images: str | None = None
    """The same of pictures."""
    wanted: Wanted = field(default_factory=Wanted)
    """What is measured though no limit needs it."""
    scores: str | None = None
    """Folder of an earlier run whose measures are taken, where it has them."""
    _reader: WatchedReader | None = field(default=None, init=False, repr=False)
    _copies: Copies = field(default_factory=Copies, init=False, repr=False)
    writes_to: ClassVar[tuple[str, ...]] = ("output",)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Make the reader; its process begins with the first picture or PDF file."""
        self._reader = WatchedReader(
            wanted=self.measured, timeout_s=self.file_timeout, memory_bytes=self.file_memory
        )
        self._copies = Copies.load(self.copies) if self.copies else Copies()

    @cached_property
    def condition(self) -> Condition:
        """What pictures have to meet."""
        return Condition(option="--where-images", text=self.where_images)

    @cached_property
    def measured(self) -> Wanted:
        """What is measured, for limits and conditions and to be stored."""
        named, limits = self.condition.names, self.pictures.wanted
        return Wanted(
            sharpness=limits.sharpness or self.wanted.sharpness or "sharpness" in named,
            code_area=limits.code_area or self.wanted.code_area or "code_area" in named,
        )

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
        counts, with_field = Counter[str](), Counter[str]()
        condition = Condition(option="--where", text=self.where)
        tables = ResultTables(
            output=self.output, name=name, fields=condition.fields, stamp=task.stamp
        )
        earlier = EarlierMeasures(run=self.scores or "", name=name, stamp=task.stamp)
        self.count_rows(0)
        with (
            InterleavedFile(path=data, output_format=self.output_format) as file,
            tables,
            closing(earlier),
        ):
            for some in _some(self._looked(task, name, earlier, counts)):
                self.condition.decide(row for each in some for row in each.pictures)
                rows = [self._row(each, condition.fields) for each in some]
                condition.decide(rows)
                for each, row in zip(some, rows, strict=True):
                    with_field.update(n for n in condition.fields if n in each.document.fields)
                    tables.add(row, each.pictures)
                    if not row["reason"]:
                        counts.update({"kept": 1, **_counts("kept", each.document)})
                        file.add(each.document, task.data[0])
        written = [*([data] if file.is_written else []), *tables.written]
        about = {**task._metadata, **counts, "removed_by": tables.reasons, "with_field": with_field}
        return FileGroupTask(data=written, dataset_name=task.dataset_name, _metadata=about)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove files of a killed run that no finished task stands for."""
        for folder in ("data", "removed", "scores"):
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

    def _looked(
        self, task: FileGroupTask, name: str, earlier: EarlierMeasures, counts: Counter[str]
    ) -> Iterator["_Looked"]:
        """The documents of a file, each with the rows of its pictures; nothing is taken out of them yet."""
        for record, document in self._read(task, name):
            counts.update(_counts("in", document))
            is_copy = (task._metadata.get("file_index"), record) in self._copies.documents
            found: Known = {}
            if not is_copy:
                found = self._measures(document.parts, earlier.of(record), counts)
            place = {"id": document.id, "file": name, "record": record}
            pictures = [
                place | self._picture(number, part, found.get(number, {}), is_copy=is_copy)
                for number, part in enumerate(document.parts)
                if part.kind == "image"
            ]
            yield _Looked(document=document, place=place, pictures=pictures, is_copy=is_copy)

    def _picture(self, number: int, part: Part, measures: Measures | str, *, is_copy: bool) -> Row:
        """The row of a picture, with why it is outside of limits; not looked at in a copy, which goes as a whole."""
        reason = "" if is_copy else self._reason(part, measures)
        return picture_row(number, part, measures) | {"reason": reason}

    def _row(self, looked: "_Looked", fields: Fields) -> Row:
        """Take pictures that go out of a document; its row, with why what is left is outside of limits."""
        document = looked.document
        if looked.is_copy:
            for row in looked.pictures:
                row["reason"] = ""
            return looked.place | document_row(document, fields) | {"reason": SAME_TEXTS}
        gone = {row["position"] for row in looked.pictures if row["reason"]}
        document.parts = [part for n, part in enumerate(document.parts) if n not in gone]
        reason = document_reason(document, self.documents)
        return looked.place | document_row(document, fields) | {"reason": reason}

    def _measures(self, parts: list[Part], known: Known, counts: Counter[str]) -> Known:
        """Measures of pictures by their places, as far as they are not known; of those without bytes there are none."""
        pictures = {
            place: part
            for place, part in enumerate(parts)
            if part.kind == "image" and part.data is not None and not self._is_often(part)
        }
        found = {place: known[place] for place in pictures if self._is_enough(known.get(place))}
        new = {place: part for place, part in pictures.items() if place not in found}
        counts.update({"images_known": len(found), "images_measured": len(new)})
        measured = self.reader.measure(list(new.values())) if new else []
        return found | dict(zip(new, measured, strict=True))

    def _is_enough(self, measures: Measures | str | None) -> bool:
        """Whether an earlier run has measured of a picture what is wanted now."""
        if measures is None:
            return False
        wanted = [name for name, is_wanted in asdict(self.measured).items() if is_wanted]
        return not measures or isinstance(measures, str) or all(name in measures for name in wanted)

    def _reason(self, part: Part, measures: Measures | str) -> str:
        """Why a picture goes; empty if it is within the limits."""
        if self._is_often(part):
            return TOO_OFTEN
        if part.data is None:
            return ONLY_NAMED if self.pictures.need_data else ""
        if isinstance(measures, str):
            return f"{UNREADABLE}: {measures}"
        return picture_reason(measures, self.pictures)

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


@dataclass(kw_only=True)
class _Looked:
    """A document, and what was found out about its pictures."""

    document: Document
    place: Row
    pictures: list[Row]
    is_copy: bool


def _some(found: Iterable[_Looked]) -> Iterator[list[_Looked]]:
    """Documents that are decided on together."""
    waiting, size = list[_Looked](), 0
    for each in found:
        waiting.append(each)
        size += sum(row["num_bytes"] for row in each.pictures)
        if len(waiting) >= _MOST_DOCUMENTS or size >= _MOST_BYTES:
            yield waiting
            waiting, size = [], 0
    if waiting:
        yield waiting


def _counts(when: str, document: Document) -> dict[str, int]:
    return {f"texts_{when}": document.count("text"), f"images_{when}": document.count("image")}
