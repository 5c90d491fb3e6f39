"""The page `report.html` of a run that embeds: what made the vectors, how many there are, what was lost.

All that comes from documents is escaped. The numbers are those of `run.json`.
"""

from curator_engine.report import html_page as page
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.findings import losses_of
from curator_text.report.run_sections import run_page
from curator_text.semantic import FINGERPRINT


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    return run_page(
        run,
        "Embedding",
        [_totals(run), page.section("Vectors", _made_by(run), "")],
        losses_of(run),
    )


def _totals(run: RunFolder) -> str:
    named = {
        "documents": "num_documents",
        "numbers of a vector": "dims",
        "texts that were cut": "truncated",
        "vectors paid for": "answers_paid",
        "tokens": "tokens_in",
        "in quarantine": "quarantined",
    }
    return page.cards(
        [
            (words, page.number(name, run.facts[name], f"{run.facts[name]:,}"), "")
            for words, name in named.items()
            if run.facts.get(name) is not None
        ]
    )


def _made_by(run: RunFolder) -> str:
    model = str(run.facts.get("model", ""))
    if model == FINGERPRINT and not run.settings.get("endpoint"):
        return "Made by a fingerprint: hashed windows of characters, which see wording and not meaning."
    return f"Made by {page.escaped(model)}."
