"""A pipeline: named stages in order, and the way to describe, check, plan and run them.

What a run means is in `runner.py` and `ledger.py`; where it happens, in `executors/`.
"""

import importlib
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from os import PathLike, fspath
from typing import Any, Protocol, Self, runtime_checkable

from curator_engine.errors import InterruptedRunError, PipelineError
from curator_engine.failures import FailurePolicy
from curator_engine.files.output_folder import folder_id, is_held, refuse_overlap, take
from curator_engine.files.storage import remove_unfinished
from curator_engine.running.chain import Chain
from curator_engine.running.checkpoint import Checkpoint, fingerprint
from curator_engine.running.ledger import Collect, Ledger
from curator_engine.running.metrics import serve_metrics
from curator_engine.running.plan import Layout, NodeCapacity, Plan, Problem, make_plan
from curator_engine.running.progress import ProgressSink
from curator_engine.running.run_report import RunReport
from curator_engine.running.slurm_array import SlurmArrayConfig, part_of_array, refuse_array
from curator_engine.running.written_files import FinishesFiles, ReadiesFolder, join_run
from curator_engine.stage import AnyStage, CompositeStage, Needs, ProcessingStage
from curator_engine.task import EmptyTask, FileGroupTask, Task, short_hash

_DEFAULT_EXECUTOR = ("curator_engine.executors.xenna", "XennaExecutor")

type AnyTask = Task[Any]


class Executor(Protocol):
    """The least that an executor is: NeMo Curator's contract, which a user's own may follow."""

    def execute(
        self, stages: list[AnyStage], initial_tasks: list[AnyTask] | None = None
    ) -> list[AnyTask]:
        """Run the stages and return the last one's tasks."""
        ...


@runtime_checkable
class PlanExecutor(Protocol):
    """An executor that runs plans and keeps the ledger: all of ours."""

    policy: FailurePolicy
    fused: bool
    metrics_port: int | None

    def node(self) -> NodeCapacity | None:
        """The largest node, where it is known before the run."""
        ...

    def progress(self) -> ProgressSink | None:
        """What shows how far a run is, unless the run is given another."""
        ...

    def lay_out(self, chains: Sequence[Chain], num_tasks: int) -> Layout:
        """Workers and nodes that a run of so many initial tasks would have; starts nothing."""
        ...

    def session(self) -> AbstractContextManager[None]:
        """What several runs can share: inside it, none of them starts a cluster of its own."""
        ...

    def run_plan(self, plan: Plan, ledger: Ledger, tasks: list[AnyTask]) -> None:
        """Move the tasks through the plan's chains and tell the ledger."""
        ...


