"""Read files of embeddings, Parquet or JSON lines, and draw a sample of their vectors."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.files.blocks import iter_blocks
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import iter_row_groups
from curator_engine.task import ArrowColumn
from curator_engine.vectors.matrix import Matrix, vectors_of


def read_rows(
    path: str, columns: Sequence[str], *, span: tuple[int, int] | None = None
) -> Iterator[tuple[int, pa.Table]]:
    """Tables of these columns, each with the number of its first row (of the first item for lines).

    Raises:
        InputError: A column is missing.
        UnreadableFileError: The file cannot be read.
    """
    if format_of(path) == "parquet":
        for row, table in iter_row_groups(path, list(columns), span=span):
            yield row, _select(path, table, columns)
        return
    row = 0
    for _, data in iter_blocks(path, span=span):
        table = read_block(data).table
        if table.num_rows:
            yield row, _select(path, table, columns)
        row += table.num_rows


def sample_vectors(
    files: Sequence[str],
    *,
    id_field: str,
    embedding_field: str,
    rows: int,
    fraction: float | None = None,
    seed: int = 42,
    dims: int | None = None,
) -> Matrix:
    """Vectors of some rows in the order of their ids, however the rows are spread over files.

    Args:
        files: Files of embeddings; one that cannot be read is left out.
        id_field: Column with the id; the ids are all in memory.
        embedding_field: Column with the embedding.
        rows: Rows at most, if there is no fraction.
        fraction: Part of the rows, in (0, 1].
        seed: Of the draw.
        dims: Numbers per embedding; None takes what most rows have.

    Raises:
        InputError: No row holds an embedding.
    """
    readable, columns = list[str](), list[ArrowColumn]()
    for path in files:
        try:
            columns += [table.column(id_field) for _, table in read_rows(path, [id_field])]
        except UnreadableFileError:
            continue
        readable.append(path)
    place = _draw(columns, rows=rows, fraction=fraction, seed=seed)
    parts, keys, at = list[Matrix](), list[NDArray[np.int64]](), 0
    for path in readable:
        for _, table in read_rows(path, [embedding_field]):
            mine = place[at : at + table.num_rows]
            chosen = np.flatnonzero(mine >= 0)
            column = table.column(embedding_field).take(pa.array(chosen, pa.int64()))
            vectors = vectors_of(column, dims=dims)
            if len(vectors.matrix):
                dims = dims or vectors.matrix.shape[1]
                parts.append(vectors.matrix)
                keys.append(mine[chosen[vectors.rows]])
            at += table.num_rows
    if not parts:
        raise InputError(
            f"no row has an embedding in {embedding_field!r}; name its column with embedding_field."
        )
    return np.concatenate(parts)[np.argsort(np.concatenate(keys), kind="stable")]


def _draw(
    columns: list[ArrowColumn], *, rows: int, fraction: float | None, seed: int
) -> NDArray[np.int64]:
    """The place of each row in the sample, -1 outside it; shape (all rows,)."""
    chunks = [chunk for column in columns for chunk in column.chunks]
    total = sum(len(chunk) for chunk in chunks)
    place = np.full(total, -1, np.int64)
    if not total:
        return place
    ids = pa.table([pa.chunked_array(chunks)], names=["id"])
    order = pc.call_function(
        "sort_indices", [ids], pc.SortOptions(sort_keys=[("id", "ascending")])
    ).to_numpy()
    count = min(total, rows) if fraction is None else max(1, int(total * fraction))
    drawn = np.arange(total)
    if count < total:
        drawn = np.sort(np.random.default_rng(seed).choice(total, count, replace=False))
    place[order[drawn]] = np.arange(count)
    return place


def _select(path: str, table: pa.Table, columns: Sequence[str]) -> pa.Table:
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise InputError(
            f"{path} has no column {missing[0]!r}; there are {', '.join(table.column_names)}."
        )
    return table.select(list(columns))
