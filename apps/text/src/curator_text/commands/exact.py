"""The command `curator-text exact`: from settings to a run, and what is said about it."""

from dataclasses import replace
from typing import Any

from curator_engine.commands.cli import Console, JobResult, free_disk_bytes, take_output
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_engine.files.listing import FileInfo
from curator_engine.pipeline import Pipeline
from curator_engine.resources import usable_cpus
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, find_inputs, parse_size
from curator_engine.task import FileGroupTask
from curator_engine.without_pandas import leave_pandas_out
from curator_text import __version__
from curator_text.commands.finished_result import finished_result
from curator_text.dedup.lost_rows import lost_lines
from curator_text.dedup.removal import RemoveDocuments
from curator_text.dedup.text_hashes import hash_texts
from curator_text.exact.hash_documents import HashDocuments
from curator_text.exact.same_text import FindSameText, partition_bits
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow
from curator_text.pipelines.folders import earlier_output
from curator_text.read.keep import parse_keep
from curator_text.read.normalize import normalized
from curator_text.read.preflight import (
    check_other_fields,
    check_text_field,
    extrapolate,
    fitting_workers,
)
from curator_text.settings import ExactSettings

_CACHE_BYTES_PER_DOCUMENT = 60
"""Measured; ids come on top."""


def run(settings: ExactSettings, console: Console) -> JobResult:
    """Deduplicate as the settings say.

    Raises:
        CuratorError: As in DESIGN: bad input or options, a full disk, an exceeded budget.
    """
    if settings.executor == "local":
        leave_pandas_out()
    listing = find_inputs(settings.inputs, file_format=settings.format)
    files = listing.files
    if listing.note:
        console.say(listing.note)
    check_text_field(files, settings.text_field)
    check_other_fields(files, id_field=settings.id_field, source_field=settings.source_field)
    workflow = _workflow(settings, console)
    if settings.dry_run:
        return _dry_run(settings, files)
    with take_output(
        settings,
        console,
        job="exact",
        version=__version__,
        inputs=[file.path for file in files],
        adopt=earlier_output,
    ):
        if (done := finished_result(settings, console, workflow, files)) is not None:
            return _result(settings, done)
        workers = fitting_workers(settings.workers, settings.executor, files)
        policy = replace(COMMAND_POLICY, max_rejected_ratio=settings.max_rejected_ratio)
        executor = make_executor(settings.executor, workers=workers, policy=policy)
        facts = workflow.run(executor=executor).metadata
        for line in [*facts["notes"], *facts["alarms"]]:
            console.warn(line)
        return _result(settings, facts)


def _workflow(settings: ExactSettings, console: Console) -> ExactDeduplicationWorkflow:
    return ExactDeduplicationWorkflow(
        cache_path=settings.cache,
        output_path=settings.output,
        input_path=settings.inputs,
        input_filetype=settings.format,
        text_field=settings.text_field,
        id_field=settings.id_field,
        perform_removal=not settings.ids_only,
        normalize=settings.normalize,
        keep=settings.keep,
        mark=settings.mark,
        source_field=settings.source_field,
        memory=settings.memory,
        limit=settings.limit,
        max_row=settings.max_row,
        max_removed_ratio=settings.max_removed_ratio,
        progress=console.progress(),
    )


def _result(settings: ExactSettings, facts: dict[str, Any]) -> JobResult:
    documents, removed = facts["num_documents"], facts["num_duplicates"]
    summary = {
        "documents": documents,
        "kept": documents - removed,
        "removed": removed,
        "clusters": facts["clusters"],
        "quarantined": facts["quarantined"],
        "lost_rows": facts.get("lost_rows", 0),
        "lost_files": facts.get("lost_files", 0),
        "seconds": facts["total_time"],
        "no_text": facts["no_text"],
        "alarms": facts["alarms"],
        "output": settings.output,
    }
    ratio = removed / documents if documents else 0.0
    lines = [
        f"{documents:,} documents: {documents - removed:,} kept, {removed:,} removed ({ratio:.1%}) "
        f"in {facts['clusters']:,} clusters, {facts['total_time']:.1f} s"
    ]
    lines += lost_lines(facts, settings.output)
    data = "" if settings.ids_only else "data/, "
    lines.append(f"result in {settings.output}: report.html, {data}removed/, clusters/, run.json")
    return JobResult(summary=summary, lines=lines, exit_code=3 if facts["quarantined"] else 0)


def _dry_run(settings: ExactSettings, files: list[FileInfo]) -> JobResult:
    """The plan, and an estimate from the beginnings of a few files, which are hashed."""
    extent = extrapolate(
        files,
        field=settings.text_field,
        work=lambda texts: hash_texts(normalized(texts, settings.normalize)),
        limit=settings.limit,
    )
    total, count = sum(file.size for file in files), extent.documents
    workers = fitting_workers(settings.workers, settings.executor, files)
    processes = workers or usable_cpus()
    guess = {
        "files": len(files),
        "input_bytes": total,
        "documents": count,
        # Copying takes about as long as reading and hashing.
        "seconds": round(2 * extent.seconds / processes + 1, 1),
        "memory_bytes": processes * (400 << 20),
        "disk_bytes": count * _CACHE_BYTES_PER_DOCUMENT + extent.input_bytes,
    }
    free = free_disk_bytes(settings.output)
    lines = [
        *_step_plans(settings, files, count, workers),
        f"input: {len(files):,} files, {total / 1e6:,.1f} MB, about {count:,} documents",
        f"estimate: {guess['seconds']:,.0f} s, {guess['memory_bytes'] / 1e6:,.0f} MB of memory, "
        f"{guess['disk_bytes'] / 1e6:,.0f} MB of disk"
        + (f" ({free / 1e6:,.0f} MB free)" if free else ""),
        "nothing was done",
    ]
    return JobResult(summary=guess, lines=lines)


def _step_plans(
    settings: ExactSettings, files: list[FileInfo], documents: int, workers: int | None
) -> list[str]:
    """The plan of each step as an executor would run it, as lines to print."""
    executor = make_executor(settings.executor, workers=workers, policy=COMMAND_POLICY)
    keep = parse_keep(settings.keep)
    bits = partition_bits(documents, ExactDeduplicationWorkflow.partition_rows)
    common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
    source = FilePartitioner(
        file_paths=settings.inputs,
        file_format=settings.format,
        blocksize=parse_size(ExactDeduplicationWorkflow.input_blocksize),
    )
    steps: dict[str, tuple[list[AnyStage], int | None]] = {
        "hash": ([source, HashDocuments(path="", keep=keep)], None),
        "find": ([FindSameText(**common, keep=keep, bits=bits)], 1 << bits),
        "remove": ([RemoveDocuments(**common)], len(files)),
    }
    lines: list[str] = []
    for name, (stages, count) in steps.items():
        tasks = [FileGroupTask(data=[])] * count if count else None
        head, *rest = str(Pipeline(name, stages=stages).plan(executor, tasks)).splitlines()
        lines = lines or [head.replace(f"Plan: {name}, ", "plan: ")]
        lines += [f"  {name}", *(f"  {line}" for line in rest)]
    return lines
