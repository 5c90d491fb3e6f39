"""The table of a run's items: a row per item with its scores, whether it is kept, why not, and its file.

Stages write parts; `join_parts` puts the parts in order and makes the file. Scores that were not
computed are null. The rows of dropped items are written like the others.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.errors import InputError, StorageError
from curator_engine.files.paths import join, utf8_name
from curator_engine.files.storage import exists, list_names, open_read, storage_errors
from curator_engine.items.item import Item
from curator_engine.redaction import redacted
from curator_engine.stages.table_files import write_table

DUPLICATES = "duplicates.parquet"
"""What `dedup` has found."""


def text_columns(*names: str) -> "list[pa.Field[Any]]":
    """Columns of texts."""
    return [pa.field(name, pa.string()) for name in names]


MARKS = [pa.field("keep", pa.bool_()), *text_columns("drop_reason", "drop_stage")]
"""Whether an item is kept; else why and by what it was dropped, which are empty texts if it is."""
ERRORS = pa.field("errors", pa.list_(pa.string()))
"""Lines of the form "stage: message"."""


@dataclass(frozen=True, kw_only=True)
class ItemTable:
    """How an app keeps its items: the columns of its table, and where files of items lie.

    Example:
        PICTURES = ItemTable(
            file="pictures.parquet",
            unit="pictures",
            made_by="curator-image curate",
            kept="pictures",
            dropped="filtered_pictures",
            scores=("sharpness",),
        )
    """

    file: str
    """Name of the table in the output folder."""
    unit: str
    """What the items are, in the plural."""
    made_by: str
    """The command that makes such a folder."""
    kept: str
    """Folder of the files of kept items."""
    dropped: str
    """Folder of the files of dropped ones."""
    metas: str = ""
    """Folder with a JSON record per item, named by its uuid; empty if there are none."""
    scores: tuple[str, ...] = ()
    """Scores that have a column in every table; others get one behind these, in order of their names."""
    identity: "Sequence[pa.Field[Any]]" = (*text_columns("uuid", "source"), *MARKS)
    """Columns before the scores, with `MARKS` among them."""
    about: "Sequence[pa.Field[Any]]" = (
        *text_columns("path"),
        pa.field("num_bytes", pa.int64()),
        ERRORS,
    )
    """Columns behind the scores; `path` is from the output folder, and null without a file."""
    order: tuple[str, ...] = ("source", "uuid")
    """Columns by which rows are sorted, the last one being uuid."""

    @property
    def own(self) -> set[str]:
        """The columns that are no scores."""
        return {each.name for each in (*self.identity, *self.about)}

    def schema(self, scores: Iterable[str] = ()) -> pa.Schema:
        """The columns of a table.

        Args:
            scores: Scores that have a column besides those of every table.
        """
        extra = sorted(set(scores) - set(self.scores) - self.own)
        columns = [pa.field(name, pa.float64()) for name in (*self.scores, *extra)]
        return pa.schema([*self.identity, *columns, *self.about])

    def score_names(self, table: pa.Table) -> list[str]:
        """The columns that are scores, in order, also those without a value."""
        return [name for name in table.column_names if name not in self.own]

    def of[I: Item](self, items: Sequence[I], about: Callable[[I], Mapping[str, Any]]) -> pa.Table:
        """A row per item, kept or dropped, in their order.

        Args:
            items: What the rows are of; marks, scores and errors are taken from them.
            about: The other columns of an item; a path that is not UTF-8 gets its `utf8_name`.
        """
        rows = [
            {
                "uuid": item.uuid,
                "keep": not item.drop_reason,
                "drop_reason": item.drop_reason,
                "drop_stage": item.drop_stage,
                "errors": error_lines(item.errors),
                **about(item),
                **{name: value for name, value in item.scores.items() if name not in self.own},
            }
            for item in items
        ]
        schema = self.schema(n for i in items for n in i.scores)
        try:
            return pa.Table.from_pylist(rows, schema=schema)
        except UnicodeEncodeError:
            return pa.Table.from_pylist([_utf8(row) for row in rows], schema=schema)

    def join_parts(self, parts: str, output: str) -> pa.Table:
        """Make the table in the output folder of the parts in a folder.

        Rows are sorted, whatever the order of the parts; an item that is in several is taken once.

        Returns:
            The table.

        Raises:
            StorageError: A part cannot be read, or the file not written.
        """
        table = self.read_parts(parts)
        self.write(output, table)
        return table

    def read_parts(self, parts: str) -> pa.Table:
        """The table of the parts in a folder, without writing it.

        Raises:
            StorageError: A part cannot be read.
        """
        names = [name for name in list_names(parts) if name.endswith(".parquet")]
        return self.sorted(_read(join(parts, name)) for name in names)

    def sorted(self, tables: Iterable[pa.Table]) -> pa.Table:
        """The tables as one with all their columns, in the order that `join_parts` gives."""
        tables = list(tables)
        schema = self.schema(name for table in tables for name in self.score_names(table))
        empty = schema.empty_table()
        joined = pa.concat_tables([empty, *tables], promote_options="default").select(schema.names)
        order = pc.sort_indices(joined, sort_keys=[(key, "ascending") for key in self.order])
        joined = joined.take(order).combine_chunks()
        ids = joined.column("uuid").to_pylist()
        first = [i == 0 or ids[i] != ids[i - 1] for i in range(len(ids))]
        return joined if all(first) else joined.filter(pa.array(first, pa.bool_()))

    def read(self, output: str) -> pa.Table:
        """The table of a finished run.

        Raises:
            InputError: The folder holds none.
            StorageError: It cannot be read.
        """
        path = join(output, self.file)
        if not exists(path):
            raise InputError(
                f"{output} holds no {self.file}; give the folder of a finished {self.made_by}."
            )
        return _read(path)

    def write(self, output: str, table: pa.Table) -> None:
        """Replace the table of a run.

        Raises:
            StorageError: It cannot be written.
        """
        write_table(join(output, self.file), table)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What becomes of an item of a table."""

    stage: str = ""
    """What it is dropped as; empty if it is kept."""
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Columns that say more."""


def with_marks(
    table: pa.Table, marks: Mapping[str, Mark], *, facts: Sequence[str] = ()
) -> pa.Table:
    """The table of items with other marks.

    Args:
        table: With `uuid`, `keep`, `drop_stage` and `drop_reason`.
        marks: By uuid; other items stay as they are.
        facts: Columns that are set as well, to null where a mark has none.
    """
    if not marks:
        return table
    names = ("keep", "drop_reason", "drop_stage", *facts)
    columns = {name: table.column(name).to_pylist() for name in names}
    for row, uuid in enumerate(map(str, table.column("uuid").to_pylist())):
        if (mark := marks.get(uuid)) is not None:
            values = (not mark.stage, mark.reason, mark.stage, *map(mark.facts.get, facts))
            for name, value in zip(names, values, strict=True):
                columns[name][row] = value
    return with_values(table, columns)


def lifted(table: pa.Table, stages: Sequence[str], *, facts: Sequence[str] = ()) -> pa.Table:
    """The table of items without the marks of these stages."""
    rows: Iterable[dict[str, Any]] = table.select(["uuid", "drop_stage"]).to_pylist()
    none = {row["uuid"]: Mark() for row in rows if row["drop_stage"] in stages}
    return with_marks(table, none, facts=facts)


def with_values(table: pa.Table, columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """The table with other values in some of its columns."""
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        kind = table.schema.field(at)
        table = table.set_column(at, kind, pa.array(values, kind.type))
    return table


def with_value(table: pa.Table, column: str, values: Iterable[str]) -> pa.Table:
    """The rows that have one of these values, in their order."""
    wanted = pa.array(list(values), table.schema.field(column).type)
    return table.filter(pc.is_in(table.column(column), value_set=wanted))


def numbers_of(table: pa.Table, name: str) -> NDArray[np.float64]:
    """A column as numbers, shape (rows,); 0 where there is none."""
    if name not in table.column_names:
        return np.zeros(table.num_rows)
    values = table.column(name).to_numpy(zero_copy_only=False)
    return np.nan_to_num(np.asarray(values, np.float64))


def error_lines(errors: Mapping[str, str]) -> list[str]:
    """What stages say of an item, a line each, without secrets."""
    return [redacted(f"{stage}: {message}") for stage, message in errors.items()]


def _utf8(value: Any) -> Any:
    """The value with its texts as UTF-8 can hold them: a path by its `utf8_name`."""
    match value:
        case str():
            return utf8_name(value).encode("utf-8", "backslashreplace").decode()
        case list():
            return [_utf8(each) for each in value]
        case dict():
            return {name: _utf8(each) for name, each in value.items()}
        case _:
            return value


def _read(path: str) -> pa.Table:
    with storage_errors(path, "reading"), open_read(path) as file:
        try:
            return pq.read_table(file, use_threads=False)
        except pa.ArrowInvalid as error:
            reason = " ".join(str(error).split())
            raise StorageError(f"{path} is no Parquet file ({reason}); remove it.") from error
