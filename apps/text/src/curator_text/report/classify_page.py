"""The page `report.html` of a run that classifies: the funnel, the labels, what sources lose.

All that comes from documents and models is escaped. The numbers are those of `run.json`.
"""

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.findings import losses_of
from curator_text.report.run_sections import funnel_cards, run_page


def try_classify_report(output: str) -> str | None:
    """Write the page of a run; says why there is none, if so, and the run goes on."""
    return page.try_to(write_classify_report, output)


def write_classify_report(output: str) -> None:
    """Write `report.html` into the folder of a run.

    Raises:
        InputError: It is not the folder of a run.
        StorageError: The page cannot be written.
    """
    run = open_run(output)
    page.write(
        output,
        run_page(run, "Labels", [funnel_cards(run), _labels(run)], losses_of(run)),
    )


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
