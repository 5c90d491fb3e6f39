"""The page `report.html` of a run on documents of texts and pictures: counts, why what went, and some that stay.

The numbers are those of `run.json`; all that comes from documents is escaped.
"""

from typing import Any

from curator_engine.items.item_page import STYLE
from curator_engine.report import html_page as page
from curator_engine.report.facts_page import facts_page
from curator_text.removal.run_folder import open_run
from curator_text.report.interleaved_pictures import some_documents
from curator_text.report.interleaved_scores import measured
from curator_text.report.run_sections import counts_table

_KINDS = (
    ("Documents", "removed_by", "num_documents"),
    ("Pictures", "images_removed_by", "images_in"),
    ("Texts", "texts_removed_by", "texts_in"),
)


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    return facts_page(
        output,
        "Documents of texts and pictures",
        lambda facts: [
            _totals(facts),
            *(_reasons(facts, *each) for each in _KINDS),
            measured(open_run(output)),
            some_documents(output),
        ],
        styles=[STYLE],
    )


def _totals(facts: dict[str, Any]) -> str:
    totals = [
        (shown, page.number(name, facts.get(name, 0), f"{facts.get(name, 0):,}"), "")
        for shown, name in (
            ("documents", "num_documents"),
            ("documents kept", "kept"),
            ("pictures", "images_in"),
            ("pictures kept", "images_kept"),
            ("texts kept", "texts_kept"),
            ("in quarantine", "lost_rows"),
        )
    ]
    seconds = facts.get("total_time", 0.0)
    totals.append(("seconds", page.number("total_time", seconds, f"{seconds:,.1f}"), ""))
    return page.cards(totals)


def _reasons(facts: dict[str, Any], title: str, name: str, of: str) -> str:
    lead = "What went is in removed/, what could not be read in quarantine/."
    head = ["reason", "number", "of all"]
    table = counts_table(head, facts.get(name, {}), facts.get(of, 0))
    return page.section(f"{title} that went", lead, table)
