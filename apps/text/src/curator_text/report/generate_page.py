"""The page `report.html` of a run that asks a model: what was asked and paid, how answers end, examples.

All that comes from documents is escaped. The numbers are those of `run.json`.
"""

from curator_engine.report import html_page as page
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.findings import losses_of
from curator_text.report.run_sections import counts_table, run_page
from curator_text.synthetic.service_asker import SERVICES

_ENDS = {
    "stop": "the model ended by itself",
    "length": "cut at the limit of tokens: half an answer",
    "content_filter": "cut by the server's filter",
}


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    return run_page(run, "Generation", [_totals(run), _answers(run), _reasons(run)], losses_of(run))


def _totals(run: RunFolder) -> str:
    facts = run.facts
    documents, removed = facts.get("num_documents", 0), facts.get("num_removed", 0)
    tokens = facts.get("tokens_in", 0) + facts.get("tokens_out", 0)
    totals = [
        ("documents", page.number("num_documents", documents, f"{documents:,}"), ""),
        ("removed", page.number("num_removed", removed, f"{removed:,}"), ""),
        (
            "answers paid for",
            page.number(
                "answers_paid", facts.get("answers_paid", 0), f"{facts.get('answers_paid', 0):,}"
            ),
            "",
        ),
        (
            "characters" if _service(run) else "tokens",
            page.number("tokens", tokens, f"{tokens:,}"),
            "",
        ),
    ]
    if usd := facts.get("usd"):
        totals.append(("US dollars", page.number("usd", usd, f"{usd:,.4f}"), ""))
    if (bad := facts.get("quarantined")) is not None:
        totals.append(("in quarantine", page.number("quarantined", bad, f"{bad:,}"), ""))
    return page.cards(totals)


def _service(run: RunFolder) -> str:
    """The service that translated; empty if a model was asked."""
    backend = str(run.settings.get("backend") or "")
    return backend if backend in SERVICES else ""


def _answers(run: RunFolder) -> str:
    ends: dict[str, int] = run.facts.get("answers", {}).get("ends", {})
    recipe = run.record.get("recipe", {})
    lead = (
        f"Recipe {page.escaped(recipe.get('name', ''))}, asked of "
        f"{page.escaped(_service(run) or run.settings.get('model') or 'the model of the endpoint')}."
    )
    prompt = f'<div class="diff">{page.escaped(recipe.get("prompt", ""))}</div>'
    return page.section("Answers", lead, prompt + _counts("how it ends", ends, _ENDS))


def _reasons(run: RunFolder) -> str:
    reasons: dict[str, int] = run.facts.get("answers", {}).get("reasons", {})
    if not reasons:
        return ""
    return page.section("What went", "Documents by reason.", _counts("reason", reasons, {}))


def _counts(head: str, counts: dict[str, int], words: dict[str, str]) -> str:
    named = {f"{name}: {words[name]}" if name in words else name: n for name, n in counts.items()}
    return counts_table([head, "documents", "share"], named, sum(counts.values()))
