"""The page `report.html`: what a deduplication run did, for a person to look at.

One file without scripts, links or fonts from elsewhere, so it works offline and may be mailed. All
that comes from documents is escaped, and the page's policy forbids scripts. The numbers are those of
`run.json`; what is shown of the tables is `findings.py`'s to find.
"""

import base64
import hashlib
import html
import logging
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from curator_engine.storage import join, write_atomic
from curator_text.charts import s_curve_chart, share_bar, size_chart
from curator_text.findings import Example, Findings, Member, find
from curator_text.lsh import candidate_probability
from curator_text.run_folder import FILES, SOURCES, RunFolder, open_run
from curator_text.text_diff import Piece, visible

PAGE = "report.html"
_TAGS = {"deleted": "del", "inserted": "ins"}

_logger = logging.getLogger(__name__)


def try_report(output: str) -> str | None:
    """Write the page of a run; a failure does not fail the run.

    Returns:
        A line that says why there is no page, or None.
    """
    try:
        write_report(output)
    except Exception as error:
        # The run is finished and its result is whole, whatever is wrong with the page.
        _logger.debug("no report of %s", output, exc_info=True)
        reason = " ".join(str(error).split()) or type(error).__name__
        return f"{join(output, PAGE)} was not written: {reason}"
    return None


def write_report(output: str) -> None:
    """Write `report.html` into the folder of a run.

    Raises:
        InputError: It is not the folder of a run.
        StorageError: The page cannot be written.
    """
    run = open_run(output)
    page = build_page(run, find(run))
    write_atomic(join(output, PAGE), page.encode("utf-8", "replace"))


