"""`curator-text explain` for a run with a model: what the model said of a document, and whether it stays.

Of `classify` that is in `labels/`, of `generate` in `answers/`.
"""

from typing import Any

import pyarrow.parquet as pq

from curator_engine.commands.cli import JobResult
from curator_engine.files.storage import open_read
from curator_engine.report.visible_text import visible
from curator_text.commands.named_documents import row_of
from curator_text.removal.document_tables import PLACE
from curator_text.removal.run_folder import RunFolder

LABELLING_JOBS = {"classify": "labels", "generate": "answers"}
"""Jobs that ask a model, and their tables of what it said."""


def explain_labels(folder: RunFolder, name: str) -> JobResult:
    """What was said of a document, and why it left or stayed.

    Args:
        folder: The run.
        name: The document's id, or FILE:ROW.

    Raises:
        InputError: There is no such document.
    """
    table = LABELLING_JOBS[str(folder.record.get("job"))]
    row, more = row_of(folder, table, _columns(folder, table), name)
    status = "kept" if row["keep"] else "removed"
    summary = {**row, "status": status, "more": more, "run": folder.path}
    return JobResult(summary=summary, lines=_lines(folder, row, more=more))


def _columns(folder: RunFolder, table: str) -> list[str]:
    for part in folder.parts(table):
        with open_read(part) as raw:
            return list(pq.ParquetFile(raw).schema_arrow.names)
    return []


def _lines(folder: RunFolder, row: dict[str, Any], *, more: int) -> list[str]:
    settings = folder.settings
    fate = "kept" if row["keep"] else f"removed; {row['reason']}"
    kept = ", ".join(settings.get("filter_by") or []) or "all labels"
    answers = {k: v for k, v in row.items() if k not in {*PLACE, "keep", "reason"}}
    width = max(map(len, answers), default=0)
    lines = [
        visible(f"{row['id']}: {fate}"),
        visible(f"  lies in {row['file']}, row {row['row']:,}"),
        *(visible(f"  {name:{width}}  {value}") for name, value in answers.items()),
        visible(f"  asked by recipe {settings['recipe']}")
        if "recipe" in settings
        else visible(
            f"  told by {settings.get('classifier') or settings.get('model')}; kept: {kept}"
        ),
    ]
    if more:
        lines.append(f"  {more:,} more documents have this id; name one by FILE:ROW")
    return lines
