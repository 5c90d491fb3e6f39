"""`curator-text explain` for a run that makes something of pages or documents: where one has come, or why it has not."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curator_engine.commands.cli import JobResult
from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.files.blocks import iter_blocks
from curator_engine.files.paths import join
from curator_engine.files.storage import exists
from curator_engine.report.visible_text import visible
from curator_engine.stages.files import find_inputs, format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import iter_row_groups
from curator_text.commands.named_documents import places
from curator_text.interleaved.score_tables import DOCUMENT, PICTURE, scores_schema
from curator_text.removal.document_tables import PLACE
from curator_text.removal.run_folder import RunFolder

type Row = dict[str, Any]
type Found = tuple[Row, list[str]]
"""What `--json` prints of a page or document, and the lines that are printed."""

_ADDRESS = "an address, a key of downloads.parquet, or LIST:ROW"
_PAGE = "an id, an address, or FILE:PAGE, pages from 0"
_DOCUMENT = "an id, or FILE:ROW, rows from 0"
_PAGE_COLUMNS = {
    **dict.fromkeys(("id", "url", "title", "language", "kind", "encoding", "file"), pa.string()),
    "record": pa.int64(),
}


def explain_place(folder: RunFolder, name: str) -> JobResult:
    """Where a page or document has come.

    Args:
        folder: A run of one of `PLACE_JOBS`.
        name: What it is called.

    Raises:
        InputError: The run has none of this name.
    """
    find, called = _FINDERS[str(folder.record["job"])]
    found = find(folder, name)
    if found is None:
        raise InputError(f"nothing in {folder.path} is called {name!r}; give {called}.")
    row, lines = found
    return JobResult(summary={**row, "run": folder.path}, lines=[visible(line) for line in lines])


def _meanings(name: str, columns: list[str], place: tuple[str, str]) -> Iterator[Row]:
    """What the name may stand for, as values of columns: one of some, or a place."""
    yield from ({column: name} for column in columns)
    yield from ({place[0]: file, place[1]: row} for file, row in places(name))


def _first(folder: RunFolder, table: str, columns: list[str], asked: Iterator[Row]) -> Row | None:
    """The first row of a table in which one of the meanings holds."""
    for values in asked:
        rows, _ = folder.find(table, columns, limit=1, **values)
        if rows:
            return rows[0]
    return None


def _downloaded(folder: RunFolder, name: str) -> Found | None:
    columns = ["key", "url", "reason", "final_url", "list", "row", "status", "tries"]
    columns += ["num_bytes", "sha256", "content_type", "path"]
    asked = _meanings(name, ["url", "final_url", "key"], ("list", "row"))
    row = _first(folder, "downloads.parquet", columns, asked)
    if row is None:
        return None
    status = "removed" if row["path"] is None else "kept"
    fate = "downloaded" if status == "kept" else f"not downloaded; {row['reason']}"
    lines = [f"{row['url']}: {fate}"]
    if status == "kept":
        lines += [
            f"  lies in      {row['path']}, {row['num_bytes']:,} bytes, {row['content_type']}",
            f"  sha256       {row['sha256']}",
        ]
    if row["final_url"] not in (None, "", row["url"]):
        lines.append(f"  led to       {row['final_url']}")
    answer = "no answer" if row["status"] is None else f"status {row['status']}"
    lines.append(f"  asked for    {counted(row['tries'], 'times')}, {answer}")
    lines.append(f"  named by     {row['list']}, row {row['row']:,}")
    return {**row, "status": status, "answer": row["status"]}, lines


def _extracted(folder: RunFolder, name: str) -> Found | None:
    columns = ["id", "url", "file", "record", "reason"]
    asked = list(_meanings(name, ["id", "url"], ("file", "record")))
    gone = _first(folder, "removed", columns, iter(asked))
    if gone is not None:
        lines = [f"{gone['id']}: removed; {gone['reason']}", *_page_lines(gone)]
        return {**gone, "status": "removed"}, lines
    for path, table in _documents(folder):
        for values in asked:
            rows = table.filter(_are(values)).slice(0, 1).to_pylist()
            if rows:
                kept: Row = {**rows[0], "path": path, "status": "kept"}
                lines = [f"{kept['id']}: kept", f"  lies in      {path}", *_page_lines(kept)]
                told = [kept["kind"], kept["encoding"], kept["language"]]
                lines.append(f"  page         {', '.join(each for each in told if each)}")
                return kept, lines
    return None


def _page_lines(row: Row) -> list[str]:
    lines = [f"  comes from   {row['file']}, page {row['record']:,}"]
    return lines + [f"  {name:<12} {row[name]}" for name in ("url", "title") if row.get(name)]


def _are(values: Row) -> Any:
    columns = [pc.field(name) == value for name, value in values.items()]
    return columns[0] if len(columns) == 1 else columns[0] & columns[1]


def _documents(folder: RunFolder) -> Iterator[tuple[str, pa.Table]]:
    """What is known of the documents in `data/`, without their texts, a block at a time, with its file."""
    data = join(folder.path, "data")
    for file in find_inputs([data]).files if exists(data) else []:
        if format_of(file.path) == "parquet":
            blocks = (table for _, table in iter_row_groups(file.path, list(_PAGE_COLUMNS)))
        else:
            lines = (data for _, data in iter_blocks(file.path))
            blocks = (read_block(data, _PAGE_COLUMNS).table for data in lines)
        for table in blocks:
            yield f"data/{file.name}", table


def _tokenized(folder: RunFolder, name: str) -> Found | None:
    columns = ["document", "id", "source", "file", "row", "shard", "offset", "length"]
    row = _first(folder, "data", columns, _meanings(name, ["id"], ("file", "row")))
    if row is None:
        return None
    end = row["offset"] + row["length"]
    lines = [
        f"{row['id']}: kept; {counted(row['length'], 'tokens')}",
        f"  lies in      data/{row['shard']}.bin, tokens {row['offset']:,} to {end - 1:,}",
        f"  number       {row['document']:,}, of source {row['source']}",
        f"  comes from   {row['file']}, row {row['row']:,}",
    ]
    return {**row, "status": "kept"}, lines


def _embedded(folder: RunFolder, name: str) -> Found | None:
    asked = _meanings(name, ["id"], ("file", "row"))
    row = _first(folder, "embeddings", list(PLACE), asked)
    if row is None:
        return None
    lines = [
        f"{row['id']}: kept; a vector of {folder.facts.get('dims', 0):,} numbers in embeddings/",
        f"  comes from   {row['file']}, row {row['row']:,}",
    ]
    return {**row, "status": "kept"}, lines


def _interleaved(folder: RunFolder, name: str) -> Found | None:
    asked = [
        {**values, "modality": "document"} for values in _meanings(name, ["id"], ("file", "record"))
    ]
    row = _first(folder, "scores", scores_schema().names, iter(asked))
    if row is None:
        return None
    given = {"file": row["file"], "record": row["record"], "modality": "image"}
    pictures, count = folder.find(
        "scores", ["keep", "reason", *_PICTURE], limit=_SHOWN_PICTURES, **given
    )
    lines = [
        f"{row['id']}: kept" if row["keep"] else f"{row['id']}: removed; {row['reason']}",
        f"  comes from   {row['file']}, document {row['record']:,}",
        f"  is left      {counted(row['num_texts'], 'texts')} of {counted(row['num_chars'], 'characters')}, {counted(row['num_images'], 'pictures')}",
        *(f"  picture {each['position']:<4} {_picture(each)}" for each in pictures),
    ]
    if count > len(pictures):
        lines.append(f"  and {count - len(pictures):,} more pictures")
    found = {name: row[name] for name in (*_WHO, *DOCUMENT)}
    return {**found, "status": "kept" if row["keep"] else "removed", "pictures": pictures}, lines


def _picture(row: Row) -> str:
    measures = [
        f"{name} {row[name]:g}" for name in ("sharpness", "code_area") if row[name] is not None
    ]
    size = [f"{row['width']} x {row['height']}"] if row["width"] is not None else []
    fate = "kept" if row["keep"] else str(row["reason"])
    return ", ".join([f"{row['name'] or 'without a name'}: {fate}", *size, *measures])


_WHO = ("id", "file", "record", "reason")
_PICTURE = ("position", *PICTURE)
_SHOWN_PICTURES = 50
_FINDERS: dict[str, tuple[Callable[[RunFolder, str], Found | None], str]] = {
    "download": (_downloaded, _ADDRESS),
    "extract": (_extracted, _PAGE),
    "tokenize": (_tokenized, _DOCUMENT),
    "embed": (_embedded, _DOCUMENT),
    "interleaved": (_interleaved, "an id, or FILE:DOCUMENT, documents from 0"),
}
PLACE_JOBS = tuple(_FINDERS)
"""Jobs of which this tells."""
