"""`curator-text explain` for a run that decontaminates: which evaluation items are in a document, and where."""

from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.report.visible_text import visible
from curator_text.commands.named_documents import MAX_SCAN_BYTES, MAX_TEXT_BYTES, meanings
from curator_text.decontaminate.cut_matches import CHANGES_SCHEMA
from curator_text.decontaminate.match_tables import MATCHES_SCHEMA, REMOVED_SCHEMA
from curator_text.removal.run_folder import RunFolder
from curator_text.report.findings import text_or_trouble
from curator_text.report.originals import Originals, place_of

_SHOWN, _SHOWN_CHARS = 10, 300
_CUT = ["start", "characters", "text"]


def explain_decontaminated(folder: RunFolder, name: str) -> JobResult | None:
    """Why a document was removed or changed; None if it was neither.

    Args:
        folder: The run.
        name: The document's id, or FILE:ROW.
    """
    for table, columns in (("removed", REMOVED_SCHEMA.names), ("changes", CHANGES_SCHEMA.names)):
        for values in meanings(name):
            rows, count = folder.find(table, columns, limit=1, **values)
            if rows:
                return _result(folder, rows[0], more=count - 1)
    return None


def _result(folder: RunFolder, row: dict[str, Any], *, more: int) -> JobResult:
    where = {"file": row["file"], "row": row["row"]}
    matches, count = folder.find("matches", MATCHES_SCHEMA.names, limit=_SHOWN, **where)
    originals = Originals(run=folder, max_bytes=MAX_TEXT_BYTES, max_scan_bytes=MAX_SCAN_BYTES)
    text, trouble = text_or_trouble(originals, place_of(row))
    is_kept = "cuts" in row
    lines = [
        visible(f"{row['id']}: {_fate(row)}"),
        visible(f"  lies in      {row['file']}, row {row['row']:,}"),
        f"  items        {row['items']:,} of the evaluation sets",
    ]
    if more:
        kind = "changed" if is_kept else "removed"
        lines.append(f"  {more:,} more {kind} documents have this id; name one by FILE:ROW")
    for match in matches:
        lines += ["", visible(_match_line(match))]
        if text is not None:
            lines.append(f"  {visible(_passage(text, match))}")
    if text is None:
        lines += ["", f"  no text to show: {visible(trouble)}"]
    if count > len(matches):
        lines += ["", f"  and {count - len(matches):,} more passages: see matches/"]
    cuts, number = folder.find("cuts", _CUT, limit=_SHOWN, **where)
    for cut in cuts:
        lines += ["", f"  cut          {_characters(cut['start'], cut['characters'])}:"]
        lines.append(f"  {visible(_shortened(cut['text']))}")
    if number > len(cuts):
        lines += ["", f"  and {number - len(cuts):,} more cuts: see cuts/"]
    status = "changed" if is_kept else "removed"
    summary = {**row, "status": status, "more": more, "matches": matches, "run": folder.path}
    if is_kept:
        summary["passages"] = cuts
    return JobResult(summary=summary, lines=lines)


def _fate(row: dict[str, Any]) -> str:
    if "cuts" not in row:
        return f"removed; it holds {row['reason']}"
    return (
        f"kept without {row['cuts']:,} of its passages, {row['chars_after']:,} of {row['chars_before']:,} "
        f"characters; it held {row['reason']}"
    )


def _characters(start: int, count: int) -> str:
    return f"characters {start:,} to {start + count:,}"


def _match_line(match: dict[str, Any]) -> str:
    return (
        f"  {match['overlap']:.0%} of {match['evaluation']}:{match['evaluation_row']} {match['field']}, "
        f"{_characters(match['start'], match['length'])}:"
    )


def _passage(text: str, match: dict[str, Any]) -> str:
    """What the document says there, on one line."""
    return _shortened(text[match["start"] : match["start"] + match["length"]])


def _shortened(passage: str) -> str:
    """The beginning of a passage, on one line."""
    if len(passage) > _SHOWN_CHARS:
        passage = passage[:_SHOWN_CHARS].rstrip() + " …"
    return " ".join(passage.split())
