"""Make the folder of a run agree with a changed table of items, without computing anything.

Files move between the folders of kept and dropped items, their metas follow, and the table is
replaced last. Every step can be repeated: what a killed call has already moved is found where it is.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator_engine.files.manifest import note
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import (
    exists,
    list_names,
    open_atomic,
    open_read,
    read_bytes,
    remove,
    storage_errors,
    write_atomic,
)
from curator_engine.items.item_table import ItemTable, with_values

_COPY_BYTES = 8 << 20


def apply_marks(output: str, table: pa.Table, items: ItemTable) -> int:
    """Move files and change metas until they say what `keep` of the table says, then write the table.

    Args:
        output: Folder of the run.
        table: All its items, with new values in `keep`, `drop_reason` and `drop_stage`; `path` is
            set here.
        items: Where files and metas lie.

    Returns:
        The number of files that moved.

    Raises:
        StorageError: A file cannot be moved or written; call again with the same table.
    """
    folders = (items.kept, items.dropped)
    there = {folder: set(list_names(join(output, folder))) for folder in folders}
    moved = 0
    paths: list[str | None] = []
    for row in table.select(["uuid", "path", "keep", "drop_reason", "drop_stage"]).to_pylist():
        name = row["path"] and row["path"].rpartition("/")[2]
        path = name and join(folders[0 if row["keep"] else 1], name)
        if path:
            moved += _move(output, path, there)
        paths.append(path)
        _change_meta(output, row, path, items)
    items.write(output, with_values(table, {"path": paths}))
    return moved


def kept_marks(
    path: str, sources: Sequence[str], *, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows of the kept items of some files, in the order of the table.

    Args:
        path: A Parquet file with these columns, `source` and `keep` among them.
        sources: Names of the files.
        columns: What a row has.

    Raises:
        StorageError: The table cannot be read.
    """
    with storage_errors(path, "reading"), open_read(path) as file:
        return pq.read_table(
            file,
            columns=list(columns),
            filters=pc.field("source").isin(list(sources)) & pc.field("keep"),
            use_threads=False,
        ).to_pylist()


def _move(output: str, path: str, there: dict[str, set[str]]) -> int:
    """Bring an item's file to where it belongs; 1 if it had to move."""
    folder, _, name = path.partition("/")
    (other,) = there.keys() - {folder}
    if name not in there[other]:
        return 0
    source, target = join(output, other, name), join(output, path)
    with storage_errors(target, "moving"):
        if is_remote(output):
            _copy(source, target)
            remove(source)
        else:
            note(target)
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            Path(source).replace(target)
    return 1


def _copy(source: str, target: str) -> None:
    with open_read(source) as old, open_atomic(target) as new:
        while data := old.read(_COPY_BYTES):
            new.write(data)


def _change_meta(output: str, row: dict[str, Any], path: str | None, items: ItemTable) -> None:
    file = join(output, items.metas, f"{row['uuid']}.json")
    if not items.metas or not exists(file):
        return
    old: dict[str, Any] = json.loads(read_bytes(file))
    new = {**old, "valid": row["keep"] and not old.get("errors")}
    new |= {name: row[name] for name in ("keep", "drop_stage", "drop_reason")}
    if path and "clip_location" in old:
        new["clip_location"] = _location(old.get("clip_location"), path, items)
    if new != old:
        write_atomic(file, json.dumps(new, indent=1).encode())


def _location(old: Any, path: str, items: ItemTable) -> str:
    """The new place written as the old one was: from the output folder, or with it."""
    head = str(old or "").rpartition("/")[0]
    for folder in (items.dropped, items.kept):
        if head == folder or head.endswith(f"/{folder}"):
            return head.removesuffix(folder) + path
    return path
