"""The page `report.html` of a run that extracts documents: the funnel, and why pages gave none.

The numbers are those of `run.json`; all that comes from pages is escaped.
"""

from typing import Any

from curator_engine.report import html_page as page
from curator_engine.report.facts_page import facts_page
from curator_text.report.run_sections import counts_table

_REASONS = 30


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    return facts_page(output, "Extraction", lambda facts: [_totals(facts), _reasons(facts)])


def _totals(facts: dict[str, Any]) -> str:
    pages, lost = facts.get("num_documents", 0), facts.get("lost_rows", 0)
    whole = max(1, pages + lost)
    totals = [
        (shown, page.number(name, count, f"{count:,}"), f"{count / whole:.1%}")
        for shown, name, count in (
            ("pages", "num_documents", pages),
            ("documents", "kept", facts.get("kept", 0)),
            ("without a document", "num_removed", facts.get("num_removed", 0)),
            ("in quarantine", "lost_rows", lost),
        )
    ]
    size = facts.get("text_bytes", 0)
    totals.append(("MB of text", page.number("text_bytes", size, f"{size / 1e6:,.1f}"), ""))
    seconds = facts.get("total_time", 0.0)
    totals.append(("seconds", page.number("total_time", seconds, f"{seconds:,.1f}"), ""))
    return page.cards(totals)


def _reasons(facts: dict[str, Any]) -> str:
    found = dict(list(facts.get("removed_by", {}).items())[:_REASONS])
    lead = "Each such page is a row of removed/. What the extractor failed on is in quarantine/."
    head = ["reason", "pages", "of all pages"]
    table = counts_table(head, found, facts.get("num_documents", 0))
    return page.section("Pages without a document", lead, table)
