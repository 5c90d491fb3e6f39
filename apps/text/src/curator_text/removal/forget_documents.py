"""Take documents out of the files of a finished run, by their ids: `data/`, tables, quarantine.

Only files of the run's manifest are written, each whole or not at all, and the same again changes
nothing: what was interrupted is done by running it once more. Ids are compared as texts.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.files.blocks import iter_blocks, open_compressed
from curator_engine.files.formats import format_by_ending
from curator_engine.files.manifest import made_in
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, read_bytes, remove, write_atomic
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import BadLine, read_block
from curator_engine.stages.jsonl_files import copy_lines
from curator_engine.stages.parquet import copy_rows, iter_row_groups, schema_of
from curator_engine.stages.parquet_files import left_out
from curator_engine.stages.splice import splice
from curator_engine.task import ArrowArray, ArrowColumn
from curator_text.read.columns import table_ids
from curator_text.read.line_objects import object_of
from curator_text.read.line_values import line_ids

_MARK = "duplicate_of"
"""The column of `data/` that names another document, with --mark."""
_MEMBERS, _SIMILARITIES, _SIZE = "members", "similarities", "size"
_NOT_TABLES = ("data/", "quarantine/", ".cache/", "steps/")
_DELIMITERS = ",;\t|"
_ANY_LENGTH = 1 << 50
"""Lines of `data/` were short enough for the job."""
_compute: Any = pc

type Numbers = NDArray[np.int64]


@dataclass(kw_only=True)
class Forgetting:
    """Documents that are to be forgotten, and what was found of them."""

    ids: ArrowArray
    """Texts, each once."""
    dry_run: bool = False
    """Only count."""
    met: set[str] = field(default_factory=set[str])
    """Ids that were found anywhere."""
    counts: Counter[str] = field(default_factory=Counter[str])
    """What was taken out, by place: documents of `data`, rows of tables, lines of `quarantine`."""

    def among(self, ids: ArrowColumn | ArrowArray) -> NDArray[np.bool_]:
        """Which of some ids are to be forgotten; they count as met."""
        found = _compute.is_in(ids.cast(pa.string()), value_set=self.ids)
        mask: NDArray[np.bool_] = np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)
        if mask.any():
            self.met.update(map(str, ids.filter(pa.array(mask)).to_pylist()))
        return mask

    def has(self, value: Any) -> bool:
        """Whether one id is to be forgotten; it counts as met."""
        return value is not None and bool(self.among(pa.array([str(value)], pa.string()))[0])


def forget_in_run(folder: str, id_field: str, forgetting: Forgetting) -> None:
    """Take documents out of the folder of one run of one job.

    Tables come before `data/`: after an interruption, ids are found again where they are still.

    Args:
        folder: The run's folder.
        id_field: The field of its documents' ids.
        forgetting: What goes; gets the counts.

    Raises:
        StorageError: A file cannot be read or written.
    """
    forget_in_tables(folder, forgetting)
    forget_in_quarantine(folder, id_field, forgetting)
    forget_in_data(join(folder, "data"), id_field, forgetting)


def forget_in_data(folder: str, id_field: str, forgetting: Forgetting) -> None:
    """Take documents out of `data/`; the bytes, values and types of all others stay."""
    for path in filter(exists, made_in(folder)):
        if format_of(path) == "parquet":
            _forget_rows(path, id_field, forgetting, place="data")
        else:
            _forget_lines(path, id_field, forgetting)


def _forget_lines(path: str, id_field: str, forgetting: Forgetting) -> None:
    drop, left, marked = list[int](), 0, False
    for offset, data in iter_blocks(path, max_row=_ANY_LENGTH):
        block = read_block(data)
        gone = forgetting.among(line_ids(data, block, id_field))
        drop += (offset + block.starts[gone]).tolist()
        # What the job could read, though not all of it is what JSON allows.
        odd = [b for b in block.bad if forgetting.has(_id_of(data, b, id_field))]
        drop += [offset + each.start for each in odd]
        left += len(gone) + len(block.bad) - int(gone.sum()) - len(odd)
        marked = marked or (b'"' + _MARK.encode() + b'"') in data
    forgetting.counts["data"] += len(drop)
    if forgetting.dry_run:
        return
    if drop and not left:
        # Other programs refuse a file of lines that has 0 bytes.
        remove(path)
    elif marked:
        _copy_marked(path, set(drop), forgetting)
    elif drop:
        copy_lines(path, path, np.array(sorted(drop), np.int64), max_row=_ANY_LENGTH)


def _id_of(data: bytes, line: BadLine, id_field: str) -> Any:
    return object_of(data[line.start : line.start + line.length]).get(id_field)


def _copy_marked(path: str, drop: set[int], forgetting: Forgetting) -> None:
    """Copy lines, without some, and without marks that name what is forgotten; nothing if all stays."""
    if not drop and not any(_named(line, forgetting) for _, line in _lines(path)):
        return
    with open_compressed(path) as file:
        for at, line in _lines(path):
            if at in drop:
                continue
            named = _named(line, forgetting)
            file.write(splice(line.decode(), {_MARK: None}).encode() if named else line)


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    for offset, data in iter_blocks(path, max_row=_ANY_LENGTH):
        at = 0
        while at < len(data):
            end = data.find(b"\n", at) + 1 or len(data)
            yield offset + at, data[at:end]
            at = end


def _named(line: bytes, forgetting: Forgetting) -> bool:
    return _MARK.encode() in line and forgetting.has(object_of(line).get(_MARK))


def forget_in_tables(folder: str, forgetting: Forgetting) -> None:
    """Take rows out of the tables of a run, and from other rows what names a forgotten document."""
    for path in filter(exists, made_in(folder)):
        name = path.removeprefix(f"{folder.rstrip('/')}/")
        if path.endswith(".parquet") and not name.startswith(_NOT_TABLES):
            columns = schema_of(path).names
            own = next((each for each in ("id", "cluster_id") if each in columns), None)
            if own:
                _forget_rows(path, own, forgetting, place=name.partition("/")[0])


def _forget_rows(path: str, own: str, forgetting: Forgetting, *, place: str) -> None:
    """Take rows out of a Parquet file.

    Args:
        path: The file.
        own: The column with the id of a row's document.
        forgetting: What goes; gets the counts.
        place: What the rows count as.
    """
    others = [name for name in schema_of(path).names if _names_another(name, place)]
    drop, changes = list[Numbers](), False
    for first, table in iter_row_groups(path, [own, *others], reject=left_out):
        if own not in table.column_names:
            return
        gone = forgetting.among(table_ids(table, own))
        cleaned = _without_names(table, others, forgetting)
        if _MEMBERS in others:
            lengths = _compute.list_value_length(cleaned.column(_MEMBERS)).to_numpy()
            gone |= np.asarray(lengths) == 0
        changes = changes or not cleaned.equals(table)
        drop.append(first + np.flatnonzero(gone))
    rows = np.concatenate([np.empty(0, np.int64), *drop])
    forgetting.counts[place] += len(rows)
    if forgetting.dry_run or not (len(rows) or changes):
        return
    change = partial(_changed, others=others, forgetting=forgetting) if changes else None
    copy_rows(path, path, rows, change=change)


def _names_another(column: str, place: str) -> bool:
    """Whether a column holds ids of other documents: in `data/` the mark alone is ours."""
    if place == "data":
        return column == _MARK
    return column == _MEMBERS or (column.endswith("_id") and column != "component_id")


def _changed(_: int, table: pa.Table, *, others: list[str], forgetting: Forgetting) -> pa.Table:
    return _without_names(table, others, forgetting)


def _without_names(table: pa.Table, others: list[str], forgetting: Forgetting) -> pa.Table:
    """The rows with null for ids of other documents that are forgotten, and without such members."""
    for name in others:
        column, i = table.column(name), table.column_names.index(name)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            gone = pa.array(forgetting.among(column))
            column = _compute.if_else(gone, pa.scalar(None, column.type), column)
            table = table.set_column(i, table.schema.field(i), column)
    return _without_members(table, forgetting) if _MEMBERS in others else table


def _without_members(table: pa.Table, forgetting: Forgetting) -> pa.Table:
    """The rows of clusters with those of their members that stay."""
    rows = table.to_pylist()
    for row in rows:
        stays = [not forgetting.has(member) for member in row[_MEMBERS]]
        for name in (_MEMBERS, _SIMILARITIES):
            if name in row:
                row[name] = [v for v, is_left in zip(row[name], stays, strict=True) if is_left]
        if _SIZE in row:
            row[_SIZE] -= len(stays) - sum(stays)
    return pa.Table.from_pylist(rows, table.schema)


def forget_in_quarantine(folder: str, id_field: str, forgetting: Forgetting) -> None:
    """Take lines out of the quarantine that are, or can be seen to have been, documents with these ids."""
    for path in filter(exists, made_in(join(folder, "quarantine"))):
        if "/rows/" not in path:
            continue
        lines = [line for line in read_bytes(path).split(b"\n") if line]
        left = [line for line in lines if not _is_of(json.loads(line), id_field, forgetting)]
        forgetting.counts["quarantine"] += len(lines) - len(left)
        if forgetting.dry_run or len(left) == len(lines):
            continue
        if left:
            write_atomic(path, b"\n".join(left) + b"\n")
        else:
            remove(path)


def _is_of(record: dict[str, Any], id_field: str, forgetting: Forgetting) -> bool:
    """Whether a line that could not be read bears an id that is forgotten."""
    raw = str(record.get("raw", ""))
    if format_by_ending(str(record.get("file", ""))) == "csv":
        # Its fields are not where the header says, so any of them may be the id.
        return any(forgetting.has(cell) for mark in _DELIMITERS for cell in _cells(raw, mark))
    row = object_of(raw.encode("utf-8", "replace"))
    if id_field in row:
        return forgetting.has(row[id_field])
    # A line that is no JSON may still have its id in JSON's spelling.
    name = re.escape(json.dumps(id_field))
    for value in re.findall(rf'{name}\s*:\s*("(?:[^"\\]|\\.)*"|[^,\s{{}}\[\]]+)', raw):
        try:
            found = json.loads(value)
        except ValueError:
            continue
        if forgetting.has(found):
            return True
    return False


def _cells(raw: str, delimiter: str) -> list[str]:
    """The fields of a row of CSV; none if it is not one of this delimiter."""
    try:
        cells = [cell for row in csv.reader([raw], delimiter=delimiter) for cell in row]
    except csv.Error:
        return []
    return cells if len(cells) > 1 else []
