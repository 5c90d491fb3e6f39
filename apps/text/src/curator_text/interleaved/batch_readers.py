"""NeMo Curator's readers of documents of texts and pictures: tars in the form of MINT-1T, and Parquet of rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import SettingsError, UnreadableFileError
from curator_engine.files.paths import use_options
from curator_engine.files.storage import input_errors, open_read
from curator_engine.positional import positional
from curator_engine.stage import AnyStage, CompositeStage, ProcessingStage, Rejection
from curator_engine.stages.file_groups import FilePartitioningStage
from curator_engine.stages.given_options import STORAGE, options_in
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.interleaved.batch_tables import fitted, pieces, table_of, wanted_schema
from curator_text.interleaved.documents import (
    RESERVED_COLUMNS,
    Document,
    InterleavedBatch,
    rows_of,
)
from curator_text.interleaved.read_documents import SampleFields, documents_of
from curator_text.interleaved.watched_reader import WatchedReader

_TARS = [".tar", ".tar.gz", ".tgz"]
_JSON = (".json",)
_PICTURES = (".jpg", ".jpeg", ".png", ".tiff", ".tif", ".webp", ".gif", ".bmp", ".avif")

type Rows = list[dict[str, Any]]


@positional("read_kwargs", "schema", "schema_overrides", "name")
@dataclass(kw_only=True)
class BaseInterleavedReader(ProcessingStage[FileGroupTask, InterleavedBatch]):
    """Read files as documents of texts and pictures: a subclass says how, in `read_file`."""

    name: str = "base_interleaved_reader"
    # Options of storage may be keys, which no message shows.
    read_kwargs: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """`storage_options`."""
    schema: pa.Schema | None = None
    """The columns, all of them; those of the input unless given."""
    schema_overrides: dict[str, pa.DataType] | None = None
    """Other types, and more columns, than `INTERLEAVED_SCHEMA` has."""
    max_batch_bytes: int | None = None
    """Bytes of texts and pictures in a batch; a document is never cut."""
    _options: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.schema = wanted_schema(self.schema, self.schema_overrides)
        self.schema_overrides = None
        self._options = options_in("read_kwargs", self.read_kwargs, known={}, used=())

    def read_file(self, path: str) -> Iterator[Rows]:
        """The rows of each document of a file."""
        raise NotImplementedError(f"{type(self).__name__} does not define read_file().")

    def process(self, task: FileGroupTask) -> Iterator[InterleavedBatch]:
        """The documents of the task's files, in their order."""
        use_options(task.data, self._options.get(STORAGE))
        about = {**task._metadata, "source_files": task.data}
        for rows in pieces(self._samples(task), self.max_batch_bytes):
            table = table_of(rows, self.schema)
            yield InterleavedBatch(
                data=table, dataset_name=task.dataset_name, _metadata=dict(about)
            )

    def _samples(self, task: FileGroupTask) -> Iterator[Rows]:
        for path in task.data:
            try:
                yield from self.read_file(path)
            except UnreadableFileError as error:
                self.reject_file(path, error)


