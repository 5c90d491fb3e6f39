"""The command `curator-video filter`: choose clips again by their stored scores, decoding nothing.

What was dropped before stays dropped. With `--restore` the condition takes the place of the limits
and conditions of before; only near-duplicates, and clips that could not be cut, stay dropped then.
Nothing changes without `--apply`.
"""

from typing import Any

from curator_engine.commands.cli import Console, JobResult
from curator_engine.items.choice import choose, describe
from curator_engine.running.run_record import read_record
from curator_video.clips.clip_table import read_clips
from curator_video.clips.marks import apply_marks
from curator_video.pipelines.folders import change_run
from curator_video.report.page import try_report
from curator_video.report.summary import refresh_summary
from curator_video.result_settings import FilterSettings

_LASTING = ("dedup", "transcode")
"""Stages whose drops a condition on scores does not lift."""
_HINT = "split again with --keep-filtered to have them"


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
    choice = choose(read_clips(output), settings.where, restore=settings.restore, lasting=_LASTING)
    summary, lines = describe(choice, unit="clips", hint=_HINT)
    if not settings.apply:
        lines.append("nothing was changed; --apply moves the files and marks the clips")
        return JobResult(summary={**summary, "applied": False, "moved": 0}, lines=lines)
    moved = apply_marks(output, choice.table)
    refresh_summary(output, record)
    if note := try_report(output):
        console.warn(note)
    lines.append(f"{moved:,} files moved; clips.parquet, metas, summary.json and report.html agree")
    return JobResult(summary={**summary, "applied": True, "moved": moved}, lines=lines)
