"""LocalExecutor: this machine, without Ray; the reference that every other executor is tested by.

One worker runs in this process. More run in worker processes, one batch each at a time; a worker
that dies costs its batch only and is replaced. `local_pool.py` starts and watches the processes.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from curator_engine.errors import SettingsError, StageError
from curator_engine.executor import CommonOptions, EngineExecutor
from curator_engine.executors.local_pool import Pool
from curator_engine.executors.schedule import Schedule
from curator_engine.resources import HERE, NodeInfo, Resources, WorkerMetadata, usable_cpus
from curator_engine.running.calculator import Node, place
from curator_engine.running.chain import Chain
from curator_engine.running.ledger import Ledger
from curator_engine.running.plan import Crew, Layout, NodeCapacity, Plan, make_layout, num_batches
from curator_engine.running.progress import ProgressSink
from curator_engine.running.runner import Runner
from curator_engine.task import Task

type AnyTask = Task[Any]


@dataclass(frozen=True, kw_only=True)
class LocalOptions(CommonOptions):
    """Options of LocalExecutor."""

    workers: int = 1
    """Worker processes; 1 runs in this process unless there is a task timeout."""

    def check(self) -> None:
        """Raise for a value out of range.

        Raises:
            SettingsError: A value is out of range.
        """
        if self.workers < 1:
            raise SettingsError(f"LocalExecutor: workers={self.workers} is below 1.")


class LocalExecutor(EngineExecutor[LocalOptions]):
    """Runs pipelines on this machine.

    Args:
        config: `workers`, `fuse` and the failure options (`LocalOptions`).
        ignore_head_node: Accepted for the interface; this machine is the only node.

    Raises:
        SettingsError: An unknown option, or a value out of range.
    """

    kind = LocalOptions

    def node(self) -> NodeCapacity:
        """This machine's CPUs; GPUs are the Ray executors'."""
        return NodeCapacity(cpus=max(usable_cpus(), self.options.workers))

    def progress(self) -> ProgressSink | None:
        """None: a run on this machine is silent unless asked."""
        return None

    def lay_out(self, chains: Sequence[Chain], num_tasks: int) -> Layout:
        """The worker processes, each of which runs any chain, so all chains share them."""
        workers = self.options.workers
        here = Node(node_id=HERE.node, cpus=self.node().cpus)
        # Each worker takes one slot, so what a stage says that it needs does not change the number.
        slots = [Node(node_id=HERE.node, cpus=workers)]

        def crew_of(chain: Chain) -> Crew:
            batches = num_batches(chain, num_tasks if chain.index == 0 else None)
            return Crew(
                placement=place(
                    slots, Resources(), num_tasks=batches, num_workers=workers, asked_by="workers"
                )
            )

        return make_layout(chains, [here], crew_of, where="this machine")

    def session(self) -> AbstractContextManager[None]:
        """No session: runs on this machine share nothing."""
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
        # The error that ended the run tells more than those that a teardown raises after it.
        if kind is None:
            raise
