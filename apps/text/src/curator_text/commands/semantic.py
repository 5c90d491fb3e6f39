"""The command `curator-text semantic`: from settings to a run, and what is said about it."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.models.hub_models import look_for_model
from curator_engine.resources import usable_cpus
from curator_engine.vectors.choose_eps import histogram_lines
from curator_text.commands.dedup_job import DedupJob
from curator_text.commands.indexed_job import IndexedJob
from curator_text.models.sentence_encoders import check_text_model, load_text_model
from curator_text.pipelines.semantic import (
    DOCUMENTS_PER_CLUSTER,
    SemanticWorkflow,
)
from curator_text.read.preflight import extrapolate
from curator_text.semantic import FINGERPRINT
from curator_text.semantic.fingerprint import DIMS, fingerprints
from curator_text.settings import SemanticSettings

_STEPS = "embed, kmeans, pairwise, decide, remove"
_SAMPLE_TEXTS = 20
_WORDING = "fingerprints see wording, not meaning; give --model or --embedding-field for meaning"


@dataclass(kw_only=True)
class Semantic(
    IndexedJob[SemanticSettings, SemanticWorkflow], DedupJob[SemanticSettings, SemanticWorkflow]
):
    """Documents that are near each other by their embeddings."""

    of = SemanticWorkflow
    without_pandas = False

    def check(self) -> None:
        """As the workflow, and look whether the model could be loaded."""
        super().check()
        if not self.settings.embedding_field and self.settings.model != FINGERPRINT:
            check_text_model(self.settings.model)
            look_for_model(self.settings.model)

    def workers(self) -> int | None:
        """As many as are asked for: embedding takes longer than processes to start."""
        return self.settings.workers

    def dry_run(self) -> DryRun:
        """Embedding is tried on the beginnings of a few files."""
        settings, files = self.settings, self.files
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
        seconds, dims = (
            (0.0, self.workflow.dims)
            if settings.embedding_field
            else _time_embedding(settings, texts)
        )
        workers = settings.workers or usable_cpus()
        clusters = settings.n_clusters or max(1, count // DOCUMENTS_PER_CLUSTER)
        known = {"files": len(files), "input_bytes": total, "documents": count}
        return DryRun(
            lines=[
                f"steps: {_STEPS}; {counted(workers, 'workers')}",
                f"embeddings: {settings.embedding_field or settings.model}, {dims} numbers per document",
                f"input: {counted(len(files), 'files')}, {total / 1e6:,.1f} MB, about {counted(count, 'documents')} in {field!r}",
                *self.against_lines(),
            ],
            seconds=round(seconds * count / workers + 2, 1),
            memory_bytes=workers * (300 << 20) + DOCUMENTS_PER_CLUSTER * dims * 8,
            disk_bytes=count * (dims * 8 + 100) + 2 * extent.input_bytes,
            summary={**known, "n_clusters": clusters},
        )

    def run(self) -> dict[str, Any]:
        """Run the workflow; what fingerprints cannot see is said before it takes time."""
        if self.settings.embedding_field is None and self.settings.model == FINGERPRINT:
            self.console.say(_WORDING)
        return super().run()

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """What the similarities are, and what was chosen by them."""
        names = ("eps", "eps_reason", "n_clusters", "truncated", "histogram")
        own = {name: facts[name] for name in names} | {"embeddings": facts["model"]}
        return super().more(facts) | own

    def before(self, facts: dict[str, Any]) -> list[str]:
        """The histogram that eps was chosen by."""
        if self.settings.eps != "auto":
            return []
        return [
            "similarity to the most similar earlier document: documents",
            *histogram_lines(np.array(facts["histogram"]), facts["eps"]),
            facts["eps_reason"],
        ]

    def after(self, facts: dict[str, Any]) -> list[str]:
        """Which embeddings were compared, and how."""
        lines = [
            f"embeddings: {facts['model']}, {facts['dims']} numbers; compared within "
            f"{counted(facts['n_clusters'], 'clusters')} at eps {facts['eps']}"
        ]
        if facts["truncated"]:
            lines.append(f"{facts['truncated']:,} texts were longer than the model sees")
        return [*lines, *super().after(facts)]


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
