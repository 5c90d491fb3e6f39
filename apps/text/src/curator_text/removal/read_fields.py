"""Values of fields of documents, such as the licence or the site: read when a job asks for them, without texts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.blocks import BrokenFileError, iter_blocks
from curator_engine.files.hive import partition_values
from curator_engine.files.paths import join
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import iter_row_groups, without_invalid_text
from curator_engine.stages.parquet_files import left_out
from curator_engine.stages.small_files import files_of
from curator_engine.task import FileGroupTask
from curator_text.removal.array_files import save_table
from curator_text.removal.corpus_stage import CorpusStage
from curator_text.removal.remove_documents import longest_row

_BLOCK_BYTES = 8 << 20
KINDS: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "double": pa.float64(),
    "bool": pa.bool_(),
}
"""What a field may be compared as, by Arrow's name of it."""


@dataclass(kw_only=True)
class ReadFields(CorpusStage[FileGroupTask]):
    """Write the values of fields of the documents of a task, in their order."""

    fields: dict[str, str]
    """The fields, with the kind of `KINDS` that each is compared as; a value of another kind is absent,
    but a number is also a text."""

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """One row per document."""
        corpus = self.corpus()
        kinds = kinds_of_fields(self.fields)
        every: dict[str, list[Any]] = {name: [] for name in kinds}
        mine: list[int] = []
        for file in files_of(task):
            numbers = corpus.blocks_of(file)
            mine += numbers
            blocks = [corpus.blocks[b] for b in numbers]
            positions = np.concatenate([corpus.load(block, "position") for block in blocks])
            found: dict[str, list[Any]] = {name: [None] * len(positions) for name in kinds}
            for places, values in field_values(file, kinds, max_row=longest_row(blocks)):
                # Rows that are no documents lie between them.
                known = np.flatnonzero(np.isin(places, positions))
                at = np.searchsorted(positions, places[known]).tolist()
                for name, column in found.items():
                    for place, row in zip(at, known.tolist(), strict=True):
                        column[place] = as_kind(values[name][row], kinds[name])
            for name, column in found.items():
                every[name] += column
        path = fields_path(self.cache, mine)
        save_table(path, pa.table(every, schema=pa.schema(kinds)))
        return FileGroupTask(data=[path])


def fields_path(cache: str, blocks: list[int]) -> str:
    """Where the values for the documents of these blocks lie."""
    return join(cache, "fields", f"{blocks[0]:05d}.arrow")


def kinds_of_fields(fields: Mapping[str, str]) -> dict[str, pa.DataType]:
    """The Arrow types of fields by their names."""
    return {name: KINDS[kind] for name, kind in fields.items()}


def as_kind(value: Any, kind: pa.DataType) -> Any:
    """A value as it is compared; None if it is of another kind."""
    if kind == pa.string():
        if isinstance(value, bool):
            return "true" if value else "false"
        return None if value is None or isinstance(value, dict | list) else str(value)
    if kind == pa.bool_():
        # In a column of several kinds, what is no text is as JSON writes it.
        return {"true": True, "false": False}.get(str(value).lower())
    if isinstance(value, bool) or not isinstance(value, int | float | str) or "_" in str(value):
        # Python takes 1_000 for a number, which nobody else does.
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def field_values(
    task: FileGroupTask, fields: Mapping[str, pa.DataType], *, max_row: int
) -> Iterator[tuple[NDArray[np.int64], dict[str, list[Any]]]]:
    """Places of rows, and their values of each field, block by block; a field that a row lacks is None.

    Args:
        task: One file, or a span of it.
        fields: What the values should be; those that do not fit come as they are written.
        max_row: Bytes of the longest line that is read.
    """
    path, names = task.data[0], list(fields)
    if format_of(path) == "parquet":
        limit = task.reader_config.get("max_rows")
        for row, table in iter_row_groups(
            path, names, span=task.span, max_rows=limit, reject=left_out
        ):
            table, rows, _ = without_invalid_text(table, names, path=path, row=row)
            yield row + rows, _columns(table, names, len(rows), path)
        return
    plain = all(kind == pa.string() for kind in fields.values())
    try:
        for offset, data in iter_blocks(
            path, span=task.span, block_bytes=_BLOCK_BYTES, max_row=max_row
        ):
            block = read_block(data, dict(fields)) if plain else read_block(data)
            if plain and block.bad:
                # Numbers, or a type that changes from row to row: as it is written.
                block = read_block(data)
            count = len(block.starts)
            yield block.starts + offset, _columns(block.table, names, count, path)
    except BrokenFileError:
        return


def _columns(table: pa.Table, names: Iterable[str], rows: int, path: str) -> dict[str, list[Any]]:
    """Values by field; where no row has one, that of the file's Hive folder."""
    outside = partition_values(path)
    found: dict[str, list[Any]] = {}
    for name in names:
        values: list[Any] = [outside.get(name)] * rows
        if name in table.column_names:
            column = table.column(name)
            values = column.to_pylist() if column.null_count < len(column) else values
        found[name] = values
    return found
