"""`curator-text explain` for a run that tells languages: what was found in a document, and whether it stays."""

from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.report.visible_text import visible
from curator_text.commands.named_documents import row_of
from curator_text.language.codes import tag
from curator_text.language.decide_languages import LANGUAGES_SCHEMA
from curator_text.removal.run_folder import RunFolder


def explain_language(folder: RunFolder, name: str) -> JobResult:
    """What was found in a document, and why it left or stayed.

    Args:
        folder: The run.
        name: The document's id, or FILE:ROW.

    Raises:
        InputError: There is no such document.
    """
    row, more = row_of(folder, "languages", LANGUAGES_SCHEMA.names, name)
    status = "kept" if row["keep"] else "removed"
    summary = {**row, "status": status, "more": more, "run": folder.path}
    return JobResult(summary=summary, lines=_lines(folder, row, more=more))


def _lines(folder: RunFolder, row: dict[str, Any], *, more: int) -> list[str]:
    settings = folder.settings
    kept = ", ".join(settings.get("keep") or []) or "all languages"
    fate = "kept" if row["keep"] else f"removed; {row['reason']}"
    score = "none" if row["language_score"] is None else f"{row['language_score']:g}"
    least = settings.get("min_score")
    lines = [
        visible(f"{row['id']}: {fate}"),
        visible(f"  lies in      {row['file']}, row {row['row']:,}"),
        f"  language     {tag(row['language'], row['language_script'] or '')}",
        f"  score        {score}" + (f" (at least {least:g})" if least is not None else ""),
        f"  also         {', '.join(row['other_languages'] or []) or 'no other language'}",
        visible(
            f"  told by      {settings.get('model') or settings.get('detector')}; kept: {kept}"
        ),
    ]
    if more:
        lines.append(f"  {more:,} more documents have this id; name one by FILE:ROW")
    return lines
