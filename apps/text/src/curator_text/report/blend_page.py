"""The page `report.html` of a blend: totals, what each source gives, the parts, what is in two of them.

All that comes from documents is escaped. The numbers are those of `run.json`.
"""

from collections.abc import Mapping
from typing import Any

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.blend_lines import leak_lines
from curator_text.report.run_sections import run_page
from curator_text.report.tokens_page import shown

_MOST_SOURCES = 50


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    return run_page(run, "Blend", [_totals(run.facts), _sources(run.facts), _parts(run)])


def _totals(facts: Mapping[str, Any]) -> str:
    return page.cards(
        [
            shown("tokens", "num_tokens", facts),
            shown("documents, repeated ones each time", "num_documents", facts),
            shown("sources", "num_sources", facts),
            shown("tokens of the input", "num_input_tokens", facts),
            shown("tokens left unused", "unused_tokens", facts),
            shown("seconds", "total_time", facts),
        ]
    )


def _sources(facts: Mapping[str, Any]) -> str:
    rows = [
        (
            page.escaped(each["source"]),
            f"{each['weight']:.1%}",
            f"{each['share']:.1%}",
            f"{each['train_tokens']:,}",
            f"{each['epochs']:.2f}",
            f"{each['tokens']:,}",
            f"{each['documents']:,}",
            f"{each['unused_tokens']:,}",
            share_bar(each["share"]),
        )
        for each in facts.get("sources", [])[:_MOST_SOURCES]
    ]
    lead = "What each source gives for training. An epoch is one pass over it."
    if (more := facts.get("num_sources", 0) - _MOST_SOURCES) > 0:
        lead += f" {more:,} more are in sources.parquet."
    head = [
        "source",
        "weight",
        "share",
        "tokens there",
        "epochs",
        "tokens",
        "documents",
        "unused",
        "",
    ]
    return page.section("Sources", lead, page.table(head, rows, numeric=range(1, 8)))


def _parts(run: RunFolder) -> str:
    parts: Mapping[str, Mapping[str, int]] = run.facts.get("parts", {})
    is_packed = any("sequences" in each for each in parts.values())
    packed = ["sequences", "left_out"] if is_packed else []
    names = ["documents", "tokens", "files", *packed]
    rows = [
        (part, *(f"{counted.get(name, 0):,}" for name in names)) for part, counted in parts.items()
    ]
    head = ["part", *names[:3], *(["sequences", "tokens left over"] if packed else [])]
    content = page.table(head, rows, numeric=range(1, len(head)))
    lines = leak_lines(run.facts.get("leaks", {}))
    lead = "What was written." + (
        f" Split by {page.escaped(run.settings.get('split_by'))}; documents of two parts have in common: "
        + page.escaped("; ".join(lines))
        + "."
        if lines
        else ""
    )
    return page.section("Parts", lead, content)
