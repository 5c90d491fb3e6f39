"""The page `report.html`: what a deduplication run did, for a person to look at.

All that comes from documents is escaped. The numbers are those of `run.json`; what is shown of the
tables is `findings.py`'s to find.
"""

from curator_engine.report import html_page as page
from curator_text.fuzzy.lsh import candidate_probability
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.charts import s_curve_chart, size_chart
from curator_text.report.findings import Example, Findings, Member, find
from curator_text.report.run_sections import (
    difference,
    example_article,
    funnel_cards,
    run_page,
)


def build_page(output: str) -> str:
    """The page of the run in a folder, as text.

    Raises:
        InputError: It is not the folder of a run.
    """
    run = open_run(output)
    findings = find(run)
    job = str(run.record.get("job", "deduplication"))
    return run_page(
        run,
        f"{job} deduplication".capitalize(),
        [_totals(run), _sizes(findings), _curve(run, findings), _examples(findings)],
        (findings.losses, findings.sources),
    )


def _totals(run: RunFolder) -> str:
    more = [
        ("clusters", page.number("clusters", count, f"{count:,}"), "")
        for count in [run.facts.get("clusters")]
        if count is not None
    ]
    return funnel_cards(run, *more, words=("kept", "duplicates"), removed_name="num_duplicates")


def _sizes(findings: Findings) -> str:
    if not findings.sizes:
        return page.section("Clusters", "No document is a duplicate of another.", "")
    lead = "Clusters by number of documents, the one that stays included (heights by square root)."
    return page.section("Clusters", lead, size_chart(findings.sizes))


def _curve(run: RunFolder, findings: Findings) -> str:
    points: dict[str, float] = run.record.get("s_curve", {})
    bands, rows = (run.settings.get(name) for name in ("num_bands", "minhashes_per_band"))
    if not points or not isinstance(bands, int) or not isinstance(rows, int):
        return ""
    first = min(float(point) for point in points)
    grid = [first + (1 - first) * i / 100 for i in range(101)]
    curve = {s: candidate_probability(s, num_bands=bands, minhashes_per_band=rows) for s in grid}
    threshold = run.settings.get("threshold")
    chart = s_curve_chart(curve, threshold=threshold, removed=findings.removed)
    lead = (
        f"The line is the probability that a pair is compared at all, by its similarity, with "
        f"{bands} bands of {rows} rows. The bars are the removed documents (heights by square root)."
    )
    missed = findings.missed
    guess = "It cannot be told from the tables how many duplicates were missed."
    if missed is not None:
        shown = page.number(
            "missed", round(missed, 3), f"{missed:,.1f}" if missed >= 0.05 else "fewer than 0.1"
        )
        guess = (
            "Estimated number of duplicates that were not found, by the similarities of those "
            f"that were: {shown}."
        )
    cells = [
        (page.escaped(s), page.number(f"s_curve-{s}", p, f"{p:.4f}")) for s, p in points.items()
    ]
    numbers = page.details(
        "The numbers", page.table(["similarity", "probability"], cells, numeric=(1,))
    )
    return page.section("What could be found", lead, f"{chart}\n<p>{guess}</p>\n{numbers}")


def _examples(findings: Findings) -> str:
    if not findings.examples:
        return ""
    lead = (
        "A few clusters, with what differs between the document that stays and those of its "
        "duplicates that are least like it: <del>only in what stays</del>, <ins>only in the duplicate</ins>."
    )
    shown = "\n".join(
        _example(example, is_open=i < 2) for i, example in enumerate(findings.examples)
    )
    return page.section("Examples", lead, shown)


def _example(example: Example, *, is_open: bool) -> str:
    more = example.size - 1 - len(example.members)
    rest = f'<p class="more">and {more:,} more duplicates</p>' if more > 0 else ""
    return (
        f"<details{' open' if is_open else ''}>\n<summary><bdi>{page.escaped(example.cluster_id)}</bdi> "
        f'<span class="note">{example.size:,} documents, {example.why}</span></summary>\n'
        f'<p class="place">stays: {page.escaped(example.file)}, row {example.row:,}</p>\n'
        f"{''.join(_member(member) for member in example.members)}{rest}</details>"
    )


def _member(member: Member) -> str:
    near = "not compared" if member.similarity is None else f"similarity {member.similarity:.3f}"
    note = f"{near}, {page.escaped(member.file)}, row {member.row:,}"
    text = difference(member.pieces)
    return example_article(member.id, note, text=text, trouble=member.trouble)
