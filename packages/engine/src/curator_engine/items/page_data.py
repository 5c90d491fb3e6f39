"""What the page of a run of items shows, gathered from its folder; nothing here writes or knows HTML."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.failures import Quarantine
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_folders, open_read
from curator_engine.items.item_table import DUPLICATES, ItemTable, with_value
from curator_engine.items.score_chart import Line
from curator_engine.running.run_record import read_record

MAX_ITEMS, MAX_GROUPS, MAX_ERRORS = 48, 12, 60
_DROPPED_SHARE = 3
"""One item of these many on the contact sheet is a dropped one, if there are any."""
_MAX_MEMBERS = 5
_AT_ONCE = 1 << 16
"""Dropped items whose reasons are objects of Python together."""
_compute: Any = pc


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
    table: pa.Table
    """The items; only those that are shown become rows, as a run may have millions."""
    drops: list[tuple[str, str, int, float]]
    """Stage, reason without its number, items, and their amounts; the most frequent first."""
    sheet: list[dict[str, Any]]
    scores: list[Score]
    groups: list[Group]
    duplicates: int
    troubles: list[Trouble]

    @property
    def total(self) -> int:
        """How many items were found."""
        return self.table.num_rows

    @property
    def kept(self) -> int:
        """How many of them are kept."""
        return int(_kept(self.table).sum())

    @property
    def faulty(self) -> int:
        """How many of them have errors."""
        return _faulty(self.table).num_rows


def gather(
    output: str,
    items: ItemTable,
    *,
    limits: Mapping[str, list[Line]] | None = None,
    amount: Callable[[pa.Table], NDArray[np.float64]] | None = None,
    place: Callable[[dict[str, Any]], str] = lambda row: str(row["uuid"]),
) -> PageData:
    """Everything that the page shows of a run.

    Args:
        output: Its folder.
        items: Its table.
        limits: The limits of each score.
        amount: How much each item is, such as its seconds, shape (items,); summed over what was dropped.
        place: Which item it is, in words, where it is listed with an error.

    Raises:
        InputError: Not the folder of a finished run.
    """
    table = items.read(output)
    groups, duplicates = _groups(output, table)
    return PageData(
        path=output,
        unit=items.unit,
        record=read_record(output),
        table=table,
        drops=_drops(table, np.zeros(len(table)) if amount is None else amount(table)),
        sheet=_sheet(table),
        scores=_scores(table, items, limits or {}),
        groups=groups,
        duplicates=duplicates,
        troubles=[
            *_quarantined(output),
            *(
                Trouble(what=place(row), reason=reason)
                for row in _faulty(table).to_pylist()
                for reason in row["errors"]
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


def _kept(table: pa.Table) -> NDArray[np.bool_]:
    return np.asarray(table.column("keep").to_numpy(zero_copy_only=False), dtype=bool)


def _faulty(table: pa.Table) -> pa.Table:
    """The items with errors."""
    return table.filter(_compute.greater(_compute.list_value_length(table.column("errors")), 0))


def _drops(table: pa.Table, amounts: NDArray[np.float64]) -> list[tuple[str, str, int, float]]:
    counts, sums = Counter[tuple[str, str]](), defaultdict[tuple[str, str], float](float)
    places = np.flatnonzero(~_kept(table))
    marks = table.select(["drop_stage", "drop_reason"])
    for at in range(0, len(places), _AT_ONCE):
        some = places[at : at + _AT_ONCE]
        for row, amount in zip(marks.take(some).to_pylist(), amounts[some].tolist(), strict=True):
            key = (row["drop_stage"], bare_reason(row["drop_reason"]))
            counts[key] += 1
            sums[key] += amount
    return [(*key, count, sums[key]) for key, count in counts.most_common()]


def _sheet(table: pa.Table) -> list[dict[str, Any]]:
    """Items spread evenly over the run, a part of them dropped ones, in the order of the table."""
    keep = _kept(table)
    kept, dropped = np.flatnonzero(keep).tolist(), np.flatnonzero(~keep).tolist()
    space = max(MAX_ITEMS // _DROPPED_SHARE, MAX_ITEMS - len(kept))
    bad = _spread(dropped, space)
    chosen = [*_spread(kept, MAX_ITEMS - len(bad)), *bad]
    return table.take(np.array(sorted(chosen), np.int64)).to_pylist()


def _spread(items: Sequence[int], count: int) -> list[int]:
    if len(items) <= count:
        return list(items)
    return [items[int(k)] for k in np.linspace(0, len(items) - 1, max(count, 0))]


def _scores(table: pa.Table, items: ItemTable, limits: Mapping[str, list[Line]]) -> list[Score]:
    keep = _kept(table)
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


def _groups(output: str, table: pa.Table) -> tuple[list[Group], int]:
    """The largest groups of near-duplicates that `dedup` found, and the number of duplicates."""
    path = join(output, DUPLICATES)
    if not exists(path):
        return [], 0
    with open_read(path) as file:
        pairs = pq.read_table(file)
    counts = _compute.value_counts(pairs.column("kept_id")).to_pylist()
    sizes = {str(each["values"]): int(each["counts"]) for each in counts}
    largest = sorted(sizes, key=lambda kept: (-sizes[kept], kept))[:MAX_GROUPS]
    members = {kept: _members(pairs, table, kept) for kept in largest}
    shown = {*members, *(name for near in members.values() for _, name in near)}
    known = {row["uuid"]: row for row in with_value(table, "uuid", shown).to_pylist()}
    found = [
        Group(
            items=[known[kept], *(known[name] for _, name in near)],
            similarities=[similarity for similarity, _ in near],
            size=sizes[kept] + 1,
        )
        for kept, near in members.items()
        if kept in known and near
    ]
    return found, pairs.num_rows


def _members(pairs: pa.Table, table: pa.Table, kept: str) -> list[tuple[float, str]]:
    """The similarities and ids of a group's items that are shown, without the kept one."""
    near = with_value(pairs, "kept_id", [kept])
    near = near.filter(_compute.is_in(near.column("id"), value_set=table.column("uuid")))
    rows = near.select(["similarity", "id"]).to_pylist()
    return sorted(((float(r["similarity"]), str(r["id"])) for r in rows), reverse=True)[
        : _MAX_MEMBERS - 1
    ]


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
