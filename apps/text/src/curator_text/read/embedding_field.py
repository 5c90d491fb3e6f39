"""Look at a field of embeddings before running: is it there, how many numbers has it."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.files.blocks import iter_blocks
from curator_engine.files.listing import FileInfo
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import iter_row_groups
from curator_engine.stages.parquet_files import left_out
from curator_engine.task import ArrowColumn
from curator_engine.vectors.matrix import vectors_of
from curator_text.read.preflight import check_text_field

_SAMPLE_BYTES, _SAMPLE_FILES = 1 << 20, 20


def check_embedding_field(files: Sequence[FileInfo], name: str) -> int:
    """Numbers per embedding, as most rows at the beginning of the files have them.

    Raises:
        InputError: No file has the field, or it holds no embeddings.
    """
    check_text_field(files, name, option="embedding")
    sizes: list[int] = []
    for file in files[:: max(1, len(files) // _SAMPLE_FILES)]:
        column = _first_rows(file.path, name)
        vectors = vectors_of(column) if column is not None else None
        if vectors is not None and len(vectors.rows):
            sizes += [vectors.matrix.shape[1]] * len(vectors.rows)
    if not sizes:
        raise InputError(
            f"the embedding field {name!r} holds no lists of numbers; use --embedding-field."
        )
    return int(np.bincount(sizes).argmax())


def _first_rows(path: str, name: str) -> ArrowColumn | None:
    try:
        if format_of(path) == "parquet":
            for _, table in iter_row_groups(path, [name], reject=left_out):
                return table.slice(0, 1000).column(name) if name in table.column_names else None
            return None
        for _, data in iter_blocks(path, block_bytes=_SAMPLE_BYTES):
            return read_block(data, {name: pa.list_(pa.float64())}).table.column(name)
    except UnreadableFileError:
        return None
    return None
