"""`fingerprints.arrow`: what the copies of a run's segments are found by, also by later runs.

It is an Arrow file, so that it is read from the disk where it is needed and takes no memory for all.
"""

import io
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from curator_audio.duplicates.fingerprint import FINGERPRINTS
from curator_engine.errors import InputError, StorageError
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists, list_names, open_atomic, open_read, storage_errors

FILE = "fingerprints.arrow"


def join_fingerprints(parts: str, output: str, earlier: pa.Table | None = None) -> pa.Table:
    """Make the file of what there was and of the parts in a folder, in the order of their names.

    Returns:
        The fingerprints, as `open_fingerprints` gives them.

    Raises:
        StorageError: A part cannot be read, or the file not written.
    """
    path = join(output, FILE)
    with (
        storage_errors(path, "writing"),
        open_atomic(path) as file,
        pa.ipc.new_file(cast(io.IOBase, file), FINGERPRINTS) as writer,
    ):
        if earlier is not None:
            writer.write_table(earlier)
        for name in sorted(list_names(parts)):
            with open_read(join(parts, name)) as part:
                writer.write_table(pq.read_table(part, use_threads=False))
    return open_fingerprints(output)


def open_fingerprints(output: str) -> pa.Table:
    """The fingerprints of a run; those of a local folder stay on the disk.

    Raises:
        InputError: The folder holds none.
        StorageError: The file cannot be read.
    """
    path = join(output, FILE)
    if not exists(path):
        raise InputError(f"{output} holds no {FILE}; run curator-audio dedup on it first.")
    with storage_errors(path, "reading"):
        try:
            if is_remote(path):
                with open_read(path) as file:
                    return pa.ipc.open_file(pa.py_buffer(file.read())).read_all()
            return pa.ipc.open_file(pa.memory_map(path)).read_all()
        except pa.ArrowInvalid as error:
            raise StorageError(
                f"{path} is no Arrow file ({error}); remove it and run dedup again."
            ) from error
