"""LocalExecutor: this machine, without Ray; the reference that every other executor is tested by.

One worker runs in this process. More run in worker processes, one batch each at a time; a worker
that dies costs its batch only and is replaced. The processes themselves are `pool.py`'s.
"""

from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from curator_engine.chain import Chain
from curator_engine.errors import SettingsError, StageError
from curator_engine.executors.base import BaseExecutor, FailureOptions, read_options
from curator_engine.executors.pool import Pool
from curator_engine.executors.schedule import Schedule
from curator_engine.ledger import Ledger
from curator_engine.pipeline import Pipeline
from curator_engine.plan import NodeCapacity, Plan
from curator_engine.progress import ProgressSink
from curator_engine.resources import NodeInfo, WorkerMetadata, usable_cpus
from curator_engine.runner import Runner
from curator_engine.stage import AnyStage
from curator_engine.task import Task

type AnyTask = Task[Any]


@dataclass(frozen=True, kw_only=True)
class LocalOptions(FailureOptions):
    """Options of LocalExecutor."""

    workers: int = 1
    """Worker processes; 1 runs in this process unless there is a task timeout."""
    fuse: bool = True
    """Let adjacent small stages share a worker."""


class LocalExecutor(BaseExecutor):
    """Runs pipelines on this machine.

    Args:
        config: `workers`, `fuse` and the failure options (`LocalOptions`).
        ignore_head_node: Accepted for the interface; this machine is the only node.

    Raises:
        SettingsError: An unknown option, or a value out of range.
    """

    def __init__(
        self, config: dict[str, Any] | None = None, ignore_head_node: bool = False
    ) -> None:
        super().__init__(config, ignore_head_node)
        self.options = read_options(LocalOptions, self.config, executor="LocalExecutor")
        if self.options.workers < 1:
            raise SettingsError(f"LocalExecutor: workers={self.options.workers} is below 1.")
        self.policy = self.options.policy()
        self.metrics_port = self.options.metrics_port
        self.fused = self.options.fuse

    def node(self) -> NodeCapacity:
        """This machine's CPUs; GPUs are the Ray executors'."""
        return NodeCapacity(cpus=max(usable_cpus(), self.options.workers))

    def progress(self) -> ProgressSink | None:
        """None: a run on this machine is silent unless asked."""
        return None

    def fixed_workers(self) -> int | None:
        """The number of worker processes."""
        return self.options.workers

    def execute(
        self, stages: list[AnyStage], initial_tasks: list[AnyTask] | None = None
    ) -> list[AnyTask]:
        """Run the stages as a pipeline and return the last one's tasks."""
        return Pipeline("stages", stages=stages).run(self, initial_tasks)

    def session(self) -> AbstractContextManager[None]:
        """Nothing to share."""
        return nullcontext()

    def run_plan(self, plan: Plan, ledger: Ledger, tasks: list[AnyTask]) -> None:
        """Run the chains, the deepest with work first."""
        if not tasks:
            return
        for stage in plan.stages:
            stage.setup_on_node(NodeInfo(node_id="local"), WorkerMetadata())
        schedule = Schedule(plan.chains)
        schedule.add(0, tasks)
        timed = any(chain.policy(self.policy).task_timeout_s for chain in plan.chains)
        if self.options.workers == 1 and not timed:
            _run_here(plan, ledger, schedule, self)
            return
        with Pool(plan.chains, self.policy, workers=self.options.workers) as pool:
            pool.run(ledger, schedule)


def _run_here(plan: Plan, ledger: Ledger, schedule: Schedule, executor: LocalExecutor) -> None:
    """All chains in this process, each set up when its first batch comes."""
    runners: dict[int, Runner] = {}
    with ExitStack() as stack:
        while (batch := schedule.take()) is not None:
            chain, tasks = batch
            if chain.index not in runners:
                runners[chain.index] = _start(chain, executor)
                stack.push(partial(_tear_down, runners[chain.index]))
            ledger.sent(chain, tasks)
            ledger.begun(tasks)
            outcome = runners[chain.index].run(tasks)
            outputs = ledger.received(chain, tasks, outcome)
            schedule.done(chain)
            if outputs:
                schedule.add(chain.index + 1, outputs)


def _start(chain: Chain, executor: LocalExecutor) -> Runner:
    runner = Runner(chain, executor.policy)
    runner.setup(WorkerMetadata(worker_id="local-0"))
    return runner


def _tear_down(runner: Runner, kind: type[BaseException] | None, *_: object) -> None:
    try:
        runner.teardown()
    except StageError:
        # What ended the run is more telling than what followed from it.
        if kind is None:
            raise
