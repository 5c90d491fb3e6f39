"""`fingerprints.arrow`: what the copies of a run's pictures are found by, also later.

It is an Arrow file, so that it is read from the disk where it is needed and takes no memory for all.
"""

import io
from collections.abc import Iterable, Iterator
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import InputError, StorageError
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists, list_names, open_atomic, open_read, storage_errors
from curator_image.duplicates.fingerprint import FINGERPRINTS

FILE = "fingerprints.arrow"


def join_fingerprints(parts: str, output: str) -> pa.Table:
    """Make the file of the parts in a folder, in the order of their names.

    Returns:
        The fingerprints, as `open_fingerprints` gives them.

    Raises:
        StorageError: A part cannot be read, or the file not written.
    """

    def tables() -> Iterator[pa.Table]:
        for name in sorted(list_names(parts)):
            with open_read(join(parts, name)) as part:
                yield pq.read_table(part, use_threads=False)

    return write_fingerprints(tables(), output)


def write_fingerprints(tables: Iterable[pa.Table], output: str) -> pa.Table:
    """Make the file of tables, one below the other.

    Returns:
        The fingerprints, as `open_fingerprints` gives them.

    Raises:
        StorageError: It cannot be written.
    """
    path = join(output, FILE)
    with (
        storage_errors(path, "writing"),
        open_atomic(path) as file,
        pa.ipc.new_file(cast(io.IOBase, file), FINGERPRINTS) as writer,
    ):
        for table in tables:
            writer.write_table(table)
    return open_fingerprints(output)


def open_fingerprints(output: str) -> pa.Table:
    """The fingerprints of a run; those of a local folder stay on the disk.

    Raises:
        InputError: The folder holds none.
        StorageError: The file cannot be read.
    """
    path = join(output, FILE)
    if not exists(path):
        raise InputError(
            f"{output} holds no {FILE}; give the folder of a finished curator-image curate."
        )
    return read_arrow(path)


def read_arrow(path: str) -> pa.Table:
    """A file of fingerprints; a local one stays on the disk.

    Raises:
        StorageError: It cannot be read.
    """
    with storage_errors(path, "reading"):
        try:
            if is_remote(path):
                with open_read(path) as file:
                    return pa.ipc.open_file(pa.py_buffer(file.read())).read_all()
            return pa.ipc.open_file(pa.memory_map(path)).read_all()
        except pa.ArrowInvalid as error:
            raise StorageError(f"{path} is no Arrow file ({error}); curate again.") from error
