"""NeMo Curator's writers of documents of texts and pictures: Parquet of their rows, and tars in the form of MINT-1T."""

import logging
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import InputError
from curator_engine.files.storage import open_atomic
from curator_engine.positional import positional
from curator_engine.stages.given_options import STORAGE, WRITE_PARQUET
from curator_engine.stages.table_writer import FolderWriter
from curator_engine.task import ArrowArray, FileGroupTask
from curator_text.interleaved.batch_tables import fitted, wanted_schema
from curator_text.interleaved.documents import InterleavedBatch, from_rows
from curator_text.interleaved.source_refs import bytes_of_rows
from curator_text.interleaved.write_documents import InterleavedFile

_log = logging.getLogger(__name__)
_ORDER = (
    *("path", "write_kwargs", "materialize_on_write", "mode", "append_mode_implemented"),
    *("on_materialize_error", "schema", "schema_overrides", "file_extension", "name"),
)

type OnError = Literal["error", "warn", "drop_row", "drop_sample"]


@positional(
    *("path", "file_extension", "write_kwargs", "materialize_on_write", "name", "mode"),
    *("append_mode_implemented", "on_materialize_error", "schema", "schema_overrides"),
)
@dataclass(kw_only=True)
class BaseInterleavedWriter(FolderWriter[InterleavedBatch]):
    """Write a file of each batch: a subclass says how, in `write_table`."""

    name: str = "base_interleaved_writer"
    materialize_on_write: bool = True
    """Get the bytes of pictures that rows only refer to."""
    append_mode_implemented: bool = False
    """Accepted: files of several runs stay side by side with mode="append"."""
    on_materialize_error: OnError = "error"
    """What becomes of pictures whose bytes cannot be had."""
    schema: pa.Schema | None = None
    """The columns, all of them; those of the batch unless given."""
    schema_overrides: dict[str, pa.DataType] | None = None
    """Other types, and more columns, than `INTERLEAVED_SCHEMA` has."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.schema = wanted_schema(self.schema, self.schema_overrides)
        self.schema_overrides = None

    @property
    def ending(self) -> str:
        """Ending of the files, with its dot."""
        return f".{self._given}"

    def write_table(self, table: pa.Table, path: str) -> None:
        """Write rows as one file, whole or not at all."""
        raise NotImplementedError(f"{type(self).__name__} does not define write_table().")

    def process(self, task: InterleavedBatch) -> FileGroupTask | None:
        """Write the batch.

        Raises:
            InputError: Bytes of a picture cannot be had.
        """
        table = self._with_bytes(task.data) if self.materialize_on_write else task.data
        if not table.num_rows:
            return None
        with self.file_of(task) as path:
            self.write_table(fitted(table, self.schema), path)
        facts = {**task._metadata, "format": self._given}
        return FileGroupTask(data=[path], dataset_name=task.dataset_name, _metadata=facts)

    def _with_bytes(self, table: pa.Table) -> pa.Table:
        kinds, content = table.column("modality").to_pylist(), table.column("binary_content")
        wanted = np.array([kind == "image" for kind in kinds]) & content.is_null().to_numpy()
        if not wanted.any():
            return table
        rows = table.filter(pa.array(wanted)).select(["binary_content", "source_ref"]).to_pylist()
        found = dict(zip(np.flatnonzero(wanted).tolist(), bytes_of_rows(rows), strict=True))
        data = [found[at][0] if at in found else value.as_py() for at, value in enumerate(content)]
        errors = [
            found[at][1] or None if at in found else value.as_py()
            for at, value in enumerate(table.column("materialize_error"))
        ]
        table = _replaced(table, "binary_content", pa.array(data, pa.large_binary()))
        table = _replaced(table, "materialize_error", pa.array(errors, pa.string()))
        return self._without_failed(table, [error is not None for error in errors])

    def _without_failed(self, table: pa.Table, failed: list[bool]) -> pa.Table:
        """What is left of rows of which some have no picture, as `on_materialize_error` says.

        Raises:
            InputError: It says that this is an error.
        """
        count = sum(failed)
        if not count:
            return table
        if self.on_materialize_error == "error":
            why = table.column("materialize_error")[failed.index(True)].as_py()
            raise InputError(
                f"the bytes of {count:,} pictures cannot be had, the first because {why}; "
                "on_materialize_error='warn', 'drop_row' or 'drop_sample' goes on."
            )
        if self.on_materialize_error == "warn":
            _log.warning("the bytes of %s pictures cannot be had; their rows stay.", f"{count:,}")
            return table
        samples = table.column("sample_id").to_pylist()
        if self.on_materialize_error == "drop_sample":
            bad = {name for name, is_bad in zip(samples, failed, strict=True) if is_bad}
            failed = [name in bad for name in samples]
        self.count_drops({"bytes cannot be had": sum(failed)})
        return table.filter(pa.array([not each for each in failed]))


def _replaced(table: pa.Table, name: str, values: ArrowArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


@positional(*_ORDER)
@dataclass(kw_only=True)
class InterleavedParquetWriterStage(BaseInterleavedWriter):
    """Write the rows as Parquet.

    Example:
        >>> InterleavedParquetWriterStage("rows", on_materialize_error="drop_row")
    """

    name: str = "interleaved_parquet_writer"
    file_extension: str | None = "parquet"
    known_options = WRITE_PARQUET
    used_options = ("compression", "row_group_size")

    def write_table(self, table: pa.Table, path: str) -> None:
        """Write rows as one file, whole or not at all."""
        options: dict[str, Any] = {"compression": "zstd", **self._options}
        options.pop(STORAGE, None)
        with open_atomic(path) as file:
            pq.write_table(table, file, **options)


@positional(*_ORDER)
@dataclass(kw_only=True)
class InterleavedWebdatasetWriterStage(BaseInterleavedWriter):
    """Write the documents as a tar in the form of MINT-1T; columns beside `INTERLEAVED_SCHEMA` do not go into it.

    Example:
        >>> InterleavedWebdatasetWriterStage("shards", mode="overwrite")
    """

    name: str = "interleaved_webdataset_writer"
    file_extension: str | None = "tar"

    def write_table(self, table: pa.Table, path: str) -> None:
        """Write documents as one file, whole or not at all."""
        with InterleavedFile(path=path, output_format="webdataset") as file:
            for document in from_rows(table.to_pylist()):
                file.add(document)
