"""The page `report.html` of a run that downloads: how many addresses came, and why others did not.

The numbers are those of `run.json`; all that servers and lists say is escaped.
"""

from typing import Any

from curator_engine.report import html_page as page
from curator_engine.report.facts_page import facts_page
from curator_engine.report.svg_charts import share_bar

_REASONS = 30
"""Reasons that are shown."""


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    return facts_page(output, "Download", lambda facts: [_totals(facts), _reasons(facts)])


def _totals(facts: dict[str, Any]) -> str:
    whole = max(1, facts.get("urls", 0))
    names = {"addresses": "urls", "that came": "downloaded", "that did not": "failed"}
    totals = [
        (shown, page.number(name, count, f"{count:,}"), f"{count / whole:.1%}")
        for shown, name in names.items()
        for count in [facts.get(name, 0)]
    ]
    size, seconds = facts.get("bytes", 0), facts.get("total_time", 0.0)
    totals.append(("MB", page.number("bytes", size, f"{size / 1e6:,.1f}"), ""))
    totals.append(("seconds", page.number("total_time", seconds, f"{seconds:,.1f}"), ""))
    return page.cards(totals)


def _reasons(facts: dict[str, Any]) -> str:
    whole, reasons = max(1, facts.get("urls", 0)), list(facts.get("failed_by", {}).items())
    rows = [
        (page.escaped(why), f"{count:,}", f"{count / whole:.1%}", share_bar(count / whole))
        for why, count in reasons[:_REASONS]
    ]
    if (more := len(reasons) - _REASONS) > 0:
        rows.append((f"and {more:,} more", "", "", ""))
    lead = "downloads.parquet has a row per address. --retry-failed asks for these again."
    head = ["reason", "addresses", "of all addresses", ""]
    table = page.table(head, rows, numeric=(1, 2)) if rows else "<p>All came.</p>"
    return page.section("Addresses that did not come", lead, table)
