"""What Xenna and Ray Data have in common: a plan cut into segments, and the worker in their processes.

A segment is a row of chains that run at the same time. It ends after the source, before a stage that
mixes its inputs, and where one worker of each chain would not fit on the cluster together.
"""

import itertools
import sys
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from curator_engine.errors import CuratorError, InterruptedRunError, StageError
from curator_engine.executor import CommonOptions, EngineExecutor
from curator_engine.failures import FailurePolicy
from curator_engine.on_ray.batch_recorder import BatchKey, Recorder, SegmentAccount, make_recorder
from curator_engine.on_ray.driver_rpc import Hotline, Switchboard
from curator_engine.on_ray.ray_worker import (
    ChainWorker,
    dump_bytes,
    load_bytes,
    reply_to,
    stand_in,
    watchdog,
)
from curator_engine.on_ray.session import cluster_nodes, planned_nodes, ray_session
from curator_engine.running.calculator import Node, Placement, fit_together, place
from curator_engine.running.chain import Chain
from curator_engine.running.ledger import Ledger
from curator_engine.running.plan import Crew, Layout, Plan, make_layout
from curator_engine.task import Task, id_key

type AnyTask = Task[Any]
type Item = AnyTask | list[AnyTask]
"""What goes into a segment: a task, or a group that must stay together."""


@dataclass(frozen=True, kw_only=True)
class ChainJob:
    """All that a worker needs in a process of Xenna or Ray Data."""

    chain: Chain
    policy: FailurePolicy
    hotline: Hotline
    """The line to the run's recorder."""
    ends_segment: bool
    """Whether its outputs go to the driver instead of the next chain."""
    deliver: bool
    """Whether the driver needs the outputs themselves; else it gets parcels that refer to nothing."""


class RunOverError(StageError):
    """Raised in a worker that gets a batch after the run has ended; it is not the error that ended the run."""


class StreamWorker:
    """A chain in a process that Xenna or Ray Data drives."""

    def __init__(self, job: ChainJob, worker_id: str) -> None:
        self._job = job
        self._worker_id = worker_id
        self._worker = ChainWorker(job.chain, job.policy, worker_id)

    def setup(self) -> None:
        """Set the stages up, once.

        Raises:
            StageError: A stage's setup failed; the driver knows.
        """
        try:
            self._worker.setup()
        except StageError as error:
            self._tell_error(StageError(str(error)))
            raise
        self._tell("entered", self._worker_id)

    def run(self, items: Sequence[Item]) -> list[AnyTask]:
        """Run a batch; its outputs for the next chain.

        Raises:
            RunOverError: The run has ended elsewhere.
            StageError: A stage failed for good and its policy is to raise; the driver knows.
        """
        tasks = [t for item in items for t in (item if isinstance(item, list) else [item])]
        if not tasks:
            return []
        key = BatchKey(chain=self._job.chain.index, ids=tuple(task.task_id for task in tasks))
        verdict = self._tell("begin", key)
        if verdict == "alone":
            return [output for task in tasks for output in self.run([task])]
        if verdict == "skip":
            if self._job.policy.on_error != "raise":
                return []
            error = StageError(
                f"{self._job.chain.name}: worker died while running task {key.ids[0]}."
            )
            self._tell_error(error)
            raise error
        if verdict == "stop":
            raise RunOverError("the run has ended.")
        return self._run(key, tasks)

    def _run(self, key: BatchKey, tasks: list[AnyTask]) -> list[AnyTask]:
        limit = self._job.policy.task_timeout_s
        reason = f"timed out after {limit:g} s" if limit else ""
        try:
            with watchdog(limit, lambda: self._tell("overdue", key, reason)):
                outcome = self._worker.run(tasks)
        except Exception as error:
            self._tell_error(error)
            raise
        ends, deliver = self._job.ends_segment, self._job.deliver
        whole = ends and deliver
        outputs = outcome.outputs if whole else [stand_in(task) for task in outcome.outputs]
        self._tell("done", key, dump_bytes(reply_to(outcome, outputs)))
        return [] if ends else outcome.outputs

    def teardown(self) -> None:
        """Tear the stages down, once; the driver is told what goes wrong."""
        try:
            self._worker.teardown()
        except StageError as error:
            self._tell_error(StageError(str(error)))
        self._tell("left", self._worker_id)
        self._job.hotline.close()

    def _tell_error(self, error: Exception) -> None:
        self._tell("failed", _dump_error(error))

    def _tell(self, method: str, *words: Any) -> Any:
        try:
            return self._job.hotline.call(method, *words)
        except OSError as error:
            raise RunOverError(f"the driver cannot be reached: {error}") from error


