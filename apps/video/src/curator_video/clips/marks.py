"""Make the folder of a run agree with a changed table of clips, without decoding anything.

Files move between `clips/` and `filtered_clips/`, their metas follow, and the table is replaced
last. Every step can be repeated: what a killed call has already moved is found where it is.
"""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

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
from curator_video.clips.clip_table import write_clips

KEPT, DROPPED = "clips", "filtered_clips"
_METAS = "metas/v0"
_COPY_BYTES = 8 << 20


def apply_marks(output: str, table: pa.Table) -> int:
    """Move files and change metas until they say what `keep` of the table says, then write the table.

    Args:
        output: Folder of the run.
        table: All its clips, with new values in `keep`, `drop_reason` and `drop_stage`; `path` is
            set here.

    Returns:
        The number of files that moved.

    Raises:
        StorageError: A file cannot be moved or written; call again with the same table.
    """
    there = {folder: set(list_names(join(output, folder))) for folder in (KEPT, DROPPED)}
    moved = 0
    paths: list[str | None] = []
    for row in table.select(["uuid", "path", "keep", "drop_reason", "drop_stage"]).to_pylist():
        path = row["path"] and _place(row["path"], keep=row["keep"])
        if path:
            moved += _move(output, path, there)
        paths.append(path)
        _change_meta(output, row, path)
    column = table.schema.get_field_index("path")
    table = table.set_column(column, table.schema.field(column), pa.array(paths, pa.string()))
    write_clips(output, table)
    return moved


def _place(path: str, *, keep: bool) -> str:
    return join(KEPT if keep else DROPPED, path.rpartition("/")[2])


def _move(output: str, path: str, there: dict[str, set[str]]) -> int:
    """Bring a clip's file to where it belongs; 1 if it had to move."""
    folder, _, name = path.partition("/")
    other = DROPPED if folder == KEPT else KEPT
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


def _change_meta(output: str, row: dict[str, Any], path: str | None) -> None:
    file = join(output, _METAS, f"{row['uuid']}.json")
    if not exists(file):
        return
    old: dict[str, Any] = json.loads(read_bytes(file))
    new = {**old, "valid": row["keep"] and not old.get("errors")}
    new |= {name: row[name] for name in ("keep", "drop_stage", "drop_reason")}
    if path:
        new["clip_location"] = _location(old.get("clip_location"), path)
    if new != old:
        write_atomic(file, json.dumps(new, indent=1).encode())


def _location(old: Any, path: str) -> str:
    """The new place written as the old one was: from the output folder, or with it."""
    head = str(old or "").rpartition("/")[0]
    for folder in (DROPPED, KEPT):
        if head == folder or head.endswith(f"/{folder}"):
            return head.removesuffix(folder) + path
    return path
