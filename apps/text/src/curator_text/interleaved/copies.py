"""Pictures that are in many documents, as logos are, and documents whose texts are those of an earlier one.

Both are told by their bytes: first every file's are counted, then the counts are added up.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xxhash

from curator_engine.errors import UnreadableFileError
from curator_engine.files.paths import join
from curator_engine.files.storage import open_read
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_text.interleaved.documents import Document, Part
from curator_text.interleaved.read_documents import documents_of
from curator_text.interleaved.watched_reader import WatchedReader

_COUNTS = pa.schema(
    [
        pa.field("hash", pa.binary(16)),
        *(pa.field(name, pa.int64()) for name in ("documents", "file_index", "record")),
    ]
)
"""A row per picture of a file, with its number of documents, and per document, of texts and place."""


@dataclass(frozen=True, kw_only=True)
class Copies:
    """What a run takes out for being a copy."""

    pictures: frozenset[bytes] = frozenset()
    """Hashes of those that are in too many documents."""
    documents: frozenset[tuple[int, int]] = frozenset()
    """Those whose texts came before: numbers of file and record."""

    @classmethod
    def load(cls, path: str) -> "Copies":
        """Read what `save_copies` wrote."""
        with open_read(path) as file:
            table = pq.read_table(file)
        is_picture = pc.is_null(table.column("record"))
        texts = table.filter(pc.invert(is_picture)).select(["file_index", "record"])
        pictures = table.filter(is_picture).select(["hash"])
        return cls(
            pictures=frozenset(row["hash"] for row in pictures.to_pylist()),
            documents=frozenset((row["file_index"], row["record"]) for row in texts.to_pylist()),
        )


def hash_of_picture(part: Part) -> bytes:
    """Of its bytes and its place among several; of its name if it is only named."""
    if part.data is None:
        return xxhash.xxh3_128_digest(b"name:" + part.name.encode("utf-8", "replace"))
    if not part.frame:
        return xxhash.xxh3_128_digest(part.data)
    return xxhash.xxh3_128_digest(part.data, seed=part.frame)


def hash_of_texts(document: Document) -> bytes | None:
    """Of all its texts, white space apart; None if it has none."""
    words = document.text.split()
    return xxhash.xxh3_128_digest(" ".join(words).encode("utf-8", "replace")) if words else None


@dataclass(kw_only=True)
class CountCopies(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Count pictures, and hash texts, of the documents of a file; gives a reference to a table of them."""

    path: str
    """Folder for the tables."""
    file_timeout: float = 120.0
    """Seconds for a PDF file."""
    file_memory: int = 4 << 30
    """Bytes that its reader may use."""
    _reader: WatchedReader = field(default_factory=WatchedReader, init=False, repr=False)
    writes_to: ClassVar[tuple[str, ...]] = ("path",)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Make the reader of PDF files; its process begins with the first one."""
        self._reader = WatchedReader(timeout_s=self.file_timeout, memory_bytes=self.file_memory)

    def teardown(self) -> None:
        """End the reader's process."""
        self._reader.close()

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Count what is in a file; what cannot be read of it, the stage that filters says."""
        pictures, rows = Counter[bytes](), list[dict[str, Any]]()
        for record, document in self._documents(task):
            pictures.update(
                {hash_of_picture(part) for part in document.parts if part.kind == "image"}
            )
            if (texts := hash_of_texts(document)) is not None:
                place = {"file_index": task._metadata["file_index"], "record": record}
                rows.append({"hash": texts, "documents": 1, **place})
        rows += [{"hash": each, "documents": count} for each, count in pictures.items()]
        path = join(self.path, f"{task._metadata['name']}.parquet")
        write_table(path, pa.Table.from_pylist(rows, _COUNTS))
        return FileGroupTask(data=[path], dataset_name=task.dataset_name, _metadata=task._metadata)

    def _documents(self, task: FileGroupTask) -> Iterator[tuple[int, Document]]:
        name, most = str(task._metadata["name"]), task.reader_config.get("max_documents")
        try:
            for found in islice(documents_of(task.data[0], name, self._reader.pdf), most):
                if found.document is not None:
                    yield found.record, found.document
        except UnreadableFileError:
            return


def save_copies(
    tables: Iterable[str], path: str, *, most_documents: int | None, by_texts: bool
) -> None:
    """Add up the counts of all files, and write what is to be taken out.

    Args:
        tables: Paths of those that `CountCopies` wrote.
        path: Of the file.
        most_documents: How many documents a picture may be in; any if None.
        by_texts: Whether documents go whose texts an earlier document has.

    Raises:
        StorageError: A table cannot be read, or the file not be written.
    """
    whole = pa.concat_tables([_COUNTS.empty_table(), *map(_read, tables)])
    is_picture = pc.is_null(whole.column("record"))
    found = [_COUNTS.empty_table()]
    if most_documents is not None:
        sums = whole.filter(is_picture).group_by("hash").aggregate([("documents", "sum")])
        often = sums.filter(pc.greater(sums.column("documents_sum"), pa.scalar(most_documents)))
        found.append(_fitted(often.select(["hash"])))
    if by_texts:
        texts = whole.filter(pc.invert(is_picture)).sort_by(
            [("file_index", "ascending"), ("record", "ascending")]
        )
        texts = texts.append_column("place", pa.array(range(texts.num_rows), pa.int64()))
        first = texts.group_by("hash").aggregate([("place", "min")]).column("place_min")
        later = pc.invert(pc.is_in(texts.column("place"), value_set=first.combine_chunks()))
        found.append(_fitted(texts.filter(later)))
    write_table(path, pa.concat_tables(found))


def _fitted(table: pa.Table) -> pa.Table:
    columns = list[Any]()
    for name in _COUNTS.names:
        has_it = name in table.column_names
        columns.append(table.column(name) if has_it else pa.nulls(table.num_rows, pa.int64()))
    return pa.table(columns, schema=_COUNTS)


def _read(path: str) -> pa.Table:
    with open_read(path) as file:
        return pq.read_table(file)