@positional(
    *("read_kwargs", "schema", "schema_overrides", "materialize_on_read", "max_batch_bytes"),
    *("json_extensions", "image_extensions", "sample_id_field", "texts_field", "images_field"),
    *("image_member_field", "fields", "per_image_fields", "per_text_fields", "name"),
)
@dataclass(kw_only=True)
class InterleavedWebdatasetReaderStage(BaseInterleavedReader):
    """Read tars in the form of MINT-1T.

    Bytes of pictures are in the rows at once. A picture of a file of several (TIFF) becomes a file of its own.

    Example:
        >>> InterleavedWebdatasetReaderStage(per_image_fields=("p_hash",))
    """

    name: str = "webdataset_reader"
    materialize_on_read: bool = False
    """Accepted: a tar is read once, so bytes of pictures are in the rows in either case."""
    json_extensions: tuple[str, ...] = _JSON
    image_extensions: tuple[str, ...] = _PICTURES
    sample_id_field: str | None = None
    """Field with the document's id; its key in the tar unless given."""
    texts_field: str = "texts"
    images_field: str = "images"
    image_member_field: str | None = None
    """Field that names the file with all pictures of a document."""
    fields: tuple[str, ...] | None = None
    """Other fields that become columns; all unless given."""
    per_image_fields: tuple[str, ...] = ()
    """Fields with a list of a value for each picture."""
    per_text_fields: tuple[str, ...] = ()
    """Fields with a list of a value for each text."""
    _reader: WatchedReader = field(default_factory=WatchedReader, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        own = (*(self.fields or ()), *self.per_image_fields, *self.per_text_fields)
        if taken := sorted(RESERVED_COLUMNS & set(own)):
            raise SettingsError(f"fields has {', '.join(taken)}, which the rows have themselves.")

    def read_file(self, path: str) -> Iterator[Rows]:
        """The rows of each sample; one that is no document goes to quarantine."""
        layout = SampleFields(
            id=self.sample_id_field or "",
            texts=self.texts_field,
            images=self.images_field,
            member=self.image_member_field,
            json_endings=tuple(self.json_extensions),
            picture_endings=tuple(self.image_extensions),
        )
        for found in documents_of(path, path, self._reader.pdf, layout):
            if found.document is None:
                self.reject(
                    Rejection(file=path, reason=found.reason, line=found.record + 1, raw=b"")
                )
            else:
                yield self._rows(found.document, path)

    def teardown(self) -> None:
        """End the process that takes pictures out of files of several."""
        self._reader.close()

    def _rows(self, document: Document, path: str) -> Rows:
        self._cut(document)
        lists = {
            name: document.fields.pop(name, None)
            for name in (*self.per_image_fields, *self.per_text_fields)
        }
        own = {
            name: value
            for name, value in document.fields.items()
            if name not in RESERVED_COLUMNS and (self.fields is None or name in self.fields)
        }
        rows = [{**own, **row} for row in rows_of(document, path)]
        for kind, names in (("image", self.per_image_fields), ("text", self.per_text_fields)):
            mine = [row for row in rows if row["modality"] == kind]
            for name in names:
                _give_each(rows, mine, name, lists[name])
        return rows

    def _cut(self, document: Document) -> None:
        """Make pictures of files of several files of their own."""
        for part in document.parts:
            if part.frame is None or part.data is None:
                continue
            try:
                part.data, part.content_type = self._reader.one_frame(part), "image/tiff"
            except ValueError:
                # Not a picture: what it is stays to be judged by the filters.
                continue


def _give_each(rows: Rows, mine: Rows, name: str, values: Any) -> None:
    """Give each row its value of a list with one for each of them, or for each of all rows."""
    if not isinstance(values, list):
        return
    content = [row for row in rows if row["position"] >= 0]
    for row, value in zip(content if len(values) == len(content) else mine, values, strict=False):
        if any(row is each for each in mine):
            row[name] = value


@positional("read_kwargs", "schema", "schema_overrides", "fields", "max_batch_bytes", "name")
@dataclass(kw_only=True)
class InterleavedParquetReaderStage(BaseInterleavedReader):
    """Read Parquet with the rows of documents; those of a document stand together.

    Example:
        >>> InterleavedParquetReaderStage(fields=("url",))
    """

    name: str = "interleaved_parquet_reader"
    fields: tuple[str, ...] | None = None
    """Columns beside those of `INTERLEAVED_SCHEMA`; all unless given."""

    def read_file(self, path: str) -> Iterator[Rows]:
        """The rows of each document.

        Raises:
            UnreadableFileError: It is damaged, or lacks a column that every row must have.
        """
        with input_errors(path), open_read(path) as file, pq.ParquetFile(file) as table:
            names = table.schema_arrow.names
            if missing := sorted(InterleavedBatch.REQUIRED_COLUMNS - set(names)):
                raise UnreadableFileError(f"{path} has no column {', '.join(missing)}.")
            kept = [
                name
                for name in names
                if name in RESERVED_COLUMNS or self.fields is None or name in self.fields
            ]
            sample = list[dict[str, Any]]()
            for batch in table.iter_batches(batch_size=64, columns=kept, use_threads=False):
                for row in fitted(pa.table(batch), None).to_pylist():
                    if sample and row["sample_id"] != sample[0]["sample_id"]:
                        yield sample
                        sample = list[dict[str, Any]]()
                    sample.append(row)
            if sample:
                yield sample


@dataclass(kw_only=True)
class _Readers(CompositeStage[EmptyTask, InterleavedBatch]):
    """List files, then read them."""

    file_paths: str | list[str]
    """Files, folders or globs."""
    files_per_partition: int | None = None
    blocksize: int | str | None = None
    """Bytes of files in a task, as 128MB; a file each unless given."""
    max_batch_bytes: int | None = None
    """Bytes of texts and pictures in a batch; a document is never cut."""
    read_kwargs: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """`storage_options`."""
    file_extensions: list[str]

    def decompose(self) -> list[AnyStage]:
        """The listing and the reader."""
        listing = FilePartitioningStage(
            file_paths=self.file_paths,
            files_per_partition=self.files_per_partition,
            blocksize=self.blocksize,
            file_extensions=list(self.file_extensions),
            storage_options=(self.read_kwargs or {}).get(STORAGE) or {},
        )
        return [listing, self._reader()]

    def _reader(self) -> AnyStage:
        raise NotImplementedError


@positional(
    *("file_paths", "files_per_partition", "blocksize", "max_batch_bytes", "read_kwargs"),
    *("materialize_on_read", "file_extensions", "json_extensions", "image_extensions"),
    *("sample_id_field", "texts_field", "images_field", "image_member_field", "fields"),
    *("per_image_fields", "per_text_fields", "name"),
)
@dataclass(kw_only=True)
class InterleavedWebdatasetReader(_Readers):
    """List tars in the form of MINT-1T, and read them.

    Example:
        >>> InterleavedWebdatasetReader("shards/", per_image_fields=("p_hash",))
    """

    name: str = "interleaved_webdataset_reader"
    materialize_on_read: bool = False
    """Accepted: a tar is read once, so bytes of pictures are in the rows in either case."""
    file_extensions: list[str] = field(default_factory=lambda: list(_TARS))
    json_extensions: list[str] = field(default_factory=lambda: list(_JSON))
    image_extensions: list[str] = field(default_factory=lambda: list(_PICTURES))
    sample_id_field: str | None = None
    """Field with the document's id; its key in the tar unless given."""
    texts_field: str = "texts"
    images_field: str = "images"
    image_member_field: str | None = None
    """Field that names the file with all pictures of a document."""
    fields: tuple[str, ...] | None = None
    """Other fields that become columns; all unless given."""
    per_image_fields: tuple[str, ...] = ()
    """Fields with a list of a value for each picture."""
    per_text_fields: tuple[str, ...] = ()
    """Fields with a list of a value for each text."""

    def _reader(self) -> AnyStage:
        return InterleavedWebdatasetReaderStage(
            read_kwargs=self.read_kwargs,
            materialize_on_read=self.materialize_on_read,
            max_batch_bytes=self.max_batch_bytes,
            json_extensions=tuple(self.json_extensions),
            image_extensions=tuple(self.image_extensions),
            sample_id_field=self.sample_id_field,
            texts_field=self.texts_field,
            images_field=self.images_field,
            image_member_field=self.image_member_field,
            fields=self.fields,
            per_image_fields=self.per_image_fields,
            per_text_fields=self.per_text_fields,
        )


@positional(
    *("file_paths", "files_per_partition", "blocksize", "fields", "max_batch_bytes", "read_kwargs"),
    *("schema", "schema_overrides", "file_extensions", "name"),
)
@dataclass(kw_only=True)
class InterleavedParquetReader(_Readers):
    """List Parquet files with the rows of documents, and read them.

    Example:
        >>> InterleavedParquetReader("rows/", max_batch_bytes=64 << 20)
    """

    name: str = "interleaved_parquet_reader"
    fields: tuple[str, ...] | None = None
    """Columns beside those of `INTERLEAVED_SCHEMA`; all unless given."""
    schema: pa.Schema | None = None
    """The columns, all of them; those of the input unless given."""
    schema_overrides: dict[str, pa.DataType] | None = None
    """Other types, and more columns, than `INTERLEAVED_SCHEMA` has."""
    file_extensions: list[str] = field(default_factory=lambda: [".parquet"])

    def _reader(self) -> AnyStage:
        return InterleavedParquetReaderStage(
            read_kwargs=self.read_kwargs,
            schema=self.schema,
            schema_overrides=self.schema_overrides,
            fields=self.fields,
            max_batch_bytes=self.max_batch_bytes,
        )
