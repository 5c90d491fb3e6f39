"""The command `curator-text explain`: why a document left or stayed.

Answers from the tables of a finished run; the difference is read from the input, if that is still
as it was.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from curator_engine.commands.cli import Console, JobResult
from curator_engine.errors import CuratorError, InputError, UnreadableFileError
from curator_engine.files.blocks import iter_blocks
from curator_engine.files.paths import join
from curator_engine.files.storage import exists
from curator_engine.report.visible_text import visible
from curator_engine.stages.files import find_inputs, format_of
from curator_engine.stages.parquet import iter_row_groups
from curator_engine.stages.parquet_files import left_out
from curator_text.commands.explain_decontaminate import explain_decontaminated
from curator_text.commands.explain_filter import explain_filtered
from curator_text.commands.explain_repeats import explain_repeats
from curator_text.removal.run_folder import FILES, REMOVAL_JOBS, RunFolder, open_run
from curator_text.report.findings import text_or_trouble
from curator_text.report.originals import Originals, place_of
from curator_text.report.text_diff import Piece, word_diff
from curator_text.result_settings import ExplainSettings

_MAX_TEXT_BYTES, _MAX_SCAN_BYTES = 64 << 20, 1 << 50
_SHOWN_MEMBERS = 10
_PLACE = ["file", "row", "byte_offset", "length"]
_REMOVED = ["id", "kept_id", "cluster_id", "component_id", "similarity", *_PLACE]
_CLUSTER = ["cluster_id", "size", "component_id", "members", "similarities", *_PLACE]
_FORGOTTEN = "a document that was forgotten"
_COLOURS = {"deleted": "\x1b[31;9m", "inserted": "\x1b[32m", "gap": "\x1b[2m"}
_PLAIN = {"deleted": ("[-", "-]"), "inserted": ("{+", "+}"), "gap": (" … ", " … ")}


@dataclass(kw_only=True)
class Answer:
    """What is known of a document."""

    id: str
    status: str
    """removed or kept."""
    more: int = 0
    """Further removed documents of the same id."""
    place: dict[str, Any] = field(default_factory=dict[str, Any])
    kept_id: str | None = None
    similarity: float | None = None
    cluster: dict[str, Any] = field(default_factory=dict[str, Any])
    """The cluster that it is in; empty if in none."""
    difference: list[Piece] = field(default_factory=list[Piece])
    """What makes its text of the kept document's."""
    trouble: str = ""
    """Why the difference cannot be shown."""


def run(settings: ExplainSettings, console: Console) -> JobResult:
    """Explain one document.

    Raises:
        InputError: The folder is not that of a run, or there is no such document.
    """
    folder = open_run(settings.inputs[0], jobs=REMOVAL_JOBS)
    if folder.record.get("status") != "done":
        console.warn(f"{folder.path} is not the folder of a finished run.")
    if folder.record.get("job") == "filter":
        return explain_filtered(folder, settings.id)
    if folder.record.get("job") in ("substring", "lines"):
        return _explain_repeats(folder, settings.id)
    if folder.record.get("job") == "decontaminate" and (
        found := explain_decontaminated(folder, settings.id)
    ):
        return found
    answer = explain(folder, settings.id, context=settings.context)
    colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return JobResult(
        summary=_summary(folder, answer), lines=_lines(folder, answer, colours=colours)
    )


def _explain_repeats(folder: RunFolder, name: str) -> JobResult:
    for values in _meanings(name, id_column="id"):
        if found := explain_repeats(folder, values):
            return found
    _check_known(folder, name)
    return JobResult(
        summary={"id": name, "status": "kept", "passages": [], "run": folder.path},
        lines=[f"{visible(name)}: kept; nothing in it repeats what stands before"],
    )


def explain(folder: RunFolder, name: str, *, context: int) -> Answer:
    """What a run's tables say of a document.

    Args:
        folder: The run.
        name: The document's id, or FILE:ROW.
        context: Words around a difference.

    Raises:
        InputError: There is no such document.
    """
    for values in _meanings(name, id_column="id"):
        rows, count = folder.find("removed", _REMOVED, limit=1, **values)
        if rows:
            return _removed(folder, rows[0], more=count - 1, context=context)
    for values in _meanings(name, id_column="cluster_id"):
        rows, _ = folder.find("clusters", _CLUSTER, limit=1, **values)
        if rows:
            return Answer(
                id=rows[0]["cluster_id"], status="kept", place=_place(rows[0]), cluster=rows[0]
            )
    _check_known(folder, name)
    return Answer(id=name, status="kept")


def _check_known(folder: RunFolder, name: str) -> None:
    """Make sure that a document that is in no table is there.

    Raises:
        InputError: It is not.
    """
    if not _is_in_corpus(folder, name):
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


def _meanings(name: str, *, id_column: str) -> Iterator[dict[str, Any]]:
    """What the name may stand for, as values of columns: an id, or a place."""
    yield {id_column: name}
    file, _, row = name.rpartition(":")
    if file and row.isdecimal():
        yield {"file": file, "row": int(row)}


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _PLACE if name in row}


