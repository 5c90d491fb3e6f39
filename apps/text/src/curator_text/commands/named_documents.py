"""Documents of a finished run by the names that people give them, for `explain`."""

import json
from collections.abc import Iterator
from typing import Any

from curator_engine.errors import CuratorError, InputError, UnreadableFileError
from curator_engine.files.blocks import iter_blocks
from curator_engine.files.mixed_folders import names_in_data
from curator_engine.files.paths import join
from curator_engine.files.storage import exists
from curator_engine.report.visible_text import visible
from curator_engine.stages.files import find_inputs, format_of
from curator_engine.stages.parquet import iter_row_groups
from curator_engine.stages.parquet_files import left_out
from curator_text.read.columns import table_ids
from curator_text.removal.run_folder import FILES, RunFolder
from curator_text.report.findings import text_or_trouble
from curator_text.report.originals import Originals, place_of
from curator_text.report.text_diff import Piece

MAX_TEXT_BYTES, MAX_SCAN_BYTES = 64 << 20, 1 << 50
_COLOURS = {"deleted": "\x1b[31;9m", "inserted": "\x1b[32m", "gap": "\x1b[2m"}
_PLAIN = {"deleted": ("[-", "-]"), "inserted": ("{+", "+}"), "gap": (" … ", " … ")}


def check_is_there(folder: RunFolder, name: str) -> None:
    """Make sure that a document that is in no table is in `data/` or, without that, in the input.

    Raises:
        InputError: It is not.
    """
    if _is_in_corpus(folder, name):
        return
    field_name = folder.settings.get("id_field")
    known = (
        f"give a value of the field {field_name!r} or FILE:ROW, rows from 0."
        if field_name
        else "the run had no --id-field, so documents are called FILE:ROW, rows from 0, such as "
        f"{_first_name(folder)}."
    )
    raise InputError(f"no document {name!r} in {folder.path}; {known}")


def _first_name(folder: RunFolder) -> str:
    """What the first document that the tables know is called."""
    for batch in folder.batches(FILES, ["file"]):
        for name in batch.column("file").to_pylist():
            return f"{name}:0"
    return "part.jsonl:0"


def meanings(name: str, *, id_column: str = "id") -> Iterator[dict[str, Any]]:
    """What the name may stand for, as values of columns: an id, or a place."""
    yield {id_column: name}
    for file, row in places(name):
        yield {"file": file, "row": row}


def row_of(
    folder: RunFolder, table: str, columns: list[str], name: str
) -> tuple[dict[str, Any], int]:
    """The row of a document in a table that has all documents with a text, and how many more have its id.

    Args:
        folder: The run.
        table: Such as `scores`.
        columns: Columns to give.
        name: The document's id, or FILE:ROW.

    Raises:
        InputError: There is no such document.
    """
    for values in meanings(name):
        rows, count = folder.find(table, columns, limit=1, **values)
        if rows:
            return rows[0], count - 1
    raise InputError(
        f"no document {name!r} with a text in {folder.path}; give an id as in {table}/, or FILE:ROW, rows from 0."
    )


def places(name: str) -> list[tuple[str, int]]:
    """The places that FILE:ROW may stand for; a file may be called as in the input, too."""
    file, _, row = name.rpartition(":")
    return [(each, int(row)) for each in names_in_data(file)] if file and row.isdecimal() else []


def _is_in_corpus(folder: RunFolder, name: str) -> bool:
    """Whether a document that is in no table is in `data/` or, without that, in the input."""
    field_name = folder.settings.get("id_field")
    for file, row in places(name):
        known, _ = folder.find(FILES, ["documents"], limit=1, file=file)
        if known:
            return _is_in_file(folder, name, file, row)
    return bool(field_name) and any(_has_id(path, field_name, name) for path in _data_files(folder))


def _is_in_file(folder: RunFolder, name: str, file: str, row: int) -> bool:
    originals = Originals(run=folder, max_bytes=MAX_TEXT_BYTES, max_scan_bytes=MAX_SCAN_BYTES)
    try:
        originals.path(file)
    except InputError as error:
        raise InputError(
            f"{name} was not removed and leads no cluster; more is not known: {error}"
        ) from error
    return text_or_trouble(originals, place_of({"file": file, "row": row}))[0] is not None


def _data_files(folder: RunFolder) -> list[str]:
    data = join(folder.path, "data")
    paths = [data] if exists(data) else folder.settings.get("input_path") or []
    try:
        listed = find_inputs(paths).files
    except CuratorError:
        return []
    return [file.path for file in listed]


def _has_id(path: str, field_name: str, wanted: str) -> bool:
    """Whether a file has a document of this id; what cannot be read has none."""
    try:
        if format_of(path) == "parquet":
            return any(
                field_name in table.column_names
                and wanted in table_ids(table, field_name).to_pylist()
                for _, table in iter_row_groups(path, [field_name], reject=left_out)
            )
        written = {wanted.encode(), json.dumps(wanted)[1:-1].encode()}
        for _, data in iter_blocks(path, block_bytes=4 << 20):
            if any(text in data for text in written):
                lines = (
                    line for line in data.splitlines() if any(text in line for text in written)
                )
                if any(_id_of(line, field_name) == wanted for line in lines):
                    return True
    except (UnreadableFileError, InputError):
        return False
    return False


def _id_of(line: bytes, field_name: str) -> str | None:
    try:
        row = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return None
    value = row.get(field_name) if isinstance(row, dict) else None
    return None if value is None else str(value)


def coloured(piece: Piece, *, colours: bool) -> str:
    """A piece of a difference, safe for a terminal."""
    text = visible(piece.text)
    if piece.kind == "same":
        return text
    if colours:
        shown = f" … {text} … " if piece.kind == "gap" else text
        return f"{_COLOURS[piece.kind]}{shown}\x1b[0m"
    before, after = _PLAIN[piece.kind]
    return f"{before}{text}{after}"
