"""What the pages of all jobs that remove documents show: the header, losses by source, the steps."""

from collections.abc import Sequence
from typing import Any

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_text.removal.remove_documents import Loss
from curator_text.removal.run_folder import FILES, SOURCES, RunFolder


def run_header(run: RunFolder, title: str) -> str:
    """What was run, where and when."""
    steps: dict[str, Any] = run.record.get("steps", {})
    return page.header(
        title,
        path=run.path,
        status=str(run.record.get("status", "")),
        program=f"curator-text {run.record.get('version', '')}",
        started=next((step.get("started", "") for step in steps.values()), ""),
    )


def losses_section(run: RunFolder, losses: Sequence[Loss], sources: int) -> str:
    """What each source loses; `sources` is how many there are, of which `losses` are shown."""
    if not losses:
        return ""
    field = run.settings.get("source_field")
    by = f"value of the field <code>{page.escaped(field)}</code>" if field else "input file"
    rows = [
        (
            f"<bdi>{page.escaped(loss.source)}</bdi>",
            f"{loss.documents:,}",
            f"{loss.removed:,}",
            f"{_share(loss.removed, loss.documents):.1%}",
            share_bar(
                _share(loss.removed, loss.documents), "bar alarm" if loss.is_alarming else "bar"
            )
            + ('<strong class="flag">loses most</strong>' if loss.is_alarming else ""),
        )
        for loss in losses
    ]
    shown, total = len(rows), sources
    lead = f"What each {by} loses, the alarming first and then the largest losses." + (
        f" {shown:,} of {total:,}; all are in {SOURCES if field else FILES}."
        if shown < total
        else ""
    )
    return page.section(
        "Losses by source",
        lead,
        page.table(["source", "documents", "removed", "share", ""], rows, numeric=(1, 2, 3)),
    )


def steps_section(run: RunFolder) -> str:
    """Where the time went."""
    steps: dict[str, dict[str, Any]] = run.record.get("steps", {})
    if not steps:
        return ""
    longest = max(float(step.get("seconds", 0)) for step in steps.values()) or 1.0
    rows = [
        (
            page.escaped(name),
            page.number(
                f"seconds-{name}", step.get("seconds", 0), f"{step.get('seconds', 0):,.2f}"
            ),
            f"{step.get('sources', 0):,}",
            f"{step.get('sources_resumed', 0):,}",
            f"{step.get('peak_memory_mb', 0):,.0f}",
            share_bar(step.get("seconds", 0) / longest),
        )
        for name, step in steps.items()
    ]
    head = ["step", "seconds", "tasks", "done before", "peak MB", ""]
    return page.section(
        "Steps", "Where the time went.", page.table(head, rows, numeric=(1, 2, 3, 4))
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