def build_page(run: RunFolder, findings: Findings) -> str:
    """The page as text."""
    style = files("curator_text").joinpath("report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    job = str(run.record.get("job", "deduplication"))
    body = [
        _header(run, job),
        _alarms(run),
        _totals(run),
        _sizes(findings),
        _curve(run, findings),
        _examples(findings),
        _losses(run, findings),
        _steps(run),
        _settings(run),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{_text(job)} deduplication: {_text(run.path)}</title>\n<style>{style}</style>\n"
        f"</head>\n<body>\n<main>\n{''.join(part for part in body if part)}</main>\n</body>\n</html>\n"
    )


def _text(value: Any) -> str:
    """A value as text of the page: escaped, and without what would turn the writing around."""
    return html.escape(visible(str(value)))


def _number(name: str, value: float, shown: str) -> str:
    """A number of `run.json` that a program can find again."""
    return f'<data id="{name}" value="{value}">{shown}</data>'


def _section(title: str, lead: str, content: str) -> str:
    return f'<section>\n<h2>{title}</h2>\n<p class="lead">{lead}</p>\n{content}\n</section>\n'


def _header(run: RunFolder, job: str) -> str:
    status = str(run.record.get("status", ""))
    steps: dict[str, Any] = run.record.get("steps", {})
    started = next((step.get("started", "") for step in steps.values()), "")
    about = [f"curator-text {run.record.get('version', '')}", started.replace("T", " ")[:16]]
    return (
        f"<header>\n<h1>{_text(job).capitalize()} deduplication</h1>\n"
        f'<p class="where"><code>{_text(run.path)}</code> '
        f'<span class="status {"done" if status == "done" else "other"}">{_text(status)}</span></p>\n'
        f'<p class="about">{_text(", ".join(filter(None, about)))}</p>\n</header>\n'
    )


def _alarms(run: RunFolder) -> str:
    lines = [*run.facts.get("alarms", []), *run.facts.get("notes", [])]
    if not lines:
        return ""
    shown = "".join(f"<li>{_text(line)}</li>" for line in lines[:20])
    more = f"<li>and {len(lines) - 20:,} more, in run.json</li>" if len(lines) > 20 else ""
    return f'<aside class="alarms" role="note">\n<h2>Look at this</h2>\n<ul>{shown}{more}</ul>\n</aside>\n'


def _totals(run: RunFolder) -> str:
    facts = run.facts
    documents, removed = facts.get("num_documents", 0), facts.get("num_duplicates", 0)
    kept, share = documents - removed, removed / documents if documents else 0.0
    cards = [
        ("documents", _number("num_documents", documents, f"{documents:,}"), ""),
        ("kept", _number("kept", kept, f"{kept:,}"), f"{1 - share:.1%}"),
        ("duplicates", _number("num_duplicates", removed, f"{removed:,}"), f"{share:.1%}"),
    ]
    if (clusters := facts.get("clusters")) is not None:
        cards.append(("clusters", _number("clusters", clusters, f"{clusters:,}"), ""))
    if (bad := facts.get("quarantined")) is not None:
        cards.append(("in quarantine", _number("quarantined", bad, f"{bad:,}"), ""))
    if (seconds := facts.get("total_time")) is not None:
        cards.append(("seconds", _number("total_time", seconds, f"{seconds:,.1f}"), ""))
    shown = "".join(
        f'<div class="card"><dt>{name}</dt><dd>{value}</dd><dd class="note">{note}</dd></div>'
        for name, value, note in cards
    )
    return f'<dl class="cards">{shown}</dl>\n'


def _sizes(findings: Findings) -> str:
    if not findings.sizes:
        return _section("Clusters", "No document is a duplicate of another.", "")
    lead = "Clusters by number of documents, the one that stays included (heights by square root)."
    return _section("Clusters", lead, size_chart(findings.sizes))


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
        shown = _number(
            "missed", round(missed, 3), f"{missed:,.1f}" if missed >= 0.05 else "fewer than 0.1"
        )
        guess = (
            "Estimated number of duplicates that were not found, by the similarities of those "
            f"that were: {shown}."
        )
    cells = [(_text(s), _number(f"s_curve-{_text(s)}", p, f"{p:.4f}")) for s, p in points.items()]
    table = _details("The numbers", _table(["similarity", "probability"], cells, numeric=2))
    return _section("What could be found", lead, f"{chart}\n<p>{guess}</p>\n{table}")


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
    return _section("Examples", lead, shown)


def _example(example: Example, *, is_open: bool) -> str:
    more = example.size - 1 - len(example.members)
    rest = f'<p class="more">and {more:,} more duplicates</p>' if more > 0 else ""
    return (
        f"<details{' open' if is_open else ''}>\n<summary><bdi>{_text(example.cluster_id)}</bdi> "
        f'<span class="note">{example.size:,} documents, {example.why}</span></summary>\n'
        f'<p class="place">stays: {_text(example.file)}, row {example.row:,}</p>\n'
        f"{''.join(_member(member) for member in example.members)}{rest}</details>"
    )


def _member(member: Member) -> str:
    near = "not compared" if member.similarity is None else f"similarity {member.similarity:.3f}"
    text = "".join(_piece(piece) for piece in member.pieces)
    shown = (
        f'<div class="diff" dir="auto">{text}</div>'
        if text
        else f'<p class="trouble">{_text(member.trouble)}</p>'
    )
    return (
        f'<article>\n<h3><bdi>{_text(member.id)}</bdi> <span class="note">{near}, '
        f"{_text(member.file)}, row {member.row:,}</span></h3>\n{shown}\n</article>\n"
    )


def _piece(piece: Piece) -> str:
    text = _text(piece.text)
    if piece.kind == "gap":
        return f'<span class="gap">{text}</span>'
    tag = _TAGS.get(piece.kind)
    return f"<{tag}>{text}</{tag}>" if tag else text


def _losses(run: RunFolder, findings: Findings) -> str:
    if not findings.losses:
        return ""
    field = run.settings.get("source_field")
    by = f"value of the field <code>{_text(field)}</code>" if field else "input file"
    rows = [
        (
            f"<bdi>{_text(loss.source)}</bdi>",
            f"{loss.documents:,}",
            f"{loss.removed:,}",
            f"{_share(loss.removed, loss.documents):.1%}",
            share_bar(_share(loss.removed, loss.documents), alarm=loss.is_alarming)
            + ('<strong class="flag">loses most</strong>' if loss.is_alarming else ""),
        )
        for loss in findings.losses
    ]
    shown, total = len(rows), findings.sources
    lead = f"What each {by} loses, the alarming first and then the largest losses." + (
        f" {shown:,} of {total:,}; all are in {SOURCES if field else FILES}."
        if shown < total
        else ""
    )
    return _section(
        "Losses by source",
        lead,
        _table(["source", "documents", "removed", "share", ""], rows, numeric=3),
    )


def _steps(run: RunFolder) -> str:
    steps: dict[str, dict[str, Any]] = run.record.get("steps", {})
    if not steps:
        return ""
    longest = max(float(step.get("seconds", 0)) for step in steps.values()) or 1.0
    rows = [
        (
            _text(name),
            _number(
                f"seconds-{_text(name)}", step.get("seconds", 0), f"{step.get('seconds', 0):,.2f}"
            ),
            f"{step.get('sources', 0):,}",
            f"{step.get('sources_resumed', 0):,}",
            f"{step.get('peak_memory_mb', 0):,.0f}",
            share_bar(step.get("seconds", 0) / longest),
        )
        for name, step in steps.items()
    ]
    head = ["step", "seconds", "tasks", "done before", "peak MB", ""]
    return _section("Steps", "Where the time went.", _table(head, rows, numeric=4))


def _settings(run: RunFolder) -> str:
    given = {name: value for name, value in run.settings.items() if value is not None}
    rows = [(_text(name), f"<code>{_text(value)}</code>") for name, value in given.items()]
    table = _details("All settings", _table(["setting", "value"], rows, numeric=0))
    return f"<section>\n<h2>Settings</h2>\n{table}\n</section>\n"


def _details(title: str, content: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n{content}\n</details>"


def _table(head: list[str], rows: Iterable[tuple[str, ...]], *, numeric: int) -> str:
    """A table whose columns after the first, `numeric` of them, are numbers."""

    def cells(row: Iterable[str], tag: str) -> str:
        return "".join(
            f'<{tag} class="number">{cell}</{tag}>'
            if 0 < i <= numeric
            else f"<{tag}>{cell}</{tag}>"
            for i, cell in enumerate(row)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>\n" for row in rows)
    return f'<div class="scroll"><table>\n<thead><tr>{cells(head, "th")}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>'


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
