"""The command `curator-video filter`: choose clips again by their stored scores, decoding nothing.

What was dropped before stays dropped. With `--restore` the condition takes the place of the limits
and conditions of before; only near-duplicates, and clips that could not be cut, stay dropped then.
Nothing changes without `--apply`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.commands.cli import Console, JobResult
from curator_engine.items.where import Clause, clauses_of
from curator_engine.running.run_record import read_record
from curator_video.clips.clip_table import read_clips
from curator_video.clips.marks import apply_marks
from curator_video.pipelines.folders import change_run
from curator_video.report.page import try_report
from curator_video.report.summary import refresh_summary
from curator_video.result_settings import FilterSettings

STAGE = "filter"
_LASTING = ("dedup", "transcode")
"""Stages whose drops a condition on scores does not lift."""
_compute: Any = pc


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a condition does to the clips of a run."""

    table: pa.Table
    """The clips with the new marks."""
    clauses: list[Clause]
    decided: NDArray[np.bool_]
    """Shape (clips,): whether the condition decides on the clip."""
    back: int
    """Clips that come back."""
    could_come_back: int
    """Clips for which the condition holds, and that stay dropped for want of `--restore`."""
    without_file: int
    """Clips that would come back, but whose file was not written."""


def run(settings: FilterSettings, console: Console) -> JobResult:
    """Show what the condition keeps, and apply it if asked to.

    Raises:
        CuratorError: Not the folder of a run, or not a condition.
    """
    output = settings.inputs[0]
    record = read_record(output)
    with change_run(output):
        return _run(settings, console, output, record)


def _run(
    settings: FilterSettings, console: Console, output: str, record: dict[str, Any]
) -> JobResult:
    choice = choose(read_clips(output), settings.where, restore=settings.restore)
    summary, lines = _describe(choice)
    if not settings.apply:
        lines.append("nothing was changed; --apply moves the files and marks the clips")
        return JobResult(summary={**summary, "applied": False, "moved": 0}, lines=lines)
    moved = apply_marks(output, choice.table)
    refresh_summary(output, record)
    if note := try_report(output):
        console.warn(note)
    lines.append(f"{moved:,} files moved; clips.parquet, metas, summary.json and report.html agree")
    return JobResult(summary={**summary, "applied": True, "moved": moved}, lines=lines)


def choose(table: pa.Table, where: str, *, restore: bool = False) -> Choice:
    """The clips as the condition marks them.

    Args:
        table: The clips.
        where: The condition.
        restore: Decide also on clips that were dropped before.

    Raises:
        SettingsError: Not a condition, or one on a column that is not there.
    """
    clauses = clauses_of(where, table)
    columns = {name: table.column(name).to_pylist() for name in _shown(table, clauses)}
    old = table.select(["keep", "drop_stage", "drop_reason", "path"]).to_pylist()
    kept = np.array([row["keep"] for row in old], dtype=bool)
    lifted = ~kept & np.array([row["drop_stage"] not in _LASTING for row in old], dtype=bool)
    decided = kept | lifted if restore else kept
    has_file = np.array([row["path"] is not None for row in old], dtype=bool)
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
        elif row["path"] is None:
            without_file += 1
            verdict = (False, row["drop_stage"], row["drop_reason"])
        else:
            back += 1
            verdict = (True, "", "")
        keep.append(verdict[0])
        stages.append(verdict[1])
        reasons.append(verdict[2])
    for name, values in (("keep", keep), ("drop_stage", stages), ("drop_reason", reasons)):
        position = table.schema.get_field_index(name)
        field = table.schema.field(position)
        table = table.set_column(position, field, pa.array(values, field.type))
    return Choice(
        table=table,
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


def _describe(choice: Choice) -> tuple[dict[str, Any], list[str]]:
    """The counts, and the lines that a person reads."""
    table, clauses = choice.table, choice.clauses
    clips, kept = table.num_rows, int(_compute.sum(table.column("keep")).as_py() or 0)
    lines = [f"{clips:,} clips: {kept:,} kept, {clips - kept:,} dropped"]
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
        lines.append(
            f"  {choice.without_file:,} have no file, so they stay dropped; "
            "split again with --keep-filtered to have them"
        )
    summary = {
        "clips": clips,
        "kept": kept,
        "dropped": clips - kept,
        "back": choice.back,
        "could_come_back": choice.could_come_back,
        "without_file": choice.without_file,
        "clauses": shown,
    }
    return summary, lines


def _not_known(table: pa.Table, clause: Clause) -> int:
    """Clips that lack a value that the clause looks at."""
    names = [name for name in clause.names if name in table.column_names]
    missing = [np.asarray(table.column(name).is_null().to_numpy()) for name in names]
    return int(np.logical_or.reduce(missing).sum()) if missing else 0
