"""Batches of neighbouring files as one: what a task of several files is read for, within a bound on memory."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from curator_engine.task import TableTask


def join_batches(batches: Iterable[TableTask], *, most: int) -> Iterator[TableTask]:
    """The batches, neighbours joined while they have at most `most` bytes together.

    Those whose columns have other types stay apart: nothing is converted.

    Args:
        batches: As they were read, one after the other.
        most: Bytes in memory.
    """
    waiting: TableTask | None = None
    for batch in batches:
        joined = None if waiting is None else _joined(waiting, batch, most)
        if waiting is not None and joined is None:
            yield waiting
        waiting = joined or batch
    if waiting is not None:
        yield waiting


def _joined(first: TableTask, second: TableTask, most: int) -> TableTask | None:
    """Both as one, or None if they are too large, or of other types."""
    if first.data.nbytes + second.data.nbytes > most:
        return None
    try:
        table = pa.concat_tables([first.data, second.data], promote_options="default")
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    if any(not _alike(table, each.data) for each in (first, second)):
        return None
    twin = first.fork()
    twin.data = table
    twin._whole = first.is_whole and second.is_whole
    twin._read = {name: table.column(name) for name in first.columns_read() | second.columns_read()}
    return twin


def _alike(table: pa.Table, part: pa.Table) -> bool:
    """Whether the same is said of the columns of a part, such as that their values are of several kinds."""
    return all(table.schema.field(each.name).metadata == each.metadata for each in part.schema)
