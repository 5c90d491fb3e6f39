"""The account of a run, in the driver: what was handed out, what came back, what is finished.

Executors tell it what they send and receive; it answers with the tasks to go on with. Failures,
budgets, the checkpoint, the report and the final reconciliation are here, once for all executors.
"""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from curator_engine.errors import StageError
from curator_engine.failures import Failure, FailurePolicy, Quarantine
from curator_engine.resources import HERE, WorkerPlace
from curator_engine.running.budget import Budget
from curator_engine.running.chain import Chain
from curator_engine.running.checkpoint import Checkpoint, Marker, describe_output, standing, whole
from curator_engine.running.events import EventLog
from curator_engine.running.lineage import Lineage, owner_of
from curator_engine.running.progress import ProgressSink
from curator_engine.running.run_report import RunReport, StageReport, own_peak_memory_mb
from curator_engine.running.runner import Outcome, StageTally
from curator_engine.running.slurm_array import SlurmArrayConfig
from curator_engine.running.written_files import WrittenFiles, rank, resume
from curator_engine.stage import ROWS_READ, Rejection
from curator_engine.task import FileGroupTask, Task, file_safe

type AnyTask = Task[Any]
type Collect = Literal["all", "count", "none"]

SETTINGS_CHANGED = "settings changed since the last run: everything is done again"
"""A note of a run whose checkpoint has nothing that it can use."""

_SUMS = (
    *("tasks_in", "tasks_out", "tasks_passed", "tasks_filtered", "tasks_failed"),
    *("items_in", "items_out", "retried", "rejected", "seconds"),
)


