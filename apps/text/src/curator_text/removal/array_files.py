"""Files of the cache: arrays and tables, written whole or not at all."""

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from curator_engine.files.paths import is_remote
from curator_engine.files.storage import open_atomic, open_read, read_bytes, write_atomic


def save_array(path: str, array: NDArray[Any]) -> None:
    """Write one array."""
    rows = np.ascontiguousarray(array)
    header = np.lib.format.header_data_from_array_1_0(rows)
    with open_atomic(path) as file:
        np.lib.format.write_array_header_1_0(file, header)
        file.write(rows.reshape(-1).view(np.uint8).data)


def save_arrays(path: str, arrays: dict[str, NDArray[Any]]) -> None:
    """Write arrays to one file."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    write_atomic(path, buffer.getvalue())


def load_arrays(path: str) -> dict[str, NDArray[Any]]:
    """Read what `save_arrays` wrote."""
    with np.load(io.BytesIO(read_bytes(path)), allow_pickle=False) as arrays:
        return dict(arrays)


def load_array(path: str) -> NDArray[Any]:
    """Read what `save_array` wrote."""
    array: NDArray[Any] = np.load(io.BytesIO(read_bytes(path)), allow_pickle=False)
    return array


def mapped_array(path: str) -> NDArray[Any]:
    """As `load_array`; a local one stays on disk until it is looked at, and is opened once by a process."""
    if is_remote(path):
        return load_array(path)
    stat = Path(path).stat()
    return _mapped_at(path, stat.st_ino, stat.st_mtime_ns)


@lru_cache(maxsize=2)
def _mapped_at(path: str, *mark: int) -> NDArray[Any]:
    """`mark` tells the file from an earlier one at that place."""
    del mark
    return np.load(path, mmap_mode="r", allow_pickle=False)


def save_table(path: str, table: pa.Table) -> None:
    """Write an Arrow table as one batch."""
    with open_atomic(path) as file:
        sink: Any = file
        with ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())


def load_table(path: str) -> pa.Table:
    """Read what `save_table` wrote."""
    source: Any = open_read(path) if is_remote(path) else pa.memory_map(path)
    with source, ipc.open_file(source) as reader:
        return reader.read_all()
