"""The page `report.html` of a run of several steps: the funnel over all of them, with links to their pages.

It reads `run.json` alone; a run is a folder with a record of each step in it.
"""

from typing import Any

from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar
from curator_engine.running.run_record import read_record

_REASONS = 12
"""Reasons of a step that are shown."""


def try_funnel_page(output: str) -> str | None:
    """Write the page of a run; says why there is none, if so, and the run goes on."""
    return page.try_to(write_funnel_page, output)


def write_funnel_page(output: str) -> None:
    """Write `report.html` into the folder of a run.

    Raises:
        InputError: It is not the folder of a run.
        StorageError: The page cannot be written.
    """
    page.write(output, build_funnel_page(output, read_record(output)))


def build_funnel_page(output: str, record: dict[str, Any]) -> str:
    """The page as text."""
    facts, steps = record.get("facts", {}), list(record.get("steps", {}).values())
    title = f"{len(steps)} steps: {', '.join(step['name'] for step in steps)}"
    parts = [
        page.header(
            title,
            path=output,
            status=str(record.get("status", "")),
            program=f"version {record.get('version', '')}",
            started="",
        ),
        page.alarms(facts.get("alarms", [])),
        _totals(facts),
        _funnel(facts, steps),
        _times(steps),
        page.notes(facts.get("notes", [])),
        page.settings_section(record.get("settings", {})),
        page.section("Steps' settings", "What each step ran with.", "".join(map(_settings, steps))),
    ]
    return page.assemble(f"run: {output}", parts)


def _totals(facts: dict[str, Any]) -> str:
    came = facts.get("num_documents", 0)
    names = {
        "in": "num_documents",
        "in data/": "kept",
        "removed": "num_removed",
        "in quarantine": "lost_rows",
    }
    totals = [
        (
            shown,
            page.number(name, facts.get(name, 0), f"{facts.get(name, 0):,}"),
            _of(facts.get(name, 0), came),
        )
        for shown, name in names.items()
    ]
    seconds = facts.get("total_time", 0.0)
    totals.append(("seconds", page.number("total_time", seconds, f"{seconds:,.1f}"), ""))
    return page.cards(totals)


def _funnel(facts: dict[str, Any], steps: list[dict[str, Any]]) -> str:
    """What comes in, what each step takes for which reasons, what is left."""
    came = facts.get("num_documents", 0)
    rows: list[tuple[str, ...]] = [("in", "", "", f"{came:,}", _of(came, came), share_bar(1.0))]
    for step in steps:
        name, folder = page.escaped(step["folder"]), page.escaped(step["folder"])
        link = f'<a href="steps/{folder}/report.html">{name}</a>'
        left = step["kept"]
        rows.append(
            (
                f"<strong>{link}</strong>",
                page.number(f"removed-{folder}", step["removed"], f"{step['removed']:,}"),
                page.number(f"lost-{folder}", step["lost_rows"], f"{step['lost_rows']:,}"),
                page.number(f"kept-{folder}", left, f"{left:,}"),
                _of(left, came),
                share_bar(left / came if came else 0.0),
            )
        )
        rows += _reasons(step)
    lead = (
        "Each step reads what the step above it leaves. Below it stand the reasons for which it removed "
        "documents; its name leads to its own page."
    )
    head = ["", "removed", "in quarantine", "left", "share left", ""]
    return page.section("Funnel", lead, page.table(head, rows, numeric=(1, 2, 3, 4)))


def _reasons(step: dict[str, Any]) -> list[tuple[str, ...]]:
    reasons = sorted(step["reasons"].items(), key=lambda each: (-each[1], each[0]))
    if len(reasons) == 1 and reasons[0][0] == step["name"]:
        return []
    rows = [
        (f"&emsp;{page.escaped(name)}", f"{count:,}", "", "", "", "") for name, count in reasons
    ]
    more = len(rows) - _REASONS
    return rows[:_REASONS] + ([(f"&emsp;and {more} more", *5 * [""])] if more > 0 else [])


def _times(steps: list[dict[str, Any]]) -> str:
    longest = max((step["seconds"] for step in steps), default=0.0) or 1.0
    rows = [
        (
            page.escaped(step["folder"]),
            f"{step['documents']:,}",
            f"{step['seconds']:,.2f}",
            f"{step['peak_memory_mb']:,.0f}",
            share_bar(step["seconds"] / longest),
        )
        for step in steps
    ]
    head = ["step", "documents", "seconds", "peak MB", ""]
    return page.section("Steps", "Where the time went.", page.table(head, rows, numeric=(1, 2, 3)))


def _settings(step: dict[str, Any]) -> str:
    rows = [
        (page.escaped(name), f"<code>{page.escaped(value)}</code>")
        for name, value in step["settings"].items()
        if value is not None
    ]
    return page.details(page.escaped(step["folder"]), page.table(["setting", "value"], rows))


def _of(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""
