"""The page `report.html` of a run that changes texts: totals, rules, examples with what changed.

All that comes from documents is escaped. Of a run on private data no text is shown.
"""

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.edit_findings import EditedText, EditFindings, find_edited
from curator_text.report.findings import losses_of
from curator_text.report.run_sections import difference, end_cards, example_article, run_page


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    findings = find_edited(run)
    job = str(run.record.get("job", ""))
    return run_page(
        run,
        f"{job.capitalize()}: {run.settings.get('recipe') or run.settings.get('action', '')}",
        [_totals(run), _funnel(run), _rules(run), _examples(findings)],
        losses_of(run),
    )


def _totals(run: RunFolder) -> str:
    facts = run.facts
    documents, removed = facts.get("num_documents", 0), facts.get("num_removed", 0)
    changed = facts.get("changed", 0)
    before, after = facts.get("chars_before", 0), facts.get("chars_after", 0)
    totals = [
        ("documents", page.number("num_documents", documents, f"{documents:,}"), ""),
        ("changed", page.number("changed", changed, f"{changed:,}"), _percent(changed, documents)),
        (
            "dropped",
            page.number("num_removed", removed, f"{removed:,}"),
            _percent(removed, documents),
        ),
        ("characters less, where changed", f"{before - after:,}", _percent(before - after, before)),
    ]
    return page.cards([*totals, *end_cards(facts)])


def _funnel(run: RunFolder) -> str:
    """What comes in, what goes, what is left."""
    facts = run.facts
    documents, bad = facts.get("num_documents", 0), facts.get("quarantined", 0)
    left, whole = documents, documents + bad
    rows = [("in", "", f"{whole:,}", share_bar(1.0))]
    if bad:
        rows.append(("in quarantine", f"{bad:,}", f"{left:,}", share_bar(left / whole)))
    for name, count in facts.get("dropped", {}).items():
        left -= count
        rows.append((page.escaped(name), f"{count:,}", f"{left:,}", share_bar(left / whole)))
    rows.append(("kept", "", f"{left:,}", share_bar(left / whole if whole else 0.0)))
    lead = "A document goes if nothing is left of it, or if the run drops what it finds."
    if no_text := facts.get("no_text", 0):
        lead += f" {no_text:,} rows without text (null) are kept."
    table = page.table(["", "dropped", "left", ""], rows, numeric=(1, 2))
    return page.section("Funnel", lead, table)


def _rules(run: RunFolder) -> str:
    facts = run.facts
    documents = facts.get("num_documents", 0)
    met = facts.get("met", {})
    rows = [
        (
            page.escaped(name),
            page.number(f"rule-{name}", count, f"{count:,}"),
            _percent(count, documents),
            f"{met.get(name, count):,}",
            share_bar(count / documents if documents else 0.0),
        )
        for name, count in facts.get("documents", {}).items()
    ]
    head = ["", "documents", "share", "times", ""]
    lead = "Documents in which each rule was met, and how often in all; a document may count at several."
    return page.section("Rules", lead, page.table(head, rows, numeric=(1, 2, 3)))


def _examples(findings: EditFindings) -> str:
    if not findings.examples:
        return ""
    shown = "".join(
        f"<details open>\n<summary>{page.escaped(rule)}</summary>\n{''.join(map(_example, some))}</details>"
        for rule, some in findings.examples.items()
    )
    lead = "A few documents that each rule changes: <del>what goes</del>, <ins>what comes</ins>."
    return page.section("Examples", lead, shown)


def _example(example: EditedText) -> str:
    note = f"{page.escaped(example.file)}, row {example.row:,}"
    text = difference(example.pieces)
    return example_article(example.id, note, text=text, trouble=example.trouble)


def _percent(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else ""
