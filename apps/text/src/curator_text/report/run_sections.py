"""What the pages of all jobs that remove documents show: the header, losses by source, the steps."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_text.removal.remove_documents import Loss
from curator_text.removal.run_folder import FILES, SOURCES, RunFolder
from curator_text.report.text_diff import Piece

_TAGS = {"deleted": "del", "inserted": "ins"}


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


def funnel_cards(
    run: RunFolder,
    *more: tuple[str, str, str],
    words: tuple[str, str] = ("kept", "removed"),
    removed_name: str = "num_removed",
) -> str:
    """How many documents came in, stayed and went, with more cards of a job's own, and how long it took.

    Args:
        run: The run.
        more: Cards after these: title, value and note, as HTML.
        words: Titles of what stayed and of what went.
        removed_name: What the facts call the number of documents that went.
    """
    documents, removed = run.facts.get("num_documents", 0), run.facts.get(removed_name, 0)
    kept, share = documents - removed, _share(removed, documents)
    return page.cards(
        [
            ("documents", page.number("num_documents", documents, f"{documents:,}"), ""),
            (words[0], page.number("kept", kept, f"{kept:,}"), f"{1 - share:.1%}"),
            (words[1], page.number(removed_name, removed, f"{removed:,}"), f"{share:.1%}"),
            *more,
            *end_cards(run.facts),
        ]
    )


def end_cards(facts: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """How many rows could not be read, and how long the run took, if the facts say so."""
    totals: list[tuple[str, str, str]] = []
    if (bad := facts.get("quarantined")) is not None:
        totals.append(("in quarantine", page.number("quarantined", bad, f"{bad:,}"), ""))
    if (seconds := facts.get("total_time")) is not None:
        totals.append(("seconds", page.number("total_time", seconds, f"{seconds:,.1f}"), ""))
    return totals


def difference(pieces: Iterable[Piece]) -> str:
    """What differs between two texts, as HTML; empty if there are no pieces."""
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: Piece) -> str:
    text = page.escaped(piece.text)
    if piece.kind == "gap":
        return f'<span class="gap">{text}</span>'
    tag = _TAGS.get(piece.kind)
    return f"<{tag}>{text}</{tag}>" if tag else text


def example_article(name: str, note: str, *, text: str, trouble: str) -> str:
    """A document that is shown as an example.

    Args:
        name: Its id; plain text.
        note: What stands beside it, as HTML.
        text: What is shown of its text, as HTML; empty if it cannot be read.
        trouble: Why not; plain text.
    """
    shown = (
        f'<div class="diff" dir="auto">{text}</div>'
        if text or not trouble
        else f'<p class="trouble">{page.escaped(trouble)}</p>'
    )
    return (
        f'<article>\n<h3><bdi>{page.escaped(name)}</bdi> <span class="note">{note}</span></h3>\n'
        f"{shown}\n</article>\n"
    )


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
