"""The page `report.html` of a run that writes tokens: totals, tokens by source, the files.

All that comes from documents is escaped. The numbers are those of `run.json`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from curator_engine.counted import counted
from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.run_sections import run_page

_MOST_SOURCES = 50


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    return run_page(run, "Tokens", [_totals(run), _sources(run)])


def _totals(run: RunFolder) -> str:
    facts = run.facts
    documents, tokens = facts.get("num_documents", 0), facts.get("num_tokens", 0)
    mean, size = tokens / max(1, documents), facts.get("text_bytes", 0)
    totals = [
        shown("documents", "num_documents", facts),
        shown("tokens", "num_tokens", facts, note=f"{mean:,.0f} a document"),
        ("bytes of text a token", f"{size / max(1, tokens):.2f}", ""),
        shown("in quarantine", "quarantined", facts),
        shown("files of tokens", "num_shards", facts),
        shown("seconds", "total_time", facts),
    ]
    if "known_files" in facts:
        whole = f"{counted(facts['total_tokens'], 'tokens')} in all"
        totals.append(shown("files there already", "known_files", facts, note=whole))
    return page.cards(totals)


def shown(
    title: str, name: str, facts: Mapping[str, Any], *, note: str = ""
) -> tuple[str, str, str]:
    """A card with a fact."""
    value = facts.get(name, 0)
    text = f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
    return title, page.number(name, value, text), note


def source_rows(sources: Mapping[str, Sequence[int]], *, total: int) -> list[tuple[str, ...]]:
    """A row per source: documents, tokens, share."""
    return [
        (
            page.escaped(name),
            f"{documents:,}",
            f"{tokens:,}",
            f"{tokens / max(1, total):.1%}",
            share_bar(tokens / max(1, total)),
        )
        for name, (documents, tokens) in list(sources.items())[:_MOST_SOURCES]
    ]


def _sources(run: RunFolder) -> str:
    sources: dict[str, list[int]] = run.facts.get("sources", {})
    field = run.settings.get("source_field")
    by = f"value of the field {page.escaped(field)}" if field else "folder or file of the input"
    lead = f"By {by}, the most tokens first."
    if (more := run.facts.get("num_sources", 0) - _MOST_SOURCES) > 0:
        lead += f" {more:,} more are in sources.parquet."
    rows = source_rows(sources, total=run.facts.get("num_tokens", 0))
    head = ["source", "documents", "tokens", "share", ""]
    return page.section("Sources", lead, page.table(head, rows, numeric=(1, 2, 3)))
