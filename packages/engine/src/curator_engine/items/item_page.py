"""The page of a run of items: how many stay and why others go, examples, scores with limits, duplicates, errors.

`build_page` is the page of an app that has nothing more to show; others put its parts together with
their own. All that comes from files and their names is escaped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from curator_engine.counted import counted
from curator_engine.items.page_data import (
    MAX_ERRORS,
    Group,
    PageData,
    Score,
    Trouble,
    state_of,
)
from curator_engine.items.pictures import Pictures
from curator_engine.items.score_chart import kept_if, score_chart
from curator_engine.report import html_page as page
from curator_engine.report.svg_charts import share_bar, value_name

STYLE = ("curator_engine.report", "items.css")
_MAX_DROPS = 20
_QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)

type Lines = Callable[[dict[str, Any]], Iterable[str]]
"""What is written below an item's picture, as HTML."""
type FunnelRow = tuple[str, str, str, str, str]
"""HTML: what, its reason, items, their amount, a bar."""


def build_page(data: PageData, *, program: str) -> str:
    """The page as text.

    Args:
        data: As `gather` gives it.
        program: The app's command and version.
    """
    pictures = Pictures(output=data.path)
    # Before the sheet, so that the budget for pictures is not used up by then.
    groups = groups_section(data, pictures)
    parts = [
        header(data, program=program),
        page.cards(kept_cards(data)),
        funnel(data),
        sheet(data, pictures),
        groups,
        scores_section(data),
        troubles_section(data.troubles),
        steps_section(data.record),
        page.notes(data.record.get("facts", {}).get("notes", [])),
        page.settings_section(data.record.get("settings", {})),
    ]
    title = f"{data.unit.capitalize()}: {data.path}"
    return page.assemble(title, parts, styles=[STYLE], pictures=True)


def header(data: PageData, *, program: str) -> str:
    """What was run, where and when."""
    return page.header(
        data.unit.capitalize(),
        path=data.path,
        status=str(data.record.get("status", "")),
        program=program,
        started=str(data.record.get("started", "")),
    )


def kept_cards(data: PageData) -> list[tuple[str, str, str]]:
    """How many items are kept, of how many; for `cards`."""
    kept, total = data.kept, data.total
    return [
        (
            f"{data.unit} kept",
            page.number("kept", kept, f"{kept:,}"),
            f"of {page.number('items', total, f'{total:,}')}",
        )
    ]


def funnel(
    data: PageData,
    *,
    before: Sequence[FunnelRow] = (),
    shown: Callable[[float], str] = lambda _: "",
    kept_amount: str = "",
    lead: str = "How many were found, what was dropped and why, and what stays.",
    head: Sequence[str] = ("", "reason", "number", "", ""),
    title: str = "What stays and what goes",
) -> str:
    """From all items to those that are kept, by reason.

    Args:
        data: As `gather` gives it.
        before: Rows above the items.
        shown: How an amount of items is written.
        kept_amount: That of the kept ones, as HTML.
        lead: A sentence on what it shows.
        head: Names of the columns.
        title: Of the section.
    """
    most = max(data.total, 1)
    rows = [
        *before,
        (f"{data.unit} found", "", f"{data.total:,}", "", share_bar(data.total / most, "kept")),
    ]
    for stage, reason, count, amount in data.drops[:_MAX_DROPS]:
        number = page.number(f"drop-{stage}-{reason}", count, f"-{count:,}")
        what = f"dropped: {page.escaped(stage)}"
        bar = share_bar(count / most, "dropped")
        rows.append((what, page.escaped(reason), number, shown(amount), bar))
    if (left := len(data.drops) - _MAX_DROPS) > 0:
        count = sum(each[2] for each in data.drops[_MAX_DROPS:])
        rows.append((f"{left:,} more reasons", "", f"-{count:,}", "", ""))
    kept = data.kept
    rows.append(("kept", "", f"{kept:,}", kept_amount, share_bar(kept / most, "kept")))
    if bad := data.faulty:
        bar = share_bar(bad / most, "failed")
        rows.append((f"{data.unit} with errors", "see below", f"{bad:,}", "", bar))
    return page.section(title, lead, page.table(head, rows, numeric=(2, 3)))


def item_lines(row: dict[str, Any]) -> list[str]:
    """What is written below an item's picture where an app has no words of its own."""
    return [page.escaped(row["path"] or row["uuid"])]


def sheet(
    data: PageData,
    pictures: Pictures,
    *,
    lines: Lines = item_lines,
    lead: str = "Examples from all over the run.",
) -> str:
    """Examples, kept and dropped.

    Args:
        data: As `gather` gives it.
        pictures: Makes the pictures; of `preview` where there is one, else of the item's file.
        lines: What is written below each.
        lead: A sentence on what it shows.
    """
    if not data.sheet:
        return page.section(data.unit.capitalize(), f"No {data.unit} were found.", "")
    shown = "".join(figure(row, pictures, lines) for row in data.sheet)
    count = f" {len(data.sheet):,} of {data.total:,}." if len(data.sheet) < data.total else ""
    return page.section("Contact sheet", lead + count, f'<div class="sheet">{shown}</div>')


def figure(
    row: dict[str, Any], pictures: Pictures, lines: Lines = item_lines, *, note: str = ""
) -> str:
    """An item with its picture, and why it was dropped if it was."""
    picture = pictures.of(row["preview"] if "preview" in row else row["path"])
    image = '<div class="blank">no preview</div>'
    if picture:
        moving = f'<img class="moving" src="{picture.moving}" alt="">' if picture.moving else ""
        name = page.escaped(row["uuid"])
        image = f'<img class="still" src="{picture.still}" alt="{name}">{moving}'
    if row["path"]:
        image = f'<a href="{page.escaped(row["path"])}">{image}<span class="play">open</span></a>'
    first, *rest = lines(row)
    rest += [note] if note else []
    if not row["keep"]:
        rest.append(page.escaped(f"{row['drop_stage']}: {row['drop_reason']}"))
    shown = "".join(f"<p>{line}</p>" for line in rest)
    return (
        f'<figure class="clip {state_of(row)}" tabindex="0"><div class="picture">{image}</div>'
        f"<figcaption><b><bdi>{first}</bdi></b>{shown}</figcaption></figure>"
    )