class Ledger:
    """One run's account; a run has one ledger, in the driver process."""

    def __init__(
        self,
        chains: Sequence[Chain],
        *,
        report: RunReport,
        policy: FailurePolicy,
        checkpoint: Checkpoint | None = None,
        earlier_files: frozenset[str] = frozenset(),
        run_dir: str | None = None,
        progress: ProgressSink | None = None,
        collect: Collect = "all",
        array: SlurmArrayConfig | None = None,
    ) -> None:
        self.report = report
        self.policy = policy
        self._chains = chains
        self._checkpoint, self._earlier_files = checkpoint, earlier_files
        # Task ids are unique in one pipeline only, and a workflow has several in one folder.
        folder = f"{run_dir}/quarantine/{re.sub(r'[^A-Za-z0-9.-]+', '_', report.pipeline)}"
        self._quarantine = Quarantine(folder) if run_dir else None
        self._progress = progress
        self.collect: Collect = collect
        self._array = array
        self._results: list[AnyTask] = []
        self._written = WrittenFiles()
        self.result_count = 0
        self._lineage = Lineage()
        self._stamps: dict[str, str] = {}
        self._outputs: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._rejected: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._budget = Budget(policy=policy, report=report)
        self._crashes: Counter[str] = Counter()
        self._sent: dict[str, tuple[Chain, AnyTask]] = {}
        self._peaks: dict[WorkerPlace, float] = {}
        self._workers: defaultdict[int, set[WorkerPlace]] = defaultdict(set)
        self._events = EventLog(run_dir)
        self._start = time.perf_counter()
        report.stages = [StageReport(name=stage.name) for chain in chains for stage in chain.stages]
        self._offsets = [sum(len(c.stages) for c in chains[:i]) for i in range(len(chains))]

    def begin(self, initial: Sequence[AnyTask]) -> list[AnyTask]:
        """Number the initial tasks and return those that are to be run."""
        tasks = [task.fork() for task in initial]
        if self._chains[0].is_source:
            return tasks
        seen: set[str] = set()
        for position, task in enumerate(tasks):
            name = file_safe(task.source_key() or task.task_id or str(position))
            task.task_id = f"{name}.{position}" if name in seen else name
            task._sources = frozenset({task.task_id})
            seen.add(task.task_id)
        return self._admit(tasks)

    def _admit(self, sources: list[AnyTask]) -> list[AnyTask]:
        """Take the source tasks into the account; those that are done already are not run again."""
        sources = self._array.part_of(sources, self.report.notes) if self._array else sources
        self._stamps = {task.task_id: task.content_stamp() for task in sources}
        markers = self._checkpoint.load() if self._checkpoint else {}
        recorded = self._quarantine.sources if self._quarantine and markers else None
        done = whole(standing(markers, self._stamps, recorded))
        self._lineage.admit(sources, done=done)
        self._restore(done.values())
        self.report.sources = len(sources)
        self.report.sources_resumed = self.report.sources_done = len(done)
        self._clean_up(markers, done)
        if self._progress:
            self._progress.start(self.report.pipeline, len(sources), "tasks")
            self._progress.advance(len(done))
        return [task for task in sources if task.task_id not in done]

    def _restore(self, markers: Iterable[Marker]) -> None:
        """Give the results of finished sources back."""
        tasks: dict[str, AnyTask] = {}
        for marker in markers:
            self.report.rejected += marker.rejected
            self._budget.rows += marker.rows
            self._budget.counts_rows |= marker.rows > 0
            for task in marker.tasks():
                # A result of several sources stands in the marker of each.
                tasks.setdefault(task.task_id, task)._sources |= task._sources
        for task in tasks.values():
            self._keep(task)

    def _clean_up(self, markers: dict[str, Marker], done: dict[str, Marker]) -> None:
        """Remove what an earlier run left of sources that are not done."""
        if not self._checkpoint:
            return
        known = self._lineage.order.keys()
        for source in markers.keys() - done.keys():
            self._checkpoint.unmark(source)
        changed = [s for s, m in markers.items() if m.stamp != self._stamps.get(s, m.stamp)]
        if changed:
            self.report.notes.append(
                f"input changed since the last run: {len(changed)} source tasks are done again"
            )
        gone = markers.keys() - known
        if gone:
            self.report.notes.append(
                f"input is gone since the last run: the output of {len(gone)} source tasks is removed"
            )
        begun = markers.keys() | self._checkpoint.begun()
        self.report.sources_redone = len((begun & known) - done.keys())
        ever = begun | known | self._checkpoint.begun_otherwise()
        if self._checkpoint.drop_others():
            self.report.notes.append(SETTINGS_CHANGED)
        committed = self._earlier_files | {
            path
            for marker in done.values()
            for record in marker.outputs
            for path in record.get("data", [])
        }
        for chain in self._chains:
            for stage in chain.stages:
                resume(stage, committed, ever)
        if self._quarantine:
            self._quarantine.keep_only(done.keys())

    def sent(self, chain: Chain, tasks: Sequence[AnyTask]) -> None:
        """Note what is handed to a worker, or to what hands it on."""
        for task in tasks:
            self._sent[task.task_id] = (chain, task)

    def begun(self, tasks: Sequence[AnyTask]) -> None:
        """Note that a worker begins with tasks."""
        begun = [task.task_id for task in tasks if task.task_id in self._lineage.order]
        if self._checkpoint and begun:
            self._checkpoint.begin(begun)

    def waiting(self, chain: Chain, task_ids: Sequence[str]) -> list[AnyTask]:
        """Those of the tasks that were sent to the chain and have not come back."""
        there = [self._sent[name] for name in task_ids if name in self._sent]
        return [task for sent_to, task in there if sent_to.index == chain.index]

    def received(
        self,
        chain: Chain,
        tasks: Sequence[AnyTask],
        outcome: Outcome,
        *,
        worker: WorkerPlace = HERE,
        peak_mb: float = 0.0,
    ) -> list[AnyTask]:
        """Take a batch's outcome into the account and return the tasks for the next chain.

        Raises:
            BudgetExceededError: More has failed than the policy allows.
        """
        if peak_mb:
            self._peaks[worker] = max(peak_mb, self._peaks.get(worker, 0.0))
        self._workers[chain.index].add(worker)
        for k, tally in enumerate(outcome.tallies):
            self._count(self.report.stages[self._offsets[chain.index] + k], tally, worker, chain)
        self._take_rejections(tasks, outcome)
        for failure in outcome.failures:
            self._record(chain, failure)
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

    def crashed(
        self, chain: Chain, tasks: Sequence[AnyTask], reason: str, *, worker: WorkerPlace = HERE
    ) -> list[list[AnyTask]]:
        """A worker died on these tasks: the batches to try again; what has no try left has failed.

        Raises:
            StageError: The policy is to raise and no try is left.
            BudgetExceededError: More has failed than the policy allows.
        """
        self.report.worker_deaths += 1
        items = sum(task.num_items for task in tasks)
        self._events.add(
            chain.name, worker, tasks=len(tasks), items=items, seconds=0.0, outcome=reason
        )
        policy = chain.policy(self.policy)
        if len(tasks) > 1 and chain.splits and policy.on_error != "raise":
            middle = len(tasks) // 2
            return [list(tasks[:middle]), list(tasks[middle:])]
        key = tasks[0].task_id
        self._crashes[key] += 1
        if self._crashes[key] <= policy.retries:
            self.report.stages[self._offsets[chain.index]].retried += len(tasks)
            return [list(tasks)]
        if policy.on_error == "raise" or chain.is_source:
            raise StageError(f"{chain.name}: {reason} while running task {key}.")
        self.lose(chain, tasks, reason, attempts=self._crashes[key])
        return []

    def lose(self, chain: Chain, tasks: Sequence[AnyTask], reason: str, *, attempts: int) -> None:
        """Count tasks as failed of which no worker gave an account."""
        stage = self.report.stages[self._offsets[chain.index]]
        for task in tasks:
            stage.tasks_in += 1
            stage.items_in += task.num_items
            stage.tasks_failed += 1
            failure = Failure(
                task_id=task.task_id,
                stage=chain.name,
                error=reason,
                attempts=attempts,
                sources=tuple(sorted(task._sources)),
                files=tuple(task.data) if isinstance(task, FileGroupTask) else (),
                items=task.num_items,
            )
            self._record(chain, failure)
            self._sent.pop(task.task_id, None)
        self._settle(chain, tasks, [])
        self._check_budget()

    def _settle(
        self, chain: Chain, tasks: Sequence[AnyTask], outputs: list[AnyTask]
    ) -> list[AnyTask]:
        """Take the results into the account, and the sources that are finished with them."""
        if not chain.aligned:
            self._lineage.mix(tasks)
        for output in outputs if chain.is_sink else []:
            self._keep(output)
            record = describe_output(output)
            for source in output._sources if self._checkpoint else ():
                self._outputs[source].append(record)
        finished, final = self._lineage.settle(tasks, [] if chain.is_sink else outputs)
        self.report.sources_done += len(finished)
        if self._progress and finished:
            self._progress.advance(len(finished))
        if self._checkpoint:
            for marker in (self._marker(source, kin) for kin in final for source in kin):
                self._checkpoint.mark(marker)
        return outputs

    def _marker(self, source: str, kin: list[str]) -> Marker:
        return Marker(
            source=source,
            stamp=self._stamps.get(source, ""),
            outputs=self._outputs.pop(source, []),
            rejected=self._rejected[source],
            rows=self._rows[source],
            kin=kin[0],
            kin_size=len(kin),
        )

    def _keep(self, task: AnyTask) -> None:
        self.result_count += 1
        self._written.add(task)
        if self.collect == "all":
            self._results.append(task)

    def _take_rejections(self, tasks: Sequence[AnyTask], outcome: Outcome) -> None:
        self._count_rows(tasks, outcome)
        by_task: defaultdict[str, list[Rejection]] = defaultdict(list)
        for rejection in outcome.rejections:
            by_task[rejection.task_id].append(rejection)
        for task_id, rejections in by_task.items():
            rows = sum(rejection.rows for rejection in rejections)
            owner = owner_of(task_id, tasks)
            self.report.rejected += rows
            self._rejected[owner] += rows
            if any(rejection.again for rejection in rejections):
                self._lineage.keep_open(owner)
                self.report.sources_open += 1
            if self._quarantine:
                self._quarantine.add_rows(task_id, [r.describe() for r in rejections], owner=owner)

    def _count_rows(self, tasks: Sequence[AnyTask], outcome: Outcome) -> None:
        """Take in how many rows were read; of several sources, the first stands for all."""
        if not any(ROWS_READ in tally.metrics for tally in outcome.tallies):
            return
        self._budget.counts_rows = True
        rows = sum(int(tally.metrics.get(ROWS_READ, 0)) for tally in outcome.tallies)
        # What a file holds that cannot be opened is not known, and counts as a row.
        rows += sum(each.rows for each in outcome.rejections if each.is_whole_file)
        self._rows[min((s for task in tasks for s in task._sources), default="")] += rows
        self._budget.rows += rows
        if outcome.rejections and not self._budget.first_rejection:
            self._budget.first_rejection = str(outcome.rejections[0])

    def _record(self, chain: Chain, failure: Failure) -> None:
        self.report.add_failure(failure)
        self._lineage.fail(failure.sources)
        if self._quarantine and chain.policy(self.policy).on_error == "quarantine":
            self._quarantine.add_failure(failure)

    def _check_budget(self, *, final: bool = False) -> None:
        self._budget.check(failed_sources=len(self._lineage.failed), final=final)

    def _count(
        self, stage: StageReport, tally: StageTally, worker: WorkerPlace, chain: Chain
    ) -> None:
        for name in _SUMS:
            setattr(stage, name, getattr(stage, name) + getattr(tally, name))
        stage.dropped.update(tally.dropped)
        stage.workers = len(self._workers[chain.index])
        for name, value in tally.metrics.items():
            stage.metrics[name] = stage.metrics.get(name, 0.0) + value
        if tally.tasks_in:
            stage.add_batch_time(tally.seconds)
            self._events.add(
                tally.stage,
                worker,
                tasks=tally.tasks_in,
                items=tally.items_in,
                seconds=tally.seconds,
                outcome="failed" if tally.tasks_failed else "done",
            )

    def reconcile(self) -> None:
        """After the last batch: what was sent and never came back has failed as "worker died".

        Raises:
            BudgetExceededError: More has failed than the policy allows.
            StageError: Something is missing and the policy is to raise, or the counts do not add up.
        """
        lost = list(self._sent.values())
        for chain, task in lost:
            if chain.policy(self.policy).on_error == "raise" or chain.is_source:
                raise StageError(
                    f"{len(lost)} tasks were lost with their workers, such as {task.task_id} in {chain.name}."
                )
            self.lose(chain, [task], "worker died", attempts=1)
        for stage in self.report.stages:
            if stage.unaccounted:
                raise StageError(
                    f"{stage.name}: {stage.unaccounted} of {stage.tasks_in} tasks are not accounted for."
                )
        self._check_budget(final=True)

    def close(
        self,
        status: Literal["done", "failed", "interrupted"],
        *,
        error: BaseException | None = None,
    ) -> None:
        """End the account: the report is complete, files are closed."""
        self.report.status = status
        self.report.error = Failure.describe(error)[0] if error else ""
        self.report.seconds = time.perf_counter() - self._start
        self.report.peak_memory_mb = own_peak_memory_mb() + sum(self._peaks.values())
        self._events.close()
        if self._progress and self._lineage.order:
            self._progress.finish()

    def files_written(self) -> list[str]:
        """The files that the results refer to, in the order of the results."""
        return self._written.paths(self._lineage.order)

    def results(self) -> list[AnyTask]:
        """The results in the order of their sources, then of their ids."""
        order = self._lineage.order
        return sorted(self._results, key=lambda task: rank(task.task_id, task._sources, order))
