"""The command `curator-text semantic`: from settings to a run, and what is said about it."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.commands.cli import Console, JobResult, free_disk_bytes, take_output
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_engine.files.listing import FileInfo
from curator_engine.models.model_names import check_model_name
from curator_engine.resources import usable_cpus
from curator_engine.stages.files import find_inputs
from curator_engine.vectors.choose_eps import histogram_lines
from curator_text import __version__
from curator_text.commands.finished_result import finished_result
from curator_text.dedup.lost_rows import lost_lines
from curator_text.models.sentence_encoders import load_text_model
from curator_text.pipelines.folders import earlier_output
from curator_text.pipelines.semantic_dedup import (
    DOCUMENTS_PER_CLUSTER,
    TextSemanticDeduplicationWorkflow,
)
from curator_text.read.embedding_field import check_embedding_field
from curator_text.read.preflight import check_other_fields, check_text_field, extrapolate
from curator_text.semantic import FINGERPRINT
from curator_text.semantic.fingerprint import DIMS, fingerprints
from curator_text.settings import SemanticSettings

_STEPS = "embed, kmeans, pairwise, decide, remove"
_SAMPLE_TEXTS = 20
_WORDING = "fingerprints see wording, not meaning; give --model or --embedding-field for meaning"


def run(settings: SemanticSettings, console: Console) -> JobResult:
    """Deduplicate as the settings say.

    Raises:
        CuratorError: As in DESIGN: bad input or options, a full disk, an exceeded budget.
    """
    listing = find_inputs(settings.inputs, file_format=settings.format)
    files = listing.files
    if listing.note:
        console.say(listing.note)
    dims = 0
    if settings.embedding_field:
        dims = check_embedding_field(files, settings.embedding_field)
    else:
        check_text_field(files, settings.text_field)
        if settings.model != FINGERPRINT:
            check_model_name(settings.model)
    check_other_fields(files, id_field=settings.id_field)
    workflow = _workflow(settings, console)
    if settings.dry_run:
        return _dry_run(settings, files, dims)
    with take_output(
        settings,
        console,
        job="semantic",
        version=__version__,
        inputs=[file.path for file in files],
        adopt=earlier_output,
    ):
        if (done := finished_result(settings, console, workflow, files)) is not None:
            return _result(settings, done)
        if _sees_wording(settings):
            console.say(_WORDING)
        policy = replace(COMMAND_POLICY, max_rejected_ratio=settings.max_rejected_ratio)
        executor = make_executor(settings.executor, workers=settings.workers, policy=policy)
        facts = workflow.run(executor=executor).metadata
        for line in [*facts["notes"], *facts["alarms"]]:
            console.warn(line)
        return _result(settings, facts)


def _sees_wording(settings: SemanticSettings) -> bool:
    return settings.embedding_field is None and settings.model == FINGERPRINT


def _workflow(settings: SemanticSettings, console: Console) -> TextSemanticDeduplicationWorkflow:
    return TextSemanticDeduplicationWorkflow(
        input_path=settings.inputs,
        output_path=settings.output,
        cache_path=settings.cache,
        input_filetype=settings.format,
        text_field=settings.text_field,
        id_field=settings.id_field,
        model_identifier=settings.model,
        precomputed_field=settings.embedding_field,
        embedding_max_chars=settings.max_chars,
        n_clusters=settings.n_clusters,
        eps=settings.eps,
        keep=settings.keep,
        rule=settings.rule,
        kmeans_random_state=settings.seed,
        device=settings.device,
        limit=settings.limit,
        max_row=settings.max_row,
        max_removed_ratio=settings.max_removed_ratio,
        progress=console.progress(),
    )


def _result(settings: SemanticSettings, facts: dict[str, Any]) -> JobResult:
    documents, removed = facts["num_documents"], facts["num_duplicates"]
    ratio = removed / documents if documents else 0.0
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
        "eps": facts["eps"],
        "eps_reason": facts["eps_reason"],
        "n_clusters": facts["n_clusters"],
        "embeddings": facts["model"],
        "truncated": facts["truncated"],
        "histogram": facts["histogram"],
        "alarms": facts["alarms"],
        "output": settings.output,
    }
    lines: list[str] = []
    if settings.eps == "auto":
        lines.append("similarity to the most similar earlier document: documents")
        lines += histogram_lines(np.array(facts["histogram"]), facts["eps"])
        lines.append(facts["eps_reason"])
    lines.append(
        f"{documents:,} documents: {documents - removed:,} kept, {removed:,} removed ({ratio:.1%}) "
        f"in {facts['clusters']:,} clusters, {facts['total_time']:.1f} s"
    )
    lines.append(
        f"embeddings: {facts['model']}, {facts['dims']} numbers; compared within "
        f"{facts['n_clusters']:,} clusters at eps {facts['eps']}"
    )
    if _sees_wording(settings):
        lines.append(_WORDING)
    if facts["truncated"]:
        lines.append(f"{facts['truncated']:,} texts were longer than the model sees")
    lines += lost_lines(facts, settings.output)
    lines.append(f"result in {settings.output}: report.html, data/, removed/, clusters/, run.json")
    return JobResult(summary=summary, lines=lines, exit_code=3 if facts["quarantined"] else 0)


def _dry_run(settings: SemanticSettings, files: list[FileInfo], dims: int) -> JobResult:
    """An estimate from the beginnings of a few files, which are embedded."""
    texts: list[Any] = []
    field = settings.embedding_field or settings.text_field
    extent = extrapolate(
        files,
        field=field,
        kind=pa.list_(pa.float64()) if settings.embedding_field else pa.string(),
        work=lambda found: texts.extend(found.slice(0, _SAMPLE_TEXTS).to_pylist()),
        limit=settings.limit,
    )
    total, count = sum(file.size for file in files), extent.documents
    seconds, dims = (0.0, dims) if settings.embedding_field else _time_embedding(settings, texts)
    workers = settings.workers or usable_cpus()
    guess = {
        "files": len(files),
        "input_bytes": total,
        "documents": count,
        "seconds": round(seconds * count / workers + 2, 1),
        "memory_bytes": workers * (300 << 20) + DOCUMENTS_PER_CLUSTER * dims * 8,
        "disk_bytes": count * (dims * 8 + 100) + 2 * extent.input_bytes,
        "n_clusters": settings.n_clusters or max(1, count // DOCUMENTS_PER_CLUSTER),
    }
    free = free_disk_bytes(settings.output)
    lines = [
        f"steps: {_STEPS}; {workers} workers",
        f"embeddings: {settings.embedding_field or settings.model}, {dims} numbers per document",
        f"input: {len(files):,} files, {total / 1e6:,.1f} MB, about {count:,} documents in {field!r}",
        f"estimate: {guess['seconds']:,.0f} s, {guess['memory_bytes'] / 1e6:,.0f} MB of memory, "
        f"{guess['disk_bytes'] / 1e6:,.0f} MB of disk"
        + (f" ({free / 1e6:,.0f} MB free)" if free else ""),
        "nothing was done",
    ]
    return JobResult(summary=guess, lines=lines)


def _time_embedding(settings: SemanticSettings, texts: list[Any]) -> tuple[float, int]:
    """Seconds per text, and numbers per embedding."""
    if not texts:
        return 0.0, DIMS
    if settings.model == FINGERPRINT:
        fingerprints(pa.array(texts[:1]))
        start = time.perf_counter()
        matrix = fingerprints(pa.array(texts))
    else:
        model = load_text_model(settings.model, device=settings.device)
        start = time.perf_counter()
        matrix, _ = model.embed(texts, batch_size=16, max_chars=settings.max_chars)
    return (time.perf_counter() - start) / len(texts), matrix.shape[1]
