"""What the page of a run of items shows, gathered from its folder; nothing here writes or knows HTML."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.failures import Quarantine
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_folders, open_read
from curator_engine.items.item_table import DUPLICATES, ItemTable
from curator_engine.items.score_chart import Line
from curator_engine.running.run_record import read_record

MAX_ITEMS, MAX_GROUPS, MAX_ERRORS = 48, 12, 60
_DROPPED_SHARE = 3
"""One item of these many on the contact sheet is a dropped one, if there are any."""
_MAX_MEMBERS = 5


@dataclass(frozen=True, kw_only=True)
class Score:
    """A score of all items that have it."""

    name: str
    values: NDArray[np.float64]
    kept: NDArray[np.bool_]
    lines: list[Line]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Items that are near-duplicates, the one that is kept first."""

    items: list[dict[str, Any]]
    similarities: list[float]
    """To the kept one; of the others."""
    size: int


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that could not be read or made, or that is worth knowing."""

    what: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PageData:
    """What the page shows."""

    path: str
    unit: str
    """What the items are, in the plural."""
    record: dict[str, Any]
    rows: list[dict[str, Any]]
    drops: list[tuple[str, str, int, float]]
    """Stage, reason without its number, items, and their amounts; the most frequent first."""
    sheet: list[dict[str, Any]]
    scores: list[Score]
    groups: list[Group]
    duplicates: int
    troubles: list[Trouble]


def gather(
    output: str,
    items: ItemTable,
    *,
    limits: Mapping[str, list[Line]] | None = None,
    amount: Callable[[dict[str, Any]], float] = lambda _: 0.0,
    place: Callable[[dict[str, Any]], str] = lambda row: str(row["uuid"]),
) -> PageData:
    """Everything that the page shows of a run.

    Args:
        output: Its folder.
        items: Its table.
        limits: The limits of each score.
        amount: How much an item is, such as its seconds; summed over what was dropped.
        place: Which item it is, in words, where it is listed with an error.

    Raises:
        InputError: Not the folder of a finished run.
    """
    table = items.read(output)
    rows = table.to_pylist()
    groups, duplicates = _groups(output, rows)
    return PageData(
        path=output,
        unit=items.unit,
        record=read_record(output),
        rows=rows,
        drops=_drops(rows, amount),
        sheet=_sheet(rows),
        scores=_scores(table, items, limits or {}),
        groups=groups,
        duplicates=duplicates,
        troubles=[
            *_quarantined(output),
            *(
                Trouble(what=place(row), reason=reason)
                for row in rows
                for reason in row["errors"] or []
            ),
        ],
    )


def state_of(row: dict[str, Any]) -> str:
    """What became of an item: kept, dropped or failed."""
    if not row["keep"]:
        return "dropped"
    return "failed" if row["errors"] or not row["path"] else "kept"


def bare_reason(reason: str) -> str:
    """A reason without the item's own numbers, so that equal ones can be counted together."""
    if reason.startswith("similarity "):
        return "near-duplicate of another one"
    compared = re.fullmatch(r"(\w+) \S+ ([<>]=?) (\S+)", reason)
    return f"{compared[1]} {compared[2]} {compared[3]}" if compared else reason.partition(": ")[0]


def _drops(
    rows: list[dict[str, Any]], amount: Callable[[dict[str, Any]], float]
) -> list[tuple[str, str, int, float]]:
    counts, amounts = Counter[tuple[str, str]](), defaultdict[tuple[str, str], float](float)
    for row in rows:
        if not row["keep"]:
            key = (row["drop_stage"], bare_reason(row["drop_reason"]))
            counts[key] += 1
            amounts[key] += amount(row)
    return [(*key, count, amounts[key]) for key, count in counts.most_common()]


def _sheet(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items spread evenly over the run, a part of them dropped ones, in the order of the table."""
    kept = [k for k, row in enumerate(rows) if row["keep"]]
    dropped = [k for k, row in enumerate(rows) if not row["keep"]]
    space = max(MAX_ITEMS // _DROPPED_SHARE, MAX_ITEMS - len(kept))
    bad = _spread(dropped, space)
    chosen = [*_spread(kept, MAX_ITEMS - len(bad)), *bad]
    return [rows[k] for k in sorted(chosen)]


def _spread(items: Sequence[int], count: int) -> list[int]:
    if len(items) <= count:
        return list(items)
    return [items[int(k)] for k in np.linspace(0, len(items) - 1, max(count, 0))]


def _scores(table: pa.Table, items: ItemTable, limits: Mapping[str, list[Line]]) -> list[Score]:
    keep = np.asarray(table.column("keep").to_numpy(zero_copy_only=False), dtype=bool)
    found: list[Score] = []
    for name in items.score_names(table):
        values = np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)
        known = np.isfinite(values)
        if known.any():
            found.append(
                Score(
                    name=name,
                    values=values[known],
                    kept=keep[known],
                    lines=limits.get(name, []),
                )
            )
    return found


def _groups(output: str, rows: list[dict[str, Any]]) -> tuple[list[Group], int]:
    """The largest groups of near-duplicates that `dedup` found, and the number of duplicates."""
    path = join(output, DUPLICATES)
    if not exists(path):
        return [], 0
    with open_read(path) as file:
        pairs = pq.read_table(file).to_pylist()
    members: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for pair in pairs:
        members[str(pair["kept_id"])].append((float(pair["similarity"]), str(pair["id"])))
    known = {row["uuid"]: row for row in rows}
    largest = sorted(members, key=lambda kept: (-len(members[kept]), kept))[:MAX_GROUPS]
    found: list[Group] = []
    for kept in largest:
        near = [each for each in sorted(members[kept], reverse=True) if each[1] in known]
        if kept in known and near:
            shown = near[: _MAX_MEMBERS - 1]
            found.append(
                Group(
                    items=[known[kept], *(known[name] for _, name in shown)],
                    similarities=[similarity for similarity, _ in shown],
                    size=len(members[kept]) + 1,
                )
            )
    return found, len(pairs)


def _quarantined(output: str) -> list[Trouble]:
    """What went to quarantine."""
    found: list[Trouble] = []
    for name in list_folders(join(output, "quarantine")):
        quarantine = Quarantine(join(output, "quarantine", name))
        found += [
            Trouble(what=str(r.get("file")), reason=str(r.get("reason"))) for r in quarantine.rows()
        ]
        found += [
            Trouble(what=f"{f.stage}: {', '.join(f.files) or f.task_id}", reason=f.error)
            for f in quarantine.failures()
        ]
    return found
