"""What the page of a run shows, gathered from its folder; nothing here writes or knows HTML."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.failures import Quarantine
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_folders, open_read
from curator_engine.running.run_record import read_record
from curator_video.clips.clip_table import read_clips, score_names
from curator_video.report.charts import Line
from curator_video.report.summary import read_summary, read_videos
from curator_video.settings import SplitSettings

DUPLICATES = "duplicates.parquet"
MAX_VIDEOS, MAX_CLIPS, MAX_GROUPS, MAX_ERRORS = 40, 48, 12, 60
_DROPPED_SHARE = 3
"""One clip of these many on the contact sheet is a dropped one, if there are any."""
_MAX_MEMBERS = 5


@dataclass(frozen=True, kw_only=True)
class Score:
    """A score of all clips that have it."""

    name: str
    values: NDArray[np.float64]
    kept: NDArray[np.bool_]
    lines: list[Line]


@dataclass(frozen=True, kw_only=True)
class VideoStrip:
    """A video and its clips in order."""

    name: str
    duration: float
    clips: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Clips that are near-duplicates, the one that is kept first."""

    clips: list[dict[str, Any]]
    similarities: list[float]
    """To the kept one; of the others."""
    size: int


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that could not be read or made, or that is worth knowing."""

    what: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """What the page shows."""

    path: str
    record: dict[str, Any]
    summary: dict[str, Any]
    clips: int
    drops: list[tuple[str, str, int, float]]
    """Stage, reason without its number, clips, seconds; the most frequent first."""
    videos: list[VideoStrip]
    sheet: list[dict[str, Any]]
    scores: list[Score]
    groups: list[Group]
    duplicates: int
    troubles: list[Trouble]
    remarks: list[Trouble]
    """What is worth knowing of videos, and no failure."""


def gather(output: str) -> ReportData:
    """Everything that the page shows of a run.

    Raises:
        InputError: Not the folder of a finished run.
    """
    table = read_clips(output)
    record = read_record(output)
    rows = table.to_pylist()
    groups, duplicates = _groups(output, rows)
    return ReportData(
        path=output,
        record=record,
        summary=read_summary(output),
        clips=len(rows),
        drops=_drops(rows),
        videos=_strips(output, rows),
        sheet=_sheet(rows),
        scores=_scores(table, record.get("settings", {})),
        groups=groups,
        duplicates=duplicates,
        troubles=_troubles(output, rows),
        remarks=[
            Trouble(what=name, reason=str(note))
            for name, facts in sorted(read_videos(output).items())
            for note in facts.get("notes", [])
        ],
    )


def state_of(row: dict[str, Any]) -> str:
    """What became of a clip: kept, dropped or failed."""
    if not row["keep"]:
        return "dropped"
    return "failed" if row["errors"] or not row["path"] else "kept"


def bare_reason(reason: str) -> str:
    """A reason without the clip's own numbers, so that equal ones can be counted together."""
    if reason.startswith("similarity "):
        return "near-duplicate of another clip"
    compared = re.fullmatch(r"(\w+) \S+ ([<>]=?) (\S+)", reason)
    return f"{compared[1]} {compared[2]} {compared[3]}" if compared else reason.partition(": ")[0]


def _drops(rows: list[dict[str, Any]]) -> list[tuple[str, str, int, float]]:
    counts, seconds = Counter[tuple[str, str]](), defaultdict[tuple[str, str], float](float)
    for row in rows:
        if not row["keep"]:
            key = (row["drop_stage"], bare_reason(row["drop_reason"]))
            counts[key] += 1
            seconds[key] += row["end"] - row["start"]
    return [(*key, count, seconds[key]) for key, count in counts.most_common()]


def _strips(output: str, rows: list[dict[str, Any]]) -> list[VideoStrip]:
    """The first videos, those with clips before those without."""
    clips: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        clips[row["video"]].append(row)
    durations = {
        name: float(facts.get("duration") or 0.0) for name, facts in read_videos(output).items()
    }
    names = sorted({*clips, *durations}, key=lambda name: (name not in clips, name))[:MAX_VIDEOS]
    return [
        VideoStrip(
            name=name,
            duration=max([durations.get(name, 0.0), *(row["end"] for row in clips[name])]),
            clips=clips[name],
        )
        for name in names
    ]


def _sheet(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Clips spread evenly over the run, a part of them dropped ones, in the order of the table."""
    kept = [k for k, row in enumerate(rows) if row["keep"]]
    dropped = [k for k, row in enumerate(rows) if not row["keep"]]
    space = max(MAX_CLIPS // _DROPPED_SHARE, MAX_CLIPS - len(kept))
    bad = _spread(dropped, space)
    chosen = [*_spread(kept, MAX_CLIPS - len(bad)), *bad]
    return [rows[k] for k in sorted(chosen)]


def _spread(items: Sequence[int], count: int) -> list[int]:
    if len(items) <= count:
        return list(items)
    return [items[int(k)] for k in np.linspace(0, len(items) - 1, max(count, 0))]


def _scores(table: pa.Table, settings: dict[str, Any]) -> list[Score]:
    keep = np.asarray(table.column("keep").to_numpy(zero_copy_only=False), dtype=bool)
    lines = _lines(settings)
    found: list[Score] = []
    for name in score_names(table):
        values = np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)
        known = np.isfinite(values)
        if known.any():
            found.append(
                Score(name=name, values=values[known], kept=keep[known], lines=lines[name])
            )
    return found


def _lines(settings: dict[str, Any]) -> defaultdict[str, list[Line]]:
    """The limits by score: those that the run dropped by, and those that it could have."""
    names = {f.name for f in fields(SplitSettings)}
    given = {n: v for n, v in settings.items() if n in names and v is not None}
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for in_force in (True, False):
        for limit in SplitSettings(**given).score_limits(in_force=in_force):
            line = Line(value=limit.value, least=limit.least, in_force=in_force)
            lines[limit.score].append(line)
    return lines


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
                    clips=[known[kept], *(known[name] for _, name in shown)],
                    similarities=[similarity for similarity, _ in shown],
                    size=len(members[kept]) + 1,
                )
            )
    return found, len(pairs)


def _troubles(output: str, rows: list[dict[str, Any]]) -> list[Trouble]:
    """What went to quarantine, then the clips and videos with errors."""
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
    for name, facts in sorted(read_videos(output).items()):
        found += [Trouble(what=name, reason=str(error)) for error in facts.get("errors", [])]
    for row in rows:
        what = f"{row['video']} {row['start']:.2f} s, clip {row['uuid']}"
        found += [Trouble(what=what, reason=reason) for reason in row["errors"] or []]
    return found