def _dump_error(error: Exception) -> bytes:
    """The error, or its text if it does not come back from pickling."""
    try:
        data = dump_bytes(error)
        load_bytes(data)
    except Exception:  # noqa: BLE001 (any failure of a foreign exception's pickling)
        return dump_bytes(StageError(str(error)))
    return data


def segments(chains: Sequence[Chain], nodes: Sequence[Node]) -> list[list[Chain]]:
    """Rows of chains that can run at the same time."""
    rows: list[list[Chain]] = []
    for chain in chains:
        row = rows[-1] if rows else None
        if (
            row is None
            or row[-1].is_source
            or not chain.splits
            or not fit_together(nodes, [each.resources for each in (*row, chain)])
        ):
            rows.append([chain])
        else:
            row.append(chain)
    return rows


def most_batches(row: Sequence[Chain], num_items: int) -> list[int]:
    """Batches that each chain of a segment can get, of so many items for the first one.

    Where a stage makes many tasks of one, nobody knows how many the chains after it get.
    """
    counts = list[int]()
    for chain in row:
        size = (chain.batch_size or num_items) if chain.splits else 1
        counts.append(-(-num_items // size))
        if not chain.splits or any(stage.fan_out for stage in chain.stages):
            num_items = sys.maxsize
    return counts


class StreamingExecutor[O: CommonOptions](EngineExecutor[O]):
    """Runs a plan segment by segment; a subclass runs one segment."""

    _nodes: list[Node]
    _recorder: Recorder
    _variables: dict[str, str] | None = None
    """Environment of our own session's processes."""

    def lay_out(self, chains: Sequence[Chain], num_tasks: int) -> Layout:
        """The segments, and the workers of each chain."""
        known, where = planned_nodes()
        nodes = self._offered(known)
        if left := sum(node.cpus for node in known) - sum(node.cpus for node in nodes):
            where += f", {left:g} CPUs left free"
        rows = segments(chains, nodes)
        row_of = {chain.index: row for row in rows for chain in row}

        def crew_of(chain: Chain) -> Crew:
            row = row_of[chain.index]
            placements = [self._place(each, nodes) for each in row]
            return self._crews(row, placements, nodes)[row.index(chain)]

        return make_layout(chains, nodes, crew_of, where=where, segments=rows)

    def session(self) -> AbstractContextManager[None]:
        """A Ray session."""
        return ray_session(variables=self._variables)

    def run_plan(self, plan: Plan, ledger: Ledger, tasks: list[AnyTask]) -> None:
        """Run segment after segment.

        Raises:
            ResourceError: A chain's worker fits on no node.
        """
        if not tasks:
            return
        with self.session():
            nodes = self._nodes = self._offered(cluster_nodes())
            placements = {chain.index: self._place(chain, nodes) for chain in plan.chains}
            self._prepare(plan, placements)
            recorder = self._recorder = make_recorder(plan.chains, ledger)
            with Switchboard(recorder) as switchboard:
                for row in segments(plan.chains, nodes):
                    tasks = self._run_segment(row, plan, placements, ledger, tasks, switchboard)
                    if not tasks:
                        break

    def _run_segment(
        self,
        row: list[Chain],
        plan: Plan,
        placements: dict[int, Placement],
        ledger: Ledger,
        tasks: list[AnyTask],
        switchboard: Switchboard,
    ) -> list[AnyTask]:
        """Run one segment on its tasks; return the tasks for the next segment."""
        last = row[-1]
        jobs = [
            ChainJob(
                chain=chain,
                policy=chain.policy(ledger.policy),
                hotline=switchboard.hotline,
                ends_segment=chain is last,
                deliver=not last.is_sink or ledger.collect == "all",
            )
            for chain in row
        ]
        ledger.sent(row[0], tasks)
        account = SegmentAccount(self._recorder, plan.chains, ledger, last=last.index)
        error: BaseException | None = None
        try:
            if last.is_source:
                _run_source(jobs[0], placements[last.index], tasks)
            else:
                where = [placements[chain.index] for chain in row]
                self._run_jobs(jobs, where, _items(row[0], tasks))
        except BaseException as caught:
            error = caught
            self._recorder.stop()
            if not isinstance(caught, Exception) or isinstance(caught, InterruptedRunError):
                raise
        finally:
            with switchboard.lock:
                account.close()
        if account.error is not None:
            raise account.error
        if isinstance(error, CuratorError) and not isinstance(error, RayError):
            raise error
        if error is not None:
            raise StageError(f"{last.name}: {_last_line(error)}") from error
        return [_put_away(task) for task in account.outputs]

    def _place(self, chain: Chain, nodes: Sequence[Node]) -> Placement:
        """Place as many workers of a chain as fit if it has the nodes to itself."""
        return place(
            nodes,
            chain.resources,
            num_tasks=1 if chain.is_source else None,
            num_workers=chain.stages[0].num_workers(),
            ignore_head_node=self.ignore_head_node,
        )

    def _offered(self, nodes: list[Node]) -> list[Node]:
        """The part of the cluster that a run may use."""
        return nodes

    def _prepare(self, plan: Plan, placements: dict[int, Placement]) -> None:
        """Do what is needed before the first segment."""

    @abstractmethod
    def _crews(
        self, chains: Sequence[Chain], placements: Sequence[Placement], nodes: Sequence[Node]
    ) -> list[Crew]:
        """The workers that the chains of one segment would get."""

    @abstractmethod
    def _run_jobs(
        self, jobs: list[ChainJob], placements: list[Placement], items: list[Item]
    ) -> None:
        """Move the items through the jobs; the workers tell the recorder each outcome."""


def _run_source(job: ChainJob, placement: Placement, tasks: list[AnyTask]) -> None:
    """Run the stage that finds the work: it has a single batch, so one process runs it.

    A Ray task rather than an actor: Ray has processes for tasks that wait, and starts one per actor.
    """
    [node] = placement.workers
    options: dict[str, Any] = {
        "num_cpus": job.chain.resources.cpus,
        "num_gpus": placement.gpus[node],
        "runtime_env": job.chain.stages[0].runtime_env or {},
        "scheduling_strategy": NodeAffinitySchedulingStrategy(node, soft=False),
        "max_retries": 0,
    }
    remote: Any = ray.remote(_find_work)
    call = remote.options(**options).remote(job, tasks)
    try:
        ray.get(call)
    except BaseException:
        ray.cancel(call, force=True)
        raise


def _find_work(job: ChainJob, tasks: list[AnyTask]) -> None:
    worker = StreamWorker(job, f"{job.chain.name}-0")
    worker.setup()
    worker.run(tasks)
    worker.teardown()


def _items(chain: Chain, tasks: list[AnyTask]) -> list[Item]:
    """Tasks in the order of their ids; groups for a chain that mixes its inputs."""
    ordered = sorted(tasks, key=lambda task: id_key(task.task_id))
    if chain.splits:
        return list(ordered)
    size = chain.batch_size or len(ordered)
    return [list(group) for group in itertools.batched(ordered, size)]


def _put_away(task: AnyTask) -> AnyTask:
    """A parcel whose task lies in the object store, so that tasks that wait take no memory of the driver."""
    light = stand_in(task)
    if light is not task:
        light.data = ray.put(task)
    return light


def _last_line(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
