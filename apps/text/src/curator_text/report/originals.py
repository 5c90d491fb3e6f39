"""Texts of single documents, read once more from the files that a run has read.

For a few documents that a person looks at. What cannot be read is said in one line: the input may
have changed since the run, or be gone.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_engine.errors import DamagedFileError, InputError
from curator_engine.files.blocks import is_read_in_order, iter_blocks
from curator_engine.files.listing import list_files
from curator_engine.files.storage import input_errors, open_read
from curator_engine.stages.files import EXTENSIONS, format_of
from curator_engine.stages.parquet_files import AnyParquet, open_parquet
from curator_text.read.text_parts import columns_of, text_of
from curator_text.removal.corpus import IN_INDEX
from curator_text.removal.run_folder import RunFolder

_BLOCK_BYTES = 4 << 20


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a document lies in the input."""

    file: str
    """The file's name in the tables of the run."""
    row: int
    """Line or row, from 0."""
    byte_offset: int | None = None
    """Of the line, after decompression; for Parquet its row; None if it was not kept."""
    length: int | None = None
    """Bytes of the line."""
    id: str | None = None
    """Its id, to make sure that it is this one."""
    leads: bool = False
    """Whether it leads a cluster; such a document may be of an index, and not of the input."""


def place_of(row: dict[str, Any]) -> Place:
    """The place that a row of `removed/` or `clusters/` names."""
    return Place(
        file=row["file"],
        row=row["row"],
        byte_offset=row.get("byte_offset"),
        length=row.get("length"),
        id=row.get("id") or row.get("cluster_id"),
        leads="id" not in row and "cluster_id" in row,
    )


@dataclass(frozen=True, kw_only=True)
class Originals:
    """The texts of a run's documents."""

    run: RunFolder
    max_bytes: int
    """Bytes of a line that is read at most."""
    max_scan_bytes: int
    """Bytes that are read at most to come to a place in a compressed file, a row group or a line."""
    _paths: dict[str, str] = field(default_factory=dict[str, str], init=False, repr=False)
    """Of files that were looked at: each look costs several requests where the run is on an object store."""

    def path(self, name: str) -> str:
        """The path of an input file, if it is there and as it was when it was looked at first.

        Raises:
            InputError: It is not.
        """
        if name not in self._paths:
            self._paths[name] = self._look(name)
        return self._paths[name]

    def _look(self, name: str) -> str:
        file = self.run.input_file(name)
        if file is None:
            raise InputError(f"where {name} was read from is not known any more.")
        try:
            now = list_files([file.path], extensions=[""])[0]
        except InputError as error:
            raise InputError(f"{file.path} is gone, so its texts cannot be shown.") from error
        if file.stamp and file.stamp != now.stamp:
            raise InputError(
                f"{file.path} has changed since the run, so its texts cannot be shown."
            )
        return file.path

    def text(self, place: Place) -> str:
        """The text of one document.

        Raises:
            InputError: The file is gone, has changed, or the document is too long or too far in it.
            UnreadableFileError: The file cannot be read.
        """
        settings = self.run.settings
        text_field, id_field = (
            str(settings.get("text_field", "text")),
            settings.get("id_field") or "",
        )
        if place.file.startswith(IN_INDEX):
            raise InputError(
                f"the kept document is of the index {settings.get('against')}, which has no texts."
            )
        path = self.path(place.file)
        if self._format(path) == "parquet":
            found = self._row(
                path, place, [*columns_of(text_field), *([id_field] if id_field else [])]
            )
        else:
            found = _parse(self._line(path, place))
        if place.id is not None and not _is_named(found.get(id_field), place.id):
            raise InputError(f"{path} has another document at row {place.row}, not {place.id}.")
        try:
            text = text_of(found, text_field)
        except (LookupError, ValueError):
            text = None
        if text is None:
            raise InputError(f"{path} has no text at row {place.row}; it is not what the run read.")
        return text

    def _format(self, path: str) -> str:
        given = self.run.settings.get("input_filetype", "auto")
        return given if given in EXTENSIONS else format_of(path)

    def _line(self, path: str, place: Place) -> bytes:
        if place.length is not None and place.length > self.max_bytes:
            raise InputError(f"the document has {place.length:,} bytes, too many to show.")
        if place.byte_offset is None or place.length is None:
            return self._line_by_number(path, place.row)
        start, end = place.byte_offset, place.byte_offset + place.length
        if not is_read_in_order(path):
            with input_errors(path), open_read(path) as file:
                file.seek(start)
                return file.read(place.length)
        for offset, data in self._blocks(path):
            if offset <= start < offset + len(data):
                return data[start - offset : end - offset]
        raise InputError(f"{path} is shorter than it was; it has changed since the run.")

    def _line_by_number(self, path: str, number: int) -> bytes:
        seen = 0
        for _, data in self._blocks(path):
            lines = data.count(b"\n")
            if seen + lines > number:
                return data.split(b"\n", number - seen + 1)[number - seen]
            if seen + lines == number and not data.endswith(b"\n"):
                return data.rpartition(b"\n")[2]
            seen += lines
        raise InputError(f"{path} has fewer than {number + 1} lines; it has changed since the run.")

    def _blocks(self, path: str) -> Iterator[tuple[int, bytes]]:
        for offset, data in iter_blocks(path, block_bytes=_BLOCK_BYTES):
            if offset > self.max_scan_bytes:
                raise InputError(f"the document lies too far in {path} to be read for this.")
            yield offset, data

    def _row(self, path: str, place: Place, columns: list[str]) -> dict[str, Any]:
        at = place.row if place.byte_offset is None else place.byte_offset
        try:
            with open_parquet(path, columns) as file:
                return self._row_of(file, path, at, columns)
        except pa.ArrowInvalid as error:
            raise DamagedFileError(f"{path} is not readable as Parquet any more.") from error

    def _row_of(self, file: AnyParquet, path: str, at: int, columns: list[str]) -> dict[str, Any]:
        there = [name for name in columns if name in file.schema_arrow.names]
        for group in range(file.num_row_groups):
            facts = file.metadata.row_group(group)
            if at >= facts.num_rows:
                at -= facts.num_rows
                continue
            if facts.total_byte_size > self.max_scan_bytes:
                raise InputError(f"the row group in {path} is too large to be read for this.")
            for batch in file.iter_batches(1024, row_groups=[group], columns=there):
                if at < batch.num_rows:
                    row: dict[str, Any] = batch.slice(at, 1).to_pylist()[0]
                    size = len(str(row.get(columns[0], "")))
                    if size > self.max_bytes:
                        raise InputError(f"the document has {size:,} characters, too many to show.")
                    return row
                at -= batch.num_rows
        raise InputError(f"{path} has fewer rows than it had; it has changed since the run.")


def _is_named(value: Any, name: str) -> bool:
    """Whether a value of the id field is what the tables call by this name; null says nothing."""
    return value is None or name in (str(value), json.dumps(value, ensure_ascii=False, default=str))


def _parse(line: bytes) -> dict[str, Any]:
    """The line's object, empty if it is none."""
    try:
        row = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}
