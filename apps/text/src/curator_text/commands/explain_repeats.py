"""`curator-text explain` for runs of `substring` and `lines`: which passages of a document repeat, and what became of it."""

from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.counted import counted
from curator_engine.report.visible_text import visible
from curator_text.removal.document_tables import PLACE
from curator_text.removal.run_folder import RunFolder

_SHOWN = 20
_PASSAGE = [*PLACE, "start", "characters", "first_file", "first_row", "first_byte", "times", "text"]
_REMOVED = [*PLACE, "reason", "repeated", "passages"]


def explain_repeats(folder: RunFolder, values: dict[str, Any]) -> JobResult | None:
    """What the tables say of a document; None if they do not know it.

    Args:
        folder: The run.
        values: Its id, or its place, by column.
    """
    passages, count = folder.find("passages", _PASSAGE, limit=_SHOWN, **values)
    removed, _ = folder.find("removed", _REMOVED, limit=1, **values)
    if not passages and not removed:
        return None
    known = (removed or passages)[0]
    status = "removed" if removed else "kept"
    if removed:
        fate = f"removed; {removed[0]['reason']}"
    elif folder.settings.get("remove") == "passages":
        fate = f"kept without {counted(count, 'repeated passages')}"
    else:
        fate = f"kept; {count:,} of its passages repeat"
    lines = [
        f"{visible(known['id'])}: {fate}",
        f"  lies in      {visible(known['file'])}, row {known['row']:,}",
    ]
    for each in passages:
        times = f"; {counted(each['times'], 'times')} in all" if each.get("times") else ""
        lines += [
            f"  characters {each['start']:,} to {each['start'] + each['characters']:,} stand first in "
            f"{visible(each['first_file'])}, row {each['first_row']:,}{times}",
            f"    {visible(each['text'])}",
        ]
    if count > len(passages):
        lines.append(f"  and {count - len(passages):,} more: see passages/")
    summary = {
        "id": known["id"],
        "status": status,
        "place": {name: known[name] for name in PLACE if name != "id"},
        "reason": removed[0]["reason"] if removed else "",
        "passages": passages,
        "run": folder.path,
    }
    return JobResult(summary=summary, lines=lines)
