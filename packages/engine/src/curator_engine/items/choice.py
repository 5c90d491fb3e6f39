"""Choose items again by their stored scores: what a condition drops, and what comes back.

What was dropped before stays dropped. With `restore` the condition takes the place of the limits and
conditions of before, except for drops that last. Nothing is written here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.items.item_table import with_values
from curator_engine.items.where import Clause, clauses_of

STAGE = "filter"
"""What items that fail the condition are dropped as."""
_compute: Any = pc


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a condition does to the items of a run."""

    table: pa.Table
    """The items with the new marks."""
    clauses: list[Clause]
    decided: NDArray[np.bool_]
    """Shape (items,): whether the condition decides on the item."""
    back: int
    """Items that come back."""
    could_come_back: int
    """Items for which the condition holds, and that stay dropped for want of `--restore`."""
    without_file: int
    """Items that would come back, but whose file was not written."""


def choose(
    table: pa.Table,
    where: str,
    *,
    restore: bool = False,
    lasting: Collection[str] = (),
    needs_file: bool = True,
) -> Choice:
    """The items as the condition marks them.

    Args:
        table: The items, with keep, drop_stage, drop_reason and path, which is null without a file.
        where: The condition.
        restore: Decide also on items that were dropped before.
        lasting: Stages whose drops a condition does not lift.
        needs_file: Whether only an item with a file can come back.

    Raises:
        SettingsError: Not a condition, or one on a column that is not there.
    """
    clauses = clauses_of(where, table)
    columns = {name: table.column(name).to_pylist() for name in _shown(table, clauses)}
    old = table.select(["keep", "drop_stage", "drop_reason", "path"]).to_pylist()
    kept = np.array([row["keep"] for row in old], dtype=bool)
    lifted = ~kept & np.array([row["drop_stage"] not in lasting for row in old], dtype=bool)
    decided = kept | lifted if restore else kept
    has_file = np.array([row["path"] is not None or not needs_file for row in old], dtype=bool)
    holds = np.logical_and.reduce([clause.holds for clause in clauses])
    keep: list[bool] = []
    stages: list[str] = []
    reasons: list[str] = []
    back = without_file = 0
    for i, row in enumerate(old):
        failed = next((clause for clause in clauses if not clause.holds[i]), None)
        if not decided[i] or (failed is None and row["keep"]):
            verdict = (row["keep"], row["drop_stage"], row["drop_reason"])
        elif failed is not None:
            verdict = (False, STAGE, _reason(failed, columns, i))
        elif not has_file[i]:
            without_file += 1
            verdict = (False, row["drop_stage"], row["drop_reason"])
        else:
            back += 1
            verdict = (True, "", "")
        keep.append(verdict[0])
        stages.append(verdict[1])
        reasons.append(verdict[2])
    marks = {"keep": keep, "drop_stage": stages, "drop_reason": reasons}
    return Choice(
        table=with_values(table, marks),
        clauses=clauses,
        decided=decided,
        back=back,
        could_come_back=int((lifted & ~decided & holds & has_file).sum()),
        without_file=without_file,
    )


def _shown(table: pa.Table, clauses: list[Clause]) -> set[str]:
    return {name for clause in clauses for name in clause.names if name in table.column_names}


def _reason(clause: Clause, columns: dict[str, list[Any]], row: int) -> str:
    """The clause and the values for which it is false."""
    values = [f"{name} {_short(columns[name][row])}" for name in clause.names if name in columns]
    return f"not {clause.text}" + (f": {', '.join(values)}" if values else "")


def _short(value: Any) -> str:
    if value is None:
        return "is not known"
    return f"is {value:.4g}" if isinstance(value, float) else f"is {value}"


def describe(choice: Choice, *, unit: str, hint: str) -> tuple[dict[str, Any], list[str]]:
    """The counts, and the lines that a person reads.

    Args:
        choice: What the condition does.
        unit: What the items are, such as clips.
        hint: How to get items that have no file.
    """
    table, clauses = choice.table, choice.clauses
    items, kept = table.num_rows, int(_compute.sum(table.column("keep")).as_py() or 0)
    lines = [f"{items:,} {unit}: {kept:,} kept, {items - kept:,} dropped"]
    if choice.back:
        lines[0] += f" ({choice.back:,} come back)"
    shown: list[dict[str, Any]] = []
    for i, clause in enumerate(clauses):
        fails = ~clause.holds & choice.decided
        others = [each.holds for k, each in enumerate(clauses) if k != i]
        alone = fails & np.logical_and.reduce(others) if others else fails
        facts = {
            "clause": clause.text,
            "drops": int(fails.sum()),
            "drops_alone": int(alone.sum()),
            "not_known": _not_known(table, clause),
        }
        shown.append(facts)
        unknown = f", {facts['not_known']:,} have no value" if facts["not_known"] else ""
        lines.append(
            f"  {clause.text}: drops {facts['drops']:,}, {facts['drops_alone']:,} by itself{unknown}"
        )
    stages = np.array(table.column("drop_stage").to_pylist(), dtype=np.str_)[~choice.decided]
    if len(stages):
        lines.append(f"  {len(stages):,} stay dropped by {', '.join(np.unique(stages).tolist())}")
    if choice.could_come_back:
        lines.append(
            f"  for {choice.could_come_back:,} of them the condition holds; --restore brings them back"
        )
    if choice.without_file:
        lines.append(f"  {choice.without_file:,} have no file, so they stay dropped; {hint}")
    summary = {
        unit: items,
        "kept": kept,
        "dropped": items - kept,
        "back": choice.back,
        "could_come_back": choice.could_come_back,
        "without_file": choice.without_file,
        "clauses": shown,
    }
    return summary, lines


def _not_known(table: pa.Table, clause: Clause) -> int:
    """Items that lack a value that the clause looks at."""
    names = [name for name in clause.names if name in table.column_names]
    missing = [np.asarray(table.column(name).is_null().to_numpy()) for name in names]
    return int(np.logical_or.reduce(missing).sum()) if missing else 0