def scores_section(
    data: PageData, *, meanings: Mapping[str, str] | None = None, command: str = "filter"
) -> str:
    """A chart per score, with its limits and what would be kept if they were moved.

    Args:
        data: As `gather` gives it.
        meanings: A sentence on each score.
        command: The command with which a limit can be set afterwards.
    """
    if not data.scores:
        return ""
    lead = (
        f"{data.unit.capitalize()} by score, kept and dropped. The dashed line is a limit that they were dropped by, the "
        f"dotted one a limit that could be (for example with <code>{command}</code>). The "
        "curve says which share would be kept if the limit stood there."
    )
    known = meanings or {}
    charts = "".join(
        score_figure(score, data.unit, known.get(score.name, "")) for score in data.scores
    )
    return page.section("Scores", lead, f'<div class="charts">{charts}</div>')


def score_figure(score: Score, unit: str, meaning: str) -> str:
    """The chart of a score, and what would be kept if its limit were moved.

    Args:
        score: Its values, at least one.
        unit: What they are of, in the plural.
        meaning: A sentence on it; may be empty.
    """
    name = page.escaped(score.name)
    chart = score_chart(
        score.values, score.kept, score.lines, label=f"{unit.capitalize()} by {name}"
    )
    least = score.lines[0].least if score.lines else True
    limits = [line.value for line in score.lines]
    points = sorted({*np.quantile(score.values, _QUANTILES).tolist(), *limits})
    rows = [
        (
            value_name(value) + (" (limit)" if value in limits else ""),
            f"{kept_if(score.values, value, least=least):.1%}",
        )
        for value in points
    ]
    moved = page.table([f"{'least' if least else 'most'} {name}", "kept"], rows, numeric=(1,))
    count = page.number(f"count-{score.name}", len(score.values), f"{len(score.values):,}")
    said = f'<p class="note">{page.escaped(meaning)}</p>' if meaning else ""
    return (
        f'<div class="score"><h3>{name} <span class="note">{count} {unit}</span></h3>{said}{chart}'
        f"{page.details('Kept if moved', moved)}</div>"
    )


def groups_section(data: PageData, pictures: Pictures, *, lines: Lines = item_lines) -> str:
    """The largest groups of near-duplicates; nothing where `dedup` has not run."""
    if not data.groups:
        return ""
    number, unit = counted(data.duplicates, data.unit).split(" ", 1)
    count = page.number("duplicates", data.duplicates, number)
    what = "is a near-duplicate" if data.duplicates == 1 else "are near-duplicates"
    lead = f"{count} {unit} {what} of another; the largest groups, the one to keep first."
    shown = "".join(_group(group, pictures, lines) for group in data.groups)
    return page.section("Duplicates", lead, shown)


def _group(group: Group, pictures: Pictures, lines: Lines) -> str:
    notes = ["stays", *(f"similarity {similarity:.4f}" for similarity in group.similarities)]
    figures = "".join(
        figure(row, pictures, lines, note=note)
        for row, note in zip(group.items, notes, strict=True)
    )
    more = group.size - len(group.items)
    rest = f'<p class="note">and {more:,} more</p>' if more > 0 else ""
    return f'<div class="sheet group">{figures}</div>{rest}'


def troubles_section(troubles: Sequence[Trouble]) -> str:
    """What could not be read or made."""
    if not troubles:
        return ""
    count = page.number("troubles", len(troubles), f"{len(troubles):,}")
    lead = (
        f"{count} things could not be read or made{first_of(troubles)}. Nothing else was affected."
    )
    return page.section("Errors", lead, listed(troubles))


def first_of(lines: Sequence[Trouble]) -> str:
    """That only the first ones are shown, if so."""
    return f", the first {MAX_ERRORS:,} of which are shown" if len(lines) > MAX_ERRORS else ""


def listed(lines: Sequence[Trouble]) -> str:
    """Troubles or remarks as a table."""
    rows = [
        (f"<bdi>{page.escaped(each.what)}</bdi>", page.escaped(each.reason))
        for each in lines[:MAX_ERRORS]
    ]
    return page.table(["what", "reason"], rows)


def steps_section(record: Mapping[str, Any]) -> str:
    """Where the time went."""
    steps: dict[str, dict[str, Any]] = record.get("steps", {})
    stages: list[dict[str, Any]] = [
        stage for step in steps.values() for stage in step.get("stages", [])
    ]
    if not stages:
        return ""
    longest = max(float(stage["seconds"]) for stage in stages) or 1.0
    rows = [
        (
            page.escaped(stage["name"]),
            page.number(f"seconds-{stage['name']}", stage["seconds"], f"{stage['seconds']:,.2f}"),
            f"{stage['tasks_in']:,}",
            f"{stage['items_in']:,}",
            f"{stage['p95_s']:,.2f}",
            share_bar(stage["seconds"] / longest),
        )
        for stage in stages
    ]
    peak = max(float(step.get("peak_memory_mb", 0.0)) for step in steps.values())
    lead = f"Seconds inside each stage, summed over the workers. Peak memory {peak:,.0f} MB."
    head = ["stage", "seconds", "tasks", "items", "p95 s", ""]
    return page.section("Steps", lead, page.table(head, rows, numeric=(1, 2, 3, 4)))