def _removed(folder: RunFolder, row: dict[str, Any], *, more: int, context: int) -> Answer:
    clusters, _ = folder.find("clusters", _CLUSTER, limit=1, cluster_id=row["cluster_id"])
    answer = Answer(
        id=row["id"],
        status="removed",
        more=more,
        place=_place(row),
        kept_id=row["kept_id"],
        similarity=row["similarity"],
        cluster=clusters[0] if clusters else {},
    )
    if not clusters:
        forgotten = row["kept_id"] is None
        answer.trouble = (
            f"it was removed for {_FORGOTTEN}."
            if forgotten
            else f"{folder.path} has no row for its cluster."
        )
        return answer
    originals = Originals(run=folder, max_bytes=_MAX_TEXT_BYTES, max_scan_bytes=_MAX_SCAN_BYTES)
    old, old_trouble = text_or_trouble(originals, place_of(clusters[0]))
    new, new_trouble = text_or_trouble(originals, place_of(row))
    answer.trouble = old_trouble or new_trouble
    if old is not None and new is not None:
        answer.difference = word_diff(old, new, context=context, max_words=5000, max_chars=20_000)
    return answer


def _is_in_corpus(folder: RunFolder, name: str) -> bool:
    """Whether a document that is in no table is in `data/` or, without that, in the input."""
    field_name = folder.settings.get("id_field")
    file, _, row = name.rpartition(":")
    if file and row.isdecimal():
        known, _ = folder.find(FILES, ["documents"], limit=1, file=file)
        if known:
            return _is_in_file(folder, name, file, int(row))
    return bool(field_name) and any(_has_id(path, field_name, name) for path in _data_files(folder))


def _is_in_file(folder: RunFolder, name: str, file: str, row: int) -> bool:
    originals = Originals(run=folder, max_bytes=_MAX_TEXT_BYTES, max_scan_bytes=_MAX_SCAN_BYTES)
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
                and wanted in map(str, table.column(field_name).to_pylist())
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


def _lines(folder: RunFolder, answer: Answer, *, colours: bool) -> list[str]:
    """What is printed, safe for a terminal."""
    lines = [_verdict(folder, answer)]
    if answer.place:
        lines.append(f"  lies in      {visible(_where(answer.place))}")
    if answer.status == "removed" and answer.cluster:
        lines.append(f"  stays        {visible(f'{answer.kept_id}: {_where(answer.cluster)}')}")
    if answer.cluster:
        lines.append(
            f"  cluster      {answer.cluster['size']:,} documents: {_members(answer.cluster)}"
        )
        lines.append(f"  keep policy  {folder.settings.get('keep', 'first')}")
    if answer.more:
        lines.append(f"  {answer.more:,} more removed documents have this id; name one by FILE:ROW")
    if answer.status == "removed":
        shown = "".join(_coloured(piece, colours=colours) for piece in answer.difference)
        lines += ["", shown or f"  no texts to compare: {visible(answer.trouble)}"]
    return lines


def _verdict(folder: RunFolder, answer: Answer) -> str:
    name = visible(answer.id)
    if answer.status == "kept" and folder.record.get("job") == "decontaminate":
        return f"{name}: kept; no evaluation item has enough of its n-grams in it"
    if answer.status == "kept":
        size = answer.cluster.get("size", 1)
        fate = (
            f"leads a cluster of {size:,}" if size > 1 else "no other document is a duplicate of it"
        )
        return f"{name}: kept; {fate}"
    kept = _FORGOTTEN if answer.kept_id is None else visible(answer.kept_id)
    if answer.similarity is None:
        return f"{name}: removed as a duplicate of {kept}; their similarity was not computed"
    threshold = folder.settings.get("threshold")
    limit = "" if threshold is None else f", threshold {threshold:g}"
    return f"{name}: removed as a duplicate of {kept}; similarity {answer.similarity:.4f}{limit}"


def _where(place: dict[str, Any]) -> str:
    return f"{place['file']}, row {place['row']:,}"


def _members(cluster: dict[str, Any]) -> str:
    names = [cluster["cluster_id"], *cluster["members"][: _SHOWN_MEMBERS - 1]]
    more = cluster["size"] - len(names)
    return visible(", ".join(names)) + (f" and {more:,} more" if more > 0 else "")


def _coloured(piece: Piece, *, colours: bool) -> str:
    text = visible(piece.text)
    if piece.kind == "same":
        return text
    if colours:
        shown = f" … {text} … " if piece.kind == "gap" else text
        return f"{_COLOURS[piece.kind]}{shown}\x1b[0m"
    before, after = _PLAIN[piece.kind]
    return f"{before}{text}{after}"


def _summary(folder: RunFolder, answer: Answer) -> dict[str, Any]:
    """What `--json` prints; of a large cluster the first hundred members."""
    record = asdict(answer)
    for name in ("members", "similarities"):
        if name in record["cluster"]:
            record["cluster"][name] = record["cluster"][name][:100]
    return {**record, "threshold": folder.settings.get("threshold"), "run": folder.path}
