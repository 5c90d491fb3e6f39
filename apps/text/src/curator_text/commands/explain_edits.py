"""`curator-text explain` for a run that changes texts: which rules a document met, and what changed."""

from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.report.visible_text import visible
from curator_text.commands.named_documents import (
    MAX_SCAN_BYTES,
    MAX_TEXT_BYTES,
    check_is_there,
    coloured,
    meanings,
)
from curator_text.editing.list_edits import REMOVED
from curator_text.removal.document_tables import PLACE
from curator_text.removal.run_folder import RunFolder
from curator_text.report.edit_findings import known_recipe
from curator_text.report.findings import text_or_trouble
from curator_text.report.originals import Originals, place_of
from curator_text.report.text_diff import Piece, word_diff


def explain_edited(folder: RunFolder, name: str, *, context: int, colours: bool) -> JobResult:
    """What became of a document.

    Args:
        folder: The run.
        name: The document's id, or FILE:ROW.
        context: Words around a difference.
        colours: Whether it is shown in colours.

    Raises:
        InputError: There is no such document.
    """
    status, row, more = _find(folder, name)
    summary: dict[str, Any] = {"id": name, **row, "status": status, "more": more}
    rules = {rule: row[rule] for rule in folder.facts.get("met", {}) if row.get(rule)}
    lines = [visible(f"{row.get('id', name)}: {_fate(status, row)}")]
    if row:
        lines.append(visible(f"  lies in      {row['file']}, row {row['row']:,}"))
    if more:
        lines.append(f"  {more:,} more documents have this id; name one by FILE:ROW")
    lines += [f"  {rule}: {count:,}" for rule, count in rules.items()]
    pieces, trouble = _difference(folder, row, context) if row else ([], "")
    if row:
        shown = "".join(coloured(piece, colours=colours) for piece in pieces)
        lines += ["", shown or f"  {visible(trouble)}"]
    summary |= {
        "rules": rules,
        "difference": [vars(piece) for piece in pieces],
        "trouble": trouble,
        "run": folder.path,
    }
    return JobResult(summary=summary, lines=lines)


def _find(folder: RunFolder, name: str) -> tuple[str, dict[str, Any], int]:
    """What the tables say: removed, changed or unchanged; its row; further documents of this id."""
    tables = {"removed": REMOVED.names, "changes": [*PLACE, "chars_before", "chars_after"]}
    for table, columns in tables.items():
        wanted = [*columns, *(folder.facts.get("met", {}) if table == "changes" else [])]
        for values in meanings(name):
            rows, count = folder.find(table, wanted, limit=1, **values)
            if rows:
                return ("removed" if table == "removed" else "changed"), rows[0], count - 1
    check_is_there(folder, name)
    return "unchanged", {}, 0


def _fate(status: str, row: dict[str, Any]) -> str:
    if status == "removed":
        return f"removed by {row['rule']}: {row['reason']}"
    if status == "changed":
        return f"kept, changed; {row['chars_before']:,} characters before, {row['chars_after']:,} after"
    return "kept as it was"


def _difference(folder: RunFolder, row: dict[str, Any], context: int) -> tuple[list[Piece], str]:
    """What changed in its text, or why that cannot be shown."""
    if "modifiers" not in folder.record:
        return [], "what a run on private data finds is shown nowhere."
    recipe = known_recipe(folder)
    if recipe is None:
        return [], "the rules of this run are not known here, so the texts cannot be compared."
    originals = Originals(run=folder, max_bytes=MAX_TEXT_BYTES, max_scan_bytes=MAX_SCAN_BYTES)
    text, trouble = text_or_trouble(originals, place_of(row))
    if text is None:
        return [], f"no text to compare: {trouble}"
    steps = recipe.steps(text)
    after = steps[-1][1] if steps else text
    return word_diff(text, after, context=context, max_words=5000, max_chars=20_000), ""