class Pipeline:
    """Stages that run one after the other.

    Args:
        name: Name for reports and logs.
        description: What it is for.
        stages: The stages, which may be composite; more can follow with `add_stage`.
        config: Facts to keep with the pipeline; they appear in its report.
    """

    def __init__(
        self,
        name: str,
        description: str | None = None,
        stages: Sequence[AnyStage] | None = None,
        config: dict[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.description = description
        self.stages: list[AnyStage] = []
        self.config = config or {}
        self.last_run: RunReport | None = None
        """What the last run did; there even if it failed or was interrupted."""
        for stage in stages or []:
            self.add_stage(stage)

    def add_stage(self, stage: AnyStage) -> Self:
        """Add a stage at the end.

        Raises:
            TypeError: Not a stage.
        """
        if not isinstance(stage, ProcessingStage):  # pyright: ignore[reportUnnecessaryIsInstance] (callers may not type-check)
            raise TypeError(
                f"{stage!r} is not a ProcessingStage; subclass it, or wrap the function in one."
            )
        self.stages.append(stage)
        return self

    def build(self) -> Plan:
        """The plan for a run that finds its own work; the stage objects are left as they were.

        Raises:
            PipelineError: There are no stages, or a composite stage cannot be taken apart.
        """
        return make_plan(self.name, self.stages, has_source=True)

    def validate(self, executor: Executor | None = None) -> list[Problem]:
        """What would fail later: wiring and impossible resources, each with the stage and the fix.

        Raises:
            PipelineError: There are no stages.
            ResourceError: The executor would have no nodes at all.
        """
        return list(self.plan(executor).problems)

    def plan(
        self, executor: Executor | None = None, initial_tasks: Sequence[AnyTask] | None = None
    ) -> Plan:
        """A dry run: the stages as they would run on this executor; `print` it.

        A Ray session that runs, or that RAY_ADDRESS names, is asked for its nodes; none is started.

        Raises:
            PipelineError: There are no stages.
            ResourceError: The executor would have no nodes: its cluster cannot be reached, or it
                leaves itself no whole CPU.
        """
        plan = self._cut(executor, initial_tasks)
        if not isinstance(executor, PlanExecutor):
            return plan
        return plan.laid_out(executor.lay_out(plan.chains, len(initial_tasks or [None])))

    def _cut(self, executor: Executor | None, initial_tasks: Sequence[AnyTask] | None) -> Plan:
        """The plan without its workers, which a run finds out for itself."""
        engine = executor if isinstance(executor, PlanExecutor) else None
        return make_plan(
            self.name,
            self.stages,
            has_source=_has_source(initial_tasks),
            fused=engine.fused if engine else True,
            executor=type(executor).__name__ if executor else "",
            node=engine.node() if engine else None,
        )

    def run(
        self,
        executor: Executor | None = None,
        initial_tasks: list[AnyTask] | None = None,
        checkpoint_path: str | PathLike[str] | None = None,
        *,
        collect: Collect = "all",
        run_dir: str | PathLike[str] | None = None,
        progress: ProgressSink | None = None,
    ) -> list[AnyTask]:
        """Run the pipeline.

        Args:
            executor: Where to run; XennaExecutor unless given.
            initial_tasks: What the first stage gets; None for one `EmptyTask`, `[]` for nothing.
            checkpoint_path: A folder that remembers which source tasks are done. Run again with the
                same folder, the finished ones are skipped; their results are given back where they
                are references to files.
            collect: "all" returns the last stage's tasks; "count" and "none" return [].
            run_dir: A folder for `quarantine/` and `events.jsonl`, of one run at a time: with a
                checkpoint, what a killed run was writing in it or below is removed.
            progress: Told how far the run is.

        Returns:
            The last stage's tasks, in the order of their sources.

        Raises:
            PipelineError: The stages do not fit together.
            ResourceError: A stage needs more than there is.
            InputError: It would write into its input, or another run writes into its folders.
            StageError: A stage failed and the policy is to raise.
            BudgetExceededError: More failed than the policy allows.
        """
        initial_tasks = initial_tasks and _made(initial_tasks)
        if initial_tasks is not None and not initial_tasks:
            self.last_run = RunReport(pipeline=self.name, status="done", config=dict(self.config))
            return []
        executor = executor or _default_executor()
        plan = self._cut(executor, initial_tasks)
        if plan.problems:
            raise plan.problems[0].error("; ".join(map(str, plan.problems)))
        report = self.last_run = RunReport(
            pipeline=self.name, executor=type(executor).__name__, config=dict(self.config)
        )
        place, folder = (fspath(each) if each else None for each in (checkpoint_path, run_dir))
        with part_of_array(place, folder, plan.stages, report) as (array, place, folder):
            return self._run(executor, plan, initial_tasks, place, collect, folder, progress, array)

    def _run(
        self,
        executor: Executor,
        plan: Plan,
        initial_tasks: list[AnyTask] | None,
        checkpoint_path: str | None,
        collect: Collect,
        run_dir: str | None,
        progress: ProgressSink | None,
        array: SlurmArrayConfig | None,
    ) -> list[AnyTask]:
        """Run a plan that has no problems."""
        report = self.last_run or RunReport(pipeline=self.name)
        with ExitStack() as folders:
            shared = _folders_of(plan, checkpoint_path, run_dir)
            earlier = _open_checkpoint(checkpoint_path, plan, executor)
            goes_on = earlier is not None and earlier.has_begun()
            for stage in plan.stages:
                if isinstance(stage, ReadiesFolder):
                    stage.ready_folder(self.name, goes_on=goes_on)
            for folder in shared:
                folders.enter_context(take(folder, job=self.name, mode="share"))
            checkpoint = _open_checkpoint(checkpoint_path, plan, executor)
            if checkpoint:
                join_run(plan.stages, checkpoint.run_id())
            if checkpoint_path and run_dir:
                remove_unfinished(run_dir)
            ledger = Ledger(
                plan.chains,
                report=report,
                policy=executor.policy if isinstance(executor, PlanExecutor) else FailurePolicy(),
                checkpoint=checkpoint,
                earlier_files=checkpoint.earlier_files(shared) if checkpoint else frozenset(),
                run_dir=run_dir,
                progress=progress
                or (executor.progress() if isinstance(executor, PlanExecutor) else None),
                array=array,
                collect=collect,
            )
            with _closing(ledger):
                if not isinstance(executor, PlanExecutor):
                    tasks = _run_foreign(executor, plan, report, initial_tasks)
                    files = [p for t in tasks if isinstance(t, FileGroupTask) for p in t.data]
                    self._finish(plan, files)
                    return tasks if collect == "all" else []
                with serve_metrics(executor.metrics_port, report):
                    executor.run_plan(plan, ledger, ledger.begin(initial_tasks or [EmptyTask()]))
                ledger.reconcile()
                self._finish(plan, ledger.files_written())
        return ledger.results()

    def _finish(self, plan: Plan, files: list[str]) -> None:
        """Let the last stage end its work on the files that the run has written."""
        last = plan.stages[-1]
        if self.last_run and isinstance(last, FinishesFiles):
            self.last_run.notes += last.finish_files(files)

    def describe(self) -> str:
        """The stages with their resources, inputs and outputs, as text."""
        lines = [
            f"Pipeline: {self.name}",
            f"Description: {self.description or 'No description provided'}",
            f"Stages: {len(self.stages)}",
            "",
        ]
        for position, stage in enumerate(self.stages, start=1):
            lines += [f"Stage {position}: {stage.name}", *_stage_lines(stage), ""]
        return "\n".join(lines)

    def __repr__(self) -> str:
        stages = ", ".join(f"{stage.name}({type(stage).__name__})" for stage in self.stages)
        return f"Pipeline(name='{self.name}', stages=[{stages}])"


def _made(tasks: list[Any]) -> list[AnyTask]:
    """The tasks; for NeMo Curator's first versions `EmptyTask` was an object, and scripts name it so."""
    return [EmptyTask() if task is EmptyTask else task for task in tasks]


def _folders_of(
    plan: Plan, checkpoint_path: str | PathLike[str] | None, run_dir: str | PathLike[str] | None
) -> list[str]:
    """The folders in which a run writes; none of them may hold its input.

    Raises:
        InputError: A stage reads what another, or the run, writes into.
    """
    folders = [fspath(each) for each in (run_dir, checkpoint_path) if each]
    read: list[str] = []
    for stage in plan.stages:
        folders += [str(getattr(stage, name)) for name in stage.writes_to if getattr(stage, name)]
        given = getattr(stage, "file_paths", [])
        read += [given] if isinstance(given, str) else given
    # The steps of a workflow read what others of them wrote into the folders that it has taken.
    new = [folder for folder in dict.fromkeys(folders) if not is_held(folder)]
    for folder in new:
        refuse_overlap(folder, read)
    return new


def _open_checkpoint(
    path: str | PathLike[str] | None, plan: Plan, executor: Executor
) -> Checkpoint | None:
    if path and not isinstance(executor, PlanExecutor):
        raise PipelineError(
            f"{type(executor).__name__} moves the tasks itself, so checkpoint_path= cannot work; "
            "leave it out, or use an executor of curator_engine."
        )
    if not path:
        return None
    keys = [fingerprint(list(plan.stages), former=former) for former in (False, True)]
    # What was written into a folder that is gone, or was emptied, is not done.
    ids = [
        folder_id(str(getattr(stage, name))) for stage in plan.stages for name in stage.writes_to
    ]
    key, former = (short_hash(key, *ids) if any(ids) else key for key in keys)
    return Checkpoint(fspath(path), plan.name, key, former)


def _run_foreign(
    executor: Executor, plan: Plan, report: RunReport, initial_tasks: list[AnyTask] | None
) -> list[AnyTask]:
    """A user's own executor moves the tasks itself; the report knows the outside only."""
    refuse_array()
    tasks = executor.execute(list(plan.stages), initial_tasks or [EmptyTask()])
    report.stages[-1].tasks_out = len(tasks)
    report.stages[-1].items_out = sum(task.num_items for task in tasks)
    return tasks


@contextmanager
def _closing(ledger: Ledger) -> Generator[None]:
    """End the account as the block ends: done, failed or interrupted."""
    try:
        yield
    except (KeyboardInterrupt, InterruptedRunError) as error:
        ledger.close("interrupted", error=error)
        raise
    except BaseException as error:
        ledger.close("failed", error=error)
        raise
    ledger.close("done")


def _has_source(initial_tasks: Sequence[AnyTask] | None) -> bool:
    return not initial_tasks or (
        len(initial_tasks) == 1 and isinstance(initial_tasks[0], EmptyTask)
    )


def _default_executor() -> Executor:
    module, name = _DEFAULT_EXECUTOR
    # Resolved by name: executors stand above pipelines, so this module must not import them.
    return getattr(importlib.import_module(module), name)()


def session_of(executor: Executor) -> AbstractContextManager[None]:
    """A session for several runs on this executor."""
    return executor.session() if isinstance(executor, PlanExecutor) else nullcontext()


def _stage_lines(stage: AnyStage) -> list[str]:
    shown = stage.flatten()[0] if isinstance(stage, CompositeStage) else stage
    need = shown.resources
    lines = [f"  Resources: {need.cpus} CPUs"]
    if need.requires_gpu:
        gpus = 1.0 if need.entire_gpu else float(need.gpus)
        lines.append(f"    GPU Memory: {need.gpu_memory_gb} GB ({gpus} GPUs)")
    lines.append(f"  Batch size: {shown.batch_size}")
    needs = stage.inputs()
    if not isinstance(needs, dict):
        lines += _needs_lines("Inputs", "Required", needs)
    else:
        for kind, own in needs.items():
            lines += _needs_lines(f"Inputs ({kind.__name__})", "Required", own)
    return lines + _needs_lines("Outputs", "Output", stage.outputs())


def _needs_lines(title: str, verb: str, needs: Needs) -> list[str]:
    attributes, columns = needs
    lines = [f"  {title}:"] if attributes or columns else []
    lines += [f"    {verb} attributes: {', '.join(attributes)}"] if attributes else []
    return lines + ([f"    {verb} columns: {', '.join(columns)}"] if columns else [])
