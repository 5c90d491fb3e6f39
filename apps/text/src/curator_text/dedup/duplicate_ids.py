"""The ids of duplicates as NeMo Curator writes them, for scripts that remove in a step of their own.

A folder with one Parquet file of whole numbers, sorted, and the ranges of ids by file, from which
`JsonlReader(_assign_ids=True)` and `TextDuplicatesRemovalWorkflow(id_generator_path=...)` give the same
numbers again. Deduplication itself needs neither.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.files.blocks import iter_blocks
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, open_atomic, open_read, remove, remove_tree
from curator_engine.stages.files import format_of
from curator_engine.stages.id_generator import CURATOR_DEDUP_ID_STR, IdGeneratorBase, whole_path
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import schema_of
from curator_text.removal.corpus import Corpus

_ROWS = 1 << 18
"""Ids in a row group."""
_FILE = "part.0.parquet"


def write_numbers(
    output: str, corpus: Corpus, *, folder: str, ranges: str, column: str = CURATOR_DEDUP_ID_STR
) -> str:
    """Write the numbers of the duplicates, which `removed/` lists, and the ranges of all files.

    Args:
        output: The run's folder.
        corpus: The documents.
        folder: Name of the folder with the numbers.
        ranges: Name of the file with the ranges.
        column: Name of the numbers' column.

    Returns:
        Path of the ranges.
    """
    ids, rows = IdGeneratorBase(), dict[tuple[str, str], int]()
    for block in corpus.blocks:
        if not block.part:
            file = (block.path, block.name)
            rows[file] = rows.get(file, 0) + block.lines
    first = {
        name: ids.register_batch(whole_path(path), count) for (path, name), count in rows.items()
    }
    parts = [_numbers_in(path, first) for path in _removed(output)]
    numbers = np.sort(np.concatenate([np.empty(0, np.int64), *parts]))
    table = pa.table({column: pa.array(numbers, pa.int64())})
    with open_atomic(join(output, folder, _FILE)) as out:
        pq.write_table(table, out, compression="zstd", row_group_size=_ROWS)
    path = join(output, ranges)
    ids.to_disk(path)
    return path


def _removed(output: str) -> list[str]:
    folder = join(output, "removed")
    return [join(folder, name) for name in list_names(folder)]


def _numbers_in(path: str, first: dict[str, int]) -> NDArray[np.int64]:
    """The numbers of the documents in a file of `removed/`."""
    with open_read(path) as file:
        table = pq.read_table(file, columns=["file", "row"])
    if not table.num_rows:
        return np.empty(0, np.int64)
    names: Any = table.column("file").combine_chunks().dictionary_encode()
    bases = np.array([first[name] for name in names.dictionary.to_pylist()], np.int64)
    return bases[names.indices.to_numpy()] + table.column("row").to_numpy()


def write_own_ids(
    output: str, corpus: Corpus, *, folder: str, id_field: str | None, column: str = ""
) -> None:
    """Write the duplicates' own ids, as `removed/` has them: whole numbers if they are that in the input.

    Args:
        output: The run's folder.
        corpus: The documents.
        folder: Name of the folder with the ids.
        id_field: The field of the input; None for file and row.
        column: Name of the ids' column; that of the field unless given.
    """
    files = _removed(output)
    whole = (
        id_field is not None
        and _is_whole(corpus, id_field)
        and all(map(_all_whole, map(_ids_in, files)))
    )
    name = column or id_field or "id"
    schema = pa.schema({name: pa.int64() if whole else pa.string()})
    with (
        open_atomic(join(output, folder, _FILE)) as out,
        pq.ParquetWriter(out, schema, compression="zstd") as writer,
    ):
        for file in files:
            writer.write_table(pa.table([_ids_in(file).cast(schema.types[0])], schema=schema))


def _ids_in(path: str) -> Any:
    with open_read(path) as file:
        return pq.read_table(file, columns=["id"]).column("id")


def _all_whole(ids: Any) -> bool:
    """Whether all are whole numbers: one that has no id of its own is named by file and row."""
    try:
        ids.cast(pa.int64())
    except pa.ArrowInvalid:
        return False
    return True


def forget_ids(output: str, *, folder: str, ranges: str) -> None:
    """Remove what an earlier run wrote of this, which may not be so any more."""
    remove_tree(join(output, folder))
    remove(join(output, ranges))


def _is_whole(corpus: Corpus, id_field: str) -> bool:
    """Whether the field has whole numbers in the first file that has it."""
    for path in dict.fromkeys(block.path for block in corpus.blocks):
        if format_of(path) == "parquet":
            schema = schema_of(path)
        else:
            _, data = next(iter_blocks(path, block_bytes=1 << 20), (0, b""))
            schema = read_block(data).table.schema
        if id_field in schema.names:
            return pa.types.is_integer(schema.field(id_field).type)
    return False
