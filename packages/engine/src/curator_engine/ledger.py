"""The account of a run, in the driver: what was handed out, what came back, what is finished.

Executors tell it what they send and receive; it answers with the tasks to go on with. Failures,
budgets, the checkpoint, the report and the final reconciliation are here, once for all executors.
"""

import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TextIO

from curator_engine.chain import Chain
from curator_engine.checkpoint import Checkpoint, Marker, describe_output
from curator_engine.errors import BudgetExceededError, StageError
from curator_engine.failures import Failure, FailurePolicy, Quarantine
from curator_engine.report import RunReport, StageReport, own_peak_memory_mb
from curator_engine.runner import Outcome, StageTally
from curator_engine.task import FileGroupTask, Task

type AnyTask = Task[Any]
type Collect = Literal["all", "count", "none"]

_RATIO_NEEDS_SOURCES = 20
"""Source tasks that must be finished before a failure ratio can stop a run early."""


class ProgressSink(Protocol):
    """What a run tells while it goes on."""

    def start(self, label: str, total: int | None, unit: str) -> None:
        """A run begins; total is None while it is not known."""
        ...

    def advance(self, n: int) -> None:
        """N more units are finished."""
        ...

    def finish(self) -> None:
        """The run ends."""
        ...


class Ledger:
    """One run's account; a run has one ledger, in the driver process."""

    def __init__(
        self,
        chains: Sequence[Chain],
        *,
        report: RunReport,
        policy: FailurePolicy,
        checkpoint: Checkpoint | None = None,
        run_dir: str | None = None,
        progress: ProgressSink | None = None,
        collect: Collect = "all",
    ) -> None:
        self.report = report
        self.policy = policy
        self._chains = chains
        self._checkpoint = checkpoint
        # Task ids are unique in one pipeline only, and a workflow has several in one folder.
        folder = f"{run_dir}/quarantine/{re.sub(r'[^A-Za-z0-9.-]+', '_', report.pipeline)}"
        self._quarantine = Quarantine(folder) if run_dir else None
        self._progress = progress
        self._collect: Collect = collect
        self._results: list[AnyTask] = []
        self.result_count = 0
        self._restored: set[str] = set()
        self._order: dict[str, int] = {}
        self._stamps: dict[str, str] = {}
        self._alive: Counter[str] = Counter()
        self._outputs: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._rejected: Counter[str] = Counter()
        self._failed_sources: set[str] = set()
        self._crashes: Counter[str] = Counter()
        self._sent: dict[str, AnyTask] = {}
        self._peaks: dict[int, float] = {}
        self._workers: defaultdict[int, set[int]] = defaultdict(set)
        self._events: TextIO | None = _open_events(run_dir)
        self._start = time.perf_counter()
        report.stages = [StageReport(name=stage.name) for chain in chains for stage in chain.stages]
        self._offsets = [sum(len(c.stages) for c in chains[:i]) for i in range(len(chains))]

    def begin(self, initial: Sequence[AnyTask]) -> list[AnyTask]:
        """Number the initial tasks and return those that are to be run."""
        tasks = [task.fork() for task in initial]
        if self._chains[0].is_source:
            return tasks
        for position, task in enumerate(tasks):
            task.task_id = task.source_key() or task.task_id or str(position)
            task._sources = frozenset({task.task_id})
        return self._admit(tasks)

    def _admit(self, sources: list[AnyTask]) -> list[AnyTask]:
        """Take the source tasks into the account; those that are done already are not run again."""
        self._order = {task.task_id: i for i, task in enumerate(sources)}
        self._stamps = {task.task_id: task.content_stamp() for task in sources}
        self._alive = Counter(self._order.keys())
        markers = self._checkpoint.load() if self._checkpoint else {}
        done = {s: m for s, m in markers.items() if m.stamp == self._stamps.get(s)}
        for source, marker in done.items():
            del self._alive[source]
            self._restore(marker)
        self.report.sources = len(sources)
        self.report.sources_resumed = self.report.sources_done = len(done)
        self._clean_up(markers, done)
        if self._progress:
            self._progress.start(self.report.pipeline, len(sources), "tasks")
            self._progress.advance(len(done))
        return [task for task in sources if task.task_id not in done]

    def _restore(self, marker: Marker) -> None:
        self.report.rejected += marker.rejected
        for task in marker.tasks():
            # A result of several sources stands in the marker of each.
            if task.task_id not in self._restored:
                self._restored.add(task.task_id)
                self._keep(task)

    def _clean_up(self, markers: dict[str, Marker], done: dict[str, Marker]) -> None:
        """Remove what an earlier run left of sources that are not done."""
        if not self._checkpoint:
            return
        for source in markers.keys() - done.keys():
            self._checkpoint.unmark(source)
            if source in self._order:
                self.report.notes.append(
                    f"input changed since the last run: {source} is done again"
                )
            else:
                self.report.notes.append(
                    f"input is gone since the last run: {source}; its output is removed"
                )
        self.report.sources_redone += len(markers.keys() & self._order.keys() - done.keys())
        if self._checkpoint.drop_others():
            self.report.notes.append(
                "settings changed since the last run: everything is done again"
            )
        committed = frozenset(
            path
            for marker in done.values()
            for record in marker.outputs
            for path in record.get("data", [])
        )
        for chain in self._chains:
            for stage in chain.stages:
                stage.resume(committed)
        if self._quarantine:
            self._quarantine.clear(self._order.keys() - done.keys() | markers.keys() - done.keys())

    def sent(self, tasks: Sequence[AnyTask]) -> None:
        """Note what is handed to a worker."""
        for task in tasks:
            self._sent[task.task_id] = task

    def received(
        self,
        chain: Chain,
        tasks: Sequence[AnyTask],
        outcome: Outcome,
        *,
        pid: int = 0,
        peak_mb: float = 0.0,
    ) -> list[AnyTask]:
        """Take a batch's outcome into the account and return the tasks for the next chain.

        Raises:
            BudgetExceededError: More has failed than the policy allows.
        """
        if peak_mb:
            self._peaks[pid] = max(peak_mb, self._peaks.get(pid, 0.0))
        self._workers[chain.index].add(pid)
        for k, tally in enumerate(outcome.tallies):
            self._count(self.report.stages[self._offsets[chain.index] + k], tally, pid, chain)
        self._take_rejections(tasks, outcome)
        for failure in outcome.failures:
            self._record(failure)
        if chain.is_source:
            outputs = self._admit(outcome.outputs)
            if chain.is_sink:
                self._settle(chain, outputs, outputs)
        else:
            outputs = self._settle(chain, tasks, outcome.outputs)
        for task in tasks:
            self._sent.pop(task.task_id, None)
        self._check_budget()
        return [] if chain.is_sink else outputs

    def crashed(self, chain: Chain, tasks: Sequence[AnyTask], reason: str) -> list[list[AnyTask]]:
        """A worker died on these tasks: the batches to try again; what has no try left has failed.

        Raises:
            StageError: The policy is to raise and no try is left.
            BudgetExceededError: More has failed than the policy allows.
        """
        self.report.worker_deaths += 1
        policy = chain.stages[0].failure_policy or self.policy
        if len(tasks) > 1 and chain.aligned and policy.on_error != "raise":
            middle = len(tasks) // 2
            return [list(tasks[:middle]), list(tasks[middle:])]
        key = tasks[0].task_id
        self._crashes[key] += 1
        stage = self.report.stages[self._offsets[chain.index]]
        if self._crashes[key] <= policy.retries:
            stage.retried += len(tasks)
            return [list(tasks)]
        if policy.on_error == "raise":
            raise StageError(f"{chain.name}: {reason} while running task {key}.")
        self._lose(chain, tasks, reason, attempts=self._crashes[key])
        return []

    def _lose(self, chain: Chain, tasks: Sequence[AnyTask], reason: str, *, attempts: int) -> None:
        """Count tasks as failed of which no worker gave an account."""
        stage = self.report.stages[self._offsets[chain.index]]
        for task in tasks:
            stage.tasks_in += 1
            stage.items_in += task.num_items
            stage.tasks_failed += 1
            self._record(
                Failure(
                    task_id=task.task_id,
                    stage=chain.name,
                    error=reason,
                    attempts=attempts,
                    sources=tuple(sorted(task._sources)),
                    files=tuple(task.data) if isinstance(task, FileGroupTask) else (),
                    items=task.num_items,
                )
            )
            self._sent.pop(task.task_id, None)
        self._settle(chain, tasks, [])
        self._check_budget()

    def _settle(
        self, chain: Chain, tasks: Sequence[AnyTask], outputs: list[AnyTask]
    ) -> list[AnyTask]:
        """Move the count of living descendants from inputs to outputs; mark sources without any."""
        touched = {source for task in tasks for source in task._sources}
        for task in tasks:
            self._alive.subtract(task._sources)
        for output in outputs:
            if not chain.is_sink:
                self._alive.update(output._sources)
                continue
            for source in output._sources:
                self._outputs[source].append(describe_output(output))
            self._keep(output)
        for source in sorted(touched):
            if not self._alive[source]:
                self._finish_source(source)
        return outputs

    def _finish_source(self, source: str) -> None:
        del self._alive[source]
        self.report.sources_done += 1
        outputs = self._outputs.pop(source, [])
        if self._checkpoint and source not in self._failed_sources:
            self._checkpoint.mark(
                Marker(
                    source=source,
                    stamp=self._stamps.get(source, ""),
                    outputs=outputs,
                    rejected=self._rejected[source],
                )
            )
        if self._progress:
            self._progress.advance(1)

    def _keep(self, task: AnyTask) -> None:
        self.result_count += 1
        if self._collect == "all":
            self._results.append(task)

    def _take_rejections(self, tasks: Sequence[AnyTask], outcome: Outcome) -> None:
        if not outcome.rejections:
            return
        sources = {source for task in tasks for source in task._sources}
        by_task: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for task_id, rejection in outcome.rejections:
            self.report.rejected += rejection.rows
            record = {**vars(rejection), "raw": rejection.raw.decode("utf-8", "backslashreplace")}
            by_task[task_id].append({"task_id": task_id, **record})
            owner = next((s for s in sources if task_id == s or task_id.startswith(f"{s}_")), None)
            if owner:
                self._rejected[owner] += rejection.rows
        if self._quarantine:
            for task_id, records in by_task.items():
                self._quarantine.add_rows(task_id, records)

    def _record(self, failure: Failure) -> None:
        self.report.add_failure(failure)
        self._failed_sources.update(failure.sources or [failure.task_id])
        if self._quarantine and self.policy.on_error == "quarantine":
            self._quarantine.add_failure(failure)

    def _check_budget(self, *, final: bool = False) -> None:
        policy, failed = self.policy, self.report.failed
        if policy.max_failures is not None and failed > policy.max_failures:
            raise BudgetExceededError(
                f"{failed} tasks failed, more than max_failures={policy.max_failures} allow; {self._first_failure()}"
            )
        total = self.report.sources
        if policy.max_failure_ratio is None or not total or not self._failed_sources:
            return
        ratio = len(self._failed_sources) / total
        if ratio > policy.max_failure_ratio and (
            final or self.report.sources_done >= _RATIO_NEEDS_SOURCES
        ):
            raise BudgetExceededError(
                f"{len(self._failed_sources)} of {total} source tasks failed, more than "
                f"max_failure_ratio={policy.max_failure_ratio} allows; {self._first_failure()}"
            )

    def _first_failure(self) -> str:
        first = self.report.failures[0]
        return f"the first: {first.stage} on {first.task_id}: {first.error}"

    def _count(self, stage: StageReport, tally: StageTally, pid: int, chain: Chain) -> None:
        for name in ("tasks_in", "tasks_out", "tasks_passed", "tasks_filtered", "tasks_failed"):
            setattr(stage, name, getattr(stage, name) + getattr(tally, name))
        stage.items_in += tally.items_in
        stage.items_out += tally.items_out
        stage.retried += tally.retried
        stage.rejected += tally.rejected
        stage.seconds += tally.seconds
        stage.dropped.update(tally.dropped)
        stage.workers = len(self._workers[chain.index])
        for name, value in tally.metrics.items():
            stage.metrics[name] = stage.metrics.get(name, 0.0) + value
        if tally.tasks_in:
            stage.add_batch_time(tally.seconds)
            self._write_event(tally, pid)

    def _write_event(self, tally: StageTally, pid: int) -> None:
        if not self._events:
            return
        event = {
            "time": round(time.time(), 3),
            "stage": tally.stage,
            "pid": pid,
            "node": "local",
            "tasks": tally.tasks_in,
            "items": tally.items_in,
            "seconds": round(tally.seconds, 6),
            "outcome": "failed" if tally.tasks_failed else "done",
        }
        self._events.write(json.dumps(event) + "\n")

    def reconcile(self) -> None:
        """After the last batch: what was sent and never came back has failed as "worker died".

        Raises:
            BudgetExceededError: More has failed than the policy allows.
            StageError: Something is missing and the policy is to raise, or the counts do not add up.
        """
        lost = list(self._sent.values())
        if lost and self.policy.on_error == "raise":
            raise StageError(
                f"{len(lost)} tasks were lost with their workers, the first: {lost[0].task_id}."
            )
        for task in lost:
            self._lose(self._chains[-1], [task], "worker died", attempts=1)
        for stage in self.report.stages:
            if stage.unaccounted:
                raise StageError(
                    f"{stage.name}: {stage.unaccounted} of {stage.tasks_in} tasks are not accounted for."
                )
        self._check_budget(final=True)

    def close(self, status: Literal["done", "failed", "interrupted"]) -> None:
        """End the account: the report is complete, files are closed."""
        self.report.status = status
        self.report.seconds = time.perf_counter() - self._start
        self.report.peak_memory_mb = own_peak_memory_mb() + sum(self._peaks.values())
        if self._events:
            self._events.close()
        if self._progress and self._order:
            self._progress.finish()

    def results(self) -> list[AnyTask]:
        """The results in the order of their sources, then of their ids."""
        return sorted(self._results, key=self._rank)

    def _rank(self, task: AnyTask) -> tuple[int, list[tuple[int, str]]]:
        source = min((self._order.get(s, len(self._order)) for s in task._sources), default=0)
        return source, id_key(task.task_id)


def id_key(task_id: str) -> list[tuple[int, str]]:
    """A sort key by which position 10 comes after position 9."""
    return [(len(part), part) for part in task_id.split("_")]


def _open_events(run_dir: str | None) -> TextIO | None:
    if run_dir is None or "://" in run_dir:
        return None
    path = Path(run_dir) / "events.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a", encoding="utf-8", buffering=1)
