"""The command `curator-text fuzzy`: from settings to a run, and what is said about it."""

from dataclasses import replace
from typing import Any

from curator_engine.commands.cli import Console, JobResult, free_disk_bytes, take_output
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_engine.files.listing import FileInfo
from curator_engine.files.paths import join
from curator_engine.resources import usable_cpus
from curator_engine.stages.files import find_inputs, parse_size
from curator_engine.without_pandas import leave_pandas_out
from curator_text import __version__
from curator_text.commands.finished_result import finished_result
from curator_text.commands.step_plans import step_plans
from curator_text.dedup.lost_rows import lost_lines
from curator_text.fuzzy.index import Index
from curator_text.fuzzy.lsh import candidate_probability, choose_bands
from curator_text.fuzzy.signed_bands import index_bands, signed_bands
from curator_text.pipelines.folders import earlier_output
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow
from curator_text.read.preflight import check_other_fields, check_text_field, fitting_workers
from curator_text.settings import DEFAULT_RECALL, FuzzySettings
from curator_text.signatures.estimate import Estimate, estimate, kernel_notice


def run(settings: FuzzySettings, console: Console) -> JobResult:
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
    bands, rows = bands_of(settings)
    workers = fitting_workers(settings.workers, settings.executor, files)
    workflow = _workflow(settings, console, bands=bands, rows=rows)
    workflow.indexes.check()
    if settings.dry_run:
        if notice := kernel_notice():
            console.say(notice)
        seen = workflow.indexes.seen("")
        return _dry_run(settings, files, seen, bands=bands, rows=rows, workers=workers)
    with take_output(
        settings,
        console,
        job="fuzzy",
        version=__version__,
        inputs=[file.path for file in files],
        adopt=earlier_output,
    ):
        facts = finished_result(
            settings, console, workflow, files, is_current=workflow.indexes.is_current
        )
        if facts is not None:
            return _result(settings, facts)
        if notice := kernel_notice():
            console.say(notice)
        policy = replace(COMMAND_POLICY, max_rejected_ratio=settings.max_rejected_ratio)
        executor = make_executor(settings.executor, workers=workers, policy=policy)
        facts = workflow.run(executor=executor).metadata
        for line in [*facts["notes"], *facts["alarms"]]:
            console.warn(line)
        if facts.get("index", {}).get("stale"):
            console.warn(
                f"{settings.save_index} has this input from a run that kept other documents; it stays as it is."
            )
        return _result(settings, facts)


def bands_of(settings: FuzzySettings) -> tuple[int, int]:
    """Bands and rows per band: those that were given, else those that reach the recall.

    An index, or a kept cache, that was signed with bands that reach it is used as it is.
    """
    if settings.num_bands is not None and settings.minhashes_per_band is not None:
        return settings.num_bands, settings.minhashes_per_band
    recall = settings.recall or DEFAULT_RECALL
    cache = settings.cache or (join(settings.output, ".cache") if settings.resume else None)
    wanted = {"threshold": settings.threshold, "recall": recall}
    for path in (settings.against, settings.save_index):
        if path and (bands := index_bands(path, **wanted)):
            return bands
    signed = signed_bands(cache, **wanted)
    return signed or choose_bands(settings.threshold, recall)


def _workflow(
    settings: FuzzySettings, console: Console, *, bands: int, rows: int
) -> FuzzyDeduplicationWorkflow:
    return FuzzyDeduplicationWorkflow(
        cache_path=settings.cache,
        output_path=settings.output,
        input_path=settings.inputs,
        input_filetype=settings.format,
        text_field=settings.text_field,
        perform_removal=not settings.ids_only,
        mark=settings.mark,
        source_field=settings.source_field,
        seed=settings.seed,
        method=settings.method,
        char_ngrams=settings.char_ngrams,
        num_bands=bands,
        minhashes_per_band=rows,
        bands_per_iteration=min(5, bands),
        threshold=settings.threshold,
        verify=settings.verify,
        keep=settings.keep,
        id_field=settings.id_field,
        memory=settings.memory,
        device=settings.device,
        limit=settings.limit,
        max_row=settings.max_row,
        against=settings.against,
        save_index=settings.save_index,
        max_removed_ratio=settings.max_removed_ratio,
        progress=console.progress(),
    )


def _result(settings: FuzzySettings, facts: dict[str, Any]) -> JobResult:
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
        "candidate_pairs": facts["pairs"],
        "exact_checks": facts["checks"],
        "capped": facts["capped"],
        "alarms": facts["alarms"],
        "output": settings.output,
        "index": facts.get("index"),
    }
    ratio = removed / documents if documents else 0.0
    lines = [
        f"{documents:,} documents: {documents - removed:,} kept, {removed:,} removed ({ratio:.1%}) "
        f"in {facts['clusters']:,} clusters, {facts['total_time']:.1f} s"
    ]
    lines += lost_lines(facts, settings.output)
    if facts["capped"]:
        lines.append(
            f"{facts['capped']:,} documents had more candidates than are compared (max_checks)"
        )
    if index := facts.get("index"):
        lines.append(
            f"index in {index['path']}: {index['documents']:,} documents, {index['bytes'] / 1e6:,.1f} MB"
        )
    data = "" if settings.ids_only else "data/, "
    lines.append(f"result in {settings.output}: report.html, {data}removed/, clusters/, run.json")
    return JobResult(summary=summary, lines=lines, exit_code=3 if facts["quarantined"] else 0)


def _dry_run(
    settings: FuzzySettings,
    files: list[FileInfo],
    seen: Index | None,
    *,
    bands: int,
    rows: int,
    workers: int | None,
) -> JobResult:
    guess: Estimate = estimate(
        files,
        text_field=settings.text_field,
        method=settings.method,
        num_bands=bands,
        num_hashes=bands * rows,
        workers=workers or usable_cpus(),
        memory=None if settings.memory is None else parse_size(settings.memory),
        limit=settings.limit,
    )
    against = (
        [f"against: {seen.path}, {seen.documents:,} documents, {seen.bytes / 1e6:,.1f} MB"]
        if seen
        else []
    )
    curve = ", ".join(
        f"{s:.2f}: {candidate_probability(s, num_bands=bands, minhashes_per_band=rows):.4f}"
        for s in (0.6, 0.7, 0.8, 0.9)
    )
    free = free_disk_bytes(settings.output)
    lines = [
        *step_plans(settings, files, num_bands=bands, workers=workers),
        f"bands: {bands} x {rows}; probability of comparing a pair, by similarity: {curve}",
        f"input: {guess.files:,} files, {guess.input_bytes / 1e6:,.1f} MB, about {guess.documents:,} documents",
        *against,
        f"estimate: {guess.seconds:,.0f} s, {guess.memory_bytes / 1e6:,.0f} MB of memory, "
        f"{guess.disk_bytes / 1e6:,.0f} MB of disk"
        + (f" ({free / 1e6:,.0f} MB free)" if free else ""),
        "nothing was done",
    ]
    return JobResult(
        summary={
            **vars(guess),
            "num_bands": bands,
            "minhashes_per_band": rows,
            "indexed": seen.documents if seen else 0,
        },
        lines=lines,
    )
