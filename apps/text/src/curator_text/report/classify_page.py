"""The page `report.html` of a run that classifies: the funnel, the labels, what sources lose.

All that comes from documents and models is escaped. The numbers are those of `run.json`.
"""

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.findings import losses_of
from curator_text.report.run_sections import funnel_cards, run_page


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    return run_page(run, "Labels", [funnel_cards(run), _labels(run)], losses_of(run))


def _labels(run: RunFolder) -> str:
    labels: dict[str, dict[str, int]] = run.facts.get("labels", {})
    total = max(1, sum(each["documents"] for each in labels.values()))
    rows = [
        (
            f"<bdi>{page.escaped(name)}</bdi>",
            f"{each['documents']:,}",
            f"{each['documents'] / total:.1%}",
            f"{each['removed']:,}",
            share_bar(each["documents"] / total),
        )
        for name, each in labels.items()
    ]
    tool = run.settings.get("classifier") or run.settings.get("model") or ""
    kept = ", ".join(run.settings.get("filter_by") or []) or "all labels"
    lead = f"Told by {page.escaped(tool)}; kept: {page.escaped(kept)}."
    if where := run.settings.get("where"):
        lead += f" What does not meet <code>{page.escaped(where)}</code> goes as well."
    head = ["label", "documents", "share", "removed", ""]
    return page.section("Labels", lead, page.table(head, rows, numeric=(1, 2, 3)))
