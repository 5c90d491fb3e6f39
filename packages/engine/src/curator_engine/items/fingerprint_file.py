"""`fingerprints.arrow`: what the copies of a run's items are found by, also by later runs.

It is an Arrow file, so that it is read from the disk where it is needed and takes no memory for all.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import InputError, StorageError
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists, list_names, open_atomic, open_read, storage_errors

FILE = "fingerprints.arrow"


@dataclass(frozen=True, kw_only=True)
class FingerprintFile:
    """The fingerprints of an app's runs.

    Example:
        PRINTS = FingerprintFile(schema=FINGERPRINTS, made_by="curator-image curate")
    """

    schema: pa.Schema
    """Its columns; `uuid` is the item's id."""
    made_by: str
    """The command that makes it."""

    def join(self, parts: str, output: str, earlier: pa.Table | None = None) -> pa.Table:
        """Make the file of what there was and of the parts in a folder, in the order of their names.

        Returns:
            The fingerprints, as `open` gives them.

        Raises:
            StorageError: A part cannot be read, or the file not written.
        """

        def tables() -> Iterable[pa.Table]:
            if earlier is not None:
                yield earlier
            for name in sorted(list_names(parts)):
                with open_read(join(parts, name)) as part:
                    yield pq.read_table(part, use_threads=False)

        return self.write(tables(), join(output, FILE))

    def write(self, tables: Iterable[pa.Table], path: str) -> pa.Table:
        """Make a file of tables, one below the other.

        Returns:
            The fingerprints, as `read` gives them.

        Raises:
            StorageError: It cannot be written.
        """
        with (
            storage_errors(path, "writing"),
            open_atomic(path) as file,
            pa.ipc.new_file(cast(io.IOBase, file), self.schema) as writer,
        ):
            for table in tables:
                writer.write_table(self._whole(table))
        return self.read(path)

    def open(self, output: str) -> pa.Table:
        """The fingerprints of a run; those of a local folder stay on the disk.

        Raises:
            InputError: The folder holds none.
            StorageError: The file cannot be read.
        """
        path = join(output, FILE)
        if not exists(path):
            raise InputError(f"{output} holds no {FILE}; run {self.made_by} first.")
        return self.read(path)

    def read(self, path: str) -> pa.Table:
        """A file of fingerprints; a local one stays on the disk.

        Raises:
            StorageError: It cannot be read.
        """
        with storage_errors(path, "reading"):
            try:
                if is_remote(path):
                    with open_read(path) as file:
                        return self._whole(pa.ipc.open_file(pa.py_buffer(file.read())).read_all())
                return self._whole(pa.ipc.open_file(pa.memory_map(path)).read_all())
            except pa.ArrowInvalid as error:
                raise StorageError(
                    f"{path} is no Arrow file ({error}); remove it and run {self.made_by} again."
                ) from error

    def _whole(self, table: pa.Table) -> pa.Table:
        """With nulls where a file of before lacks a column."""
        if table.schema.equals(self.schema):
            return table
        both = pa.concat_tables([self.schema.empty_table(), table], promote_options="default")
        return both.select(self.schema.names)
