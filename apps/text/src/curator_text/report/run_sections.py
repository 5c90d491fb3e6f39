"""What the pages of all jobs that remove documents show: the header, losses by source, the steps."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_text.removal.remove_documents import Loss
from curator_text.removal.run_folder import FILES, SOURCES, RunFolder


def run_page(
    run: RunFolder, title: str, sections: Iterable[str], lost: tuple[Sequence[Loss], int] = ((), 0)
) -> str:
    """The page of a run: what all jobs show, with a job's own sections in the midst.

    Args:
        run: The run.
        title: Its heading; plain text.
        sections: What only this job shows, as HTML.
        lost: What `losses_of` found; nothing for a job that removes no documents.

    Example:
        run_page(run, "Labels", [funnel_cards(run), _labels(run)], losses_of(run))
    """
    parts = [
        run_header(run, title),
        page.alarms(run.facts.get("alarms", [])),
        *sections,
        losses_section(run, *lost),
        steps_section(run),
        page.notes(run.facts.get("notes", [])),
        page.settings_section(run.settings),
    ]
    return page.assemble(f"{run.record.get('job', '')}: {run.path}", parts, app="curator_text")


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


def funnel_cards(run: RunFolder, *more: tuple[str, str, str]) -> str:
    """How many documents came in, stayed and went, with more cards of a job's own, and how long it took."""
    facts = run.facts
    documents, removed = facts.get("num_documents", 0), facts.get("num_removed", 0)
    kept, share = documents - removed, _share(removed, documents)
    totals = [
        ("documents", page.number("num_documents", documents, f"{documents:,}"), ""),
        ("kept", page.number("kept", kept, f"{kept:,}"), f"{1 - share:.1%}"),
        ("removed", page.number("num_removed", removed, f"{removed:,}"), f"{share:.1%}"),
        *more,
    ]
    if (bad := facts.get("quarantined")) is not None:
        totals.append(("in quarantine", page.number("quarantined", bad, f"{bad:,}"), ""))
    if (seconds := facts.get("total_time")) is not None:
        totals.append(("seconds", page.number("total_time", seconds, f"{seconds:,.1f}"), ""))
    return page.cards(totals)


def counts_table(head: Sequence[str], counts: Mapping[str, int], whole: int) -> str:
    """A row per name, such as a reason: how many, and their share of a whole, as a number and a bar.

    Args:
        head: What the names, the numbers and the shares are.
        counts: By name.
        whole: What the shares are of.
    """
    rows = [
        (
            page.escaped(name),
            f"{count:,}",
            f"{count / max(1, whole):.1%}",
            share_bar(count / max(1, whole)),
        )
        for name, count in counts.items()
    ]
    return page.table([*head, ""], rows, numeric=(1, 2)) if rows else "<p>None.</p>"


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
