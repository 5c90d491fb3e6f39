"""The command `curator-video dedup`: find near-duplicate clips of a run by their embeddings.

Lists them in `duplicates.parquet`; with `--apply` they leave `clips/`. Run again with another
`--eps` or `--keep`, clips that an earlier `dedup` took out may come back.
"""

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curator_engine.commands.cli import Console, JobResult
from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.storage import list_folders, list_names, write_atomic
from curator_engine.items.near_duplicates import (
    STAGE,
    NearDuplicates,
    find_near_duplicates,
    mark,
    read_embeddings,
)
from curator_engine.running.run_record import read_record
from curator_engine.stages.table_files import write_table
from curator_engine.vectors.choose_eps import FALLBACK_EPS, LOWEST, histogram_lines
from curator_video.clips.clip_table import read_clips
from curator_video.clips.keep_policy import rank
from curator_video.clips.marks import apply_marks
from curator_video.clips.write import EMBEDDINGS
from curator_video.pipelines.folders import change_run
from curator_video.report.page import try_report
from curator_video.report.summary import refresh_summary
from curator_video.result_settings import DedupSettings

FINGERPRINT_EPS = 0.08
"""For fingerprints whose similarities have no clear valley; measured in benchmarks/clips.py."""
DUPLICATES, FACTS = "duplicates.parquet", "dedup.json"
_FINGERPRINT = "fingerprint"
_compute: Any = pc


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was compared, and what was found."""

    embedding: str
    compared: int
    without: int
    """Clips that take part but have no embedding that can be used."""
    found: NearDuplicates


def run(settings: DedupSettings, console: Console) -> JobResult:
    """Find near-duplicates, and mark them if asked to.

    Raises:
        CuratorError: Not the folder of a finished run, or one without embeddings.
    """
    output = settings.inputs[0]
    record = read_record(output)
    with change_run(output):
        return _run(settings, console, output, record)


def _run(
    settings: DedupSettings, console: Console, output: str, record: dict[str, Any]
) -> JobResult:
    table = read_clips(output)
    compared = compare(output, table, settings)
    if compared.without:
        console.warn(f"{compared.without:,} clips have no embedding and were not compared")
    summary, lines = _describe(compared, settings)
    # First what was found, then the files, then the table: a stopped call, repeated, does the rest.
    write_table(join(output, DUPLICATES), compared.found.table)
    moved = 0
    if settings.apply:
        moved = apply_marks(output, mark(table, compared.found))
        refresh_summary(output, record)
        lines.append(f"{moved:,} files moved; clips.parquet, metas and summary.json agree")
    else:
        lines.append(
            f"listed in {join(output, DUPLICATES)}; --apply marks the clips and moves their files"
        )
    summary |= {"applied": settings.apply, "moved": moved}
    write_atomic(join(output, FACTS), json.dumps(summary, indent=1).encode())
    if note := try_report(output):
        console.warn(note)
    return JobResult(summary=summary, lines=lines)


def compare(output: str, table: pa.Table, settings: DedupSettings) -> Comparison:
    """Compare the clips of a run that are kept, or were dropped by an earlier `dedup` only.

    Raises:
        InputError: There are no such embeddings.
    """
    mine = _compute.equal(table.column("drop_stage"), STAGE)
    ordered = rank(table.filter(_compute.or_(table.column("keep"), mine)), settings.keep)
    name = _embedding(output, settings.embedding)
    folder = f"{name}{EMBEDDINGS}"
    files = [join(output, folder, each) for each in list_names(join(output, folder))]
    ids, matrix, _ = read_embeddings(
        (file for file in files if file.endswith(".parquet")), set(ordered)
    )
    place = {each: row for row, each in enumerate(ids)}
    known = [each for each in ordered if each in place]
    found = find_near_duplicates(
        known,
        matrix[[place[each] for each in known]],
        eps=settings.eps,
        fallback=FINGERPRINT_EPS if name == _FINGERPRINT else FALLBACK_EPS,
        device=settings.device,
    )
    return Comparison(
        embedding=name, compared=len(known), without=len(ordered) - len(known), found=found
    )


def _embedding(output: str, wanted: str | None) -> str:
    """Which embeddings to take, by the beginning of the folder's name.

    Raises:
        InputError: There are none, not these, or several to choose from.
    """
    names = [
        each.removesuffix(EMBEDDINGS) for each in list_folders(output) if each.endswith(EMBEDDINGS)
    ]
    if not names:
        raise InputError(f"{output} holds no embeddings; run split with --embed fingerprint.")
    listed = ", ".join(names)
    if wanted is not None and wanted not in names:
        raise InputError(f"{output} holds no embeddings {wanted!r}; there are {listed}.")
    if wanted is None and len(names) > 1 and _FINGERPRINT not in names:
        raise InputError(f"{output} holds several embeddings; choose by --embedding: {listed}.")
    return wanted or (_FINGERPRINT if _FINGERPRINT in names else names[0])


def _describe(compared: Comparison, settings: DedupSettings) -> tuple[dict[str, Any], list[str]]:
    """The figures, and the lines that a person reads."""
    found = compared.found
    groups = len(set(found.table.column("group").to_pylist()))
    going = found.table.num_rows
    summary = {
        "clips": compared.compared,
        "duplicates": going,
        "groups": groups,
        "without_embedding": compared.without,
        "embedding": compared.embedding,
        "keep": settings.keep,
        "eps": found.choice.eps,
        "eps_reason": found.choice.reason,
        "clusters": found.clusters,
        "histogram": {"lowest": LOWEST, "highest": 1.0, "counts": found.counts.tolist()},
    }
    lines: list[str] = []
    if settings.eps == "auto":
        lines.append("similarity to the most similar better clip: clips")
        lines += histogram_lines(found.counts, found.choice.eps)
        lines.append(found.choice.reason)
    lines.append(
        f"{compared.compared:,} clips compared by {compared.embedding}: {going:,} near-duplicates in "
        f"{groups:,} groups"
    )
    return summary, lines
