"""What a run did: totals per stage, failures, time and memory; as JSON, as a table, as events.

Filled by `ledger.py` from what runners report, so it is right even if every task was filtered or
the run was interrupted.
"""

import resource
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from curator_engine.failures import Failure

_MAX_SAMPLES = 10_000
_MAX_FAILURES = 1_000


@dataclass(kw_only=True)
class StageReport:
    """Totals of one stage over the run."""

    name: str
    tasks_in: int = 0
    tasks_out: int = 0
    tasks_passed: int = 0
    tasks_filtered: int = 0
    tasks_failed: int = 0
    items_in: int = 0
    items_out: int = 0
    dropped: Counter[str] = field(default_factory=Counter[str])
    """Items left out, by reason."""
    rejected: int = 0
    """Rows that could not be read and went to quarantine."""
    retried: int = 0
    seconds: float = 0.0
    """Time inside the stage, summed over workers."""
    workers: int = 0
    metrics: dict[str, float] = field(default_factory=dict[str, float])
    """The stage's own metrics, summed over batches."""
    batches: int = 0
    batch_seconds: list[float] = field(default_factory=list[float], repr=False)
    """Times of single batches: all of the first ten thousand."""

    @property
    def items_per_s(self) -> float:
        """Items per second of worker time."""
        return self.items_in / self.seconds if self.seconds else 0.0

    def quantile(self, q: float) -> float:
        """The q-quantile of the seconds per batch, 0 without batches."""
        times = sorted(self.batch_seconds)
        return times[min(len(times) - 1, int(q * len(times)))] if times else 0.0

    def add_batch_time(self, seconds: float) -> None:
        """Count one batch."""
        self.batches += 1
        if len(self.batch_seconds) < _MAX_SAMPLES:
            self.batch_seconds.append(seconds)

    @property
    def unaccounted(self) -> int:
        """Input tasks of which nothing is known: 0 in every finished run."""
        return self.tasks_in - self.tasks_passed - self.tasks_filtered - self.tasks_failed


@dataclass(kw_only=True)
class RunReport:
    """What `Pipeline.last_run` holds."""

    pipeline: str
    executor: str = ""
    status: Literal["running", "done", "failed", "interrupted"] = "running"
    started: str = field(default_factory=lambda: time.strftime("%Y-%m-%dT%H:%M:%S%z"))
    seconds: float = 0.0
    error: str = ""
    """What ended the run before its time, one line."""
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    """The pipeline's `config`."""
    stages: list[StageReport] = field(default_factory=list[StageReport])
    sources: int = 0
    """Source tasks of this run, the skipped ones included."""
    sources_done: int = 0
    """Source tasks that are finished, in this run or an earlier one."""
    sources_resumed: int = 0
    """Source tasks that an earlier run had finished and that were skipped."""
    sources_redone: int = 0
    """Source tasks that an earlier run had begun or that changed since, and that were run again."""
    sources_open: int = 0
    """Source tasks with a file that could not be read, which a resumed run tries again."""
    failures: list[Failure] = field(default_factory=list[Failure])
    """The first thousand failed tasks; `failed` counts all."""
    failed: int = 0
    rejected: int = 0
    """Rows in quarantine, those of an earlier part of a resumed run included."""
    worker_deaths: int = 0
    peak_memory_mb: float = 0.0
    """Peak resident memory, summed over the processes of the run, in MB (10^6 bytes)."""
    notes: list[str] = field(default_factory=list[str])
    """Things worth saying, one line each."""

    def stage(self, name: str) -> StageReport:
        """The totals of a stage by name.

        Raises:
            KeyError: No stage of this name ran.
        """
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(f"no stage {name!r} in this run; there are {[s.name for s in self.stages]}")

    def add_failure(self, failure: Failure) -> None:
        """Count a failed task."""
        self.failed += len(failure.task_ids) or 1
        if len(self.failures) < _MAX_FAILURES:
            self.failures.append(failure)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        record = asdict(self)
        for stage, entry in zip(self.stages, record["stages"], strict=True):
            del entry["batch_seconds"]
            entry["dropped"] = dict(stage.dropped)
            entry["items_per_s"] = round(stage.items_per_s, 3)
            entry["p50_s"] = stage.quantile(0.5)
            entry["p95_s"] = stage.quantile(0.95)
        return record

    def table(self) -> str:
        """The stages as lines of plain text, with the reasons for which items were dropped."""
        head = ("stage", "items in", "items out", "dropped", "failed", "s", "items/s", "p95 s")
        rows = [
            (
                stage.name,
                f"{stage.items_in:,}",
                f"{stage.items_out:,}",
                f"{stage.dropped.total():,}",
                f"{stage.tasks_failed:,}",
                f"{stage.seconds:.2f}",
                f"{stage.items_per_s:,.0f}",
                f"{stage.quantile(0.95):.3f}",
            )
            for stage in self.stages
        ]
        widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
        lines = [
            "  ".join(
                c.ljust(w) if i == 0 else c.rjust(w)
                for i, (c, w) in enumerate(zip(row, widths, strict=True))
            )
            for row in [head, *rows]
        ]
        for stage in self.stages:
            lines += [
                f"  {stage.name} dropped {n:,}: {why}" for why, n in stage.dropped.most_common()
            ]
        return "\n".join(lines)


def own_peak_memory_mb() -> float:
    """Peak resident memory of this process in MB (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
