"""Run a chain on a batch of tasks, inside one worker.

All semantics of a stage are here, once, for every executor: setup and teardown, input checks,
timing, retries, splitting a failing batch, ids and lineage, drop counts. Moving tasks between
workers is the executors'; accounting for the whole run is `ledger.py`'s.
"""

import itertools
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from curator_engine.errors import CuratorError, PipelineError, StageError
from curator_engine.failures import Failure, FailurePolicy, Rejection
from curator_engine.heap import keep_freed_memory
from curator_engine.perf import StagePerfStats
from curator_engine.resources import WorkerMetadata
from curator_engine.running.chain import Chain
from curator_engine.sentinels import FailedTask, NoneTask
from curator_engine.stage import AnyStage, Plain, ProcessingStage, Produced, as_list, kind_of
from curator_engine.task import FileGroupTask, Task, short_hash
from curator_engine.trouble import raise_if_fatal

type AnyTask = Task[Any]


_END: Any = object()
"""What an iterator of outputs gives after the last; None would be an output, and is an error."""


@dataclass(kw_only=True)
class StageTally:
    """What one stage did during one call of `Runner.run`."""

    stage: str
    tasks_in: int = 0
    tasks_passed: int = 0
    """Input tasks that gave at least one output."""
    tasks_filtered: int = 0
    """Input tasks that gave none, without failing."""
    tasks_failed: int = 0
    tasks_out: int = 0
    items_in: int = 0
    items_out: int = 0
    retried: int = 0
    """Further attempts, in tasks."""
    dropped: Counter[str] = field(default_factory=Counter[str])
    """Items left out, by reason."""
    rejected: int = 0
    """Rows that could not be read."""
    seconds: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(kw_only=True)
class Outcome:
    """What became of one batch of tasks in a chain."""

    tallies: list[StageTally]
    outputs: list[AnyTask] = field(default_factory=list["AnyTask"])
    failures: list[Failure] = field(default_factory=list[Failure])
    rejections: list[Rejection] = field(default_factory=list[Rejection])
    """Parts of the input that could not be read."""


class Runner:
    """A chain in one worker, from setup to teardown."""

    def __init__(self, chain: Chain, policy: FailurePolicy) -> None:
        self.chain = chain
        self._splits = chain.splits
        self._policies = [stage.failure_policy or policy for stage in chain.stages]
        self._ready: list[AnyStage] = []
        self._outcome = self._blank()
        self._metrics: list[dict[str, float]] = [{} for _ in chain.stages]

    def setup(self, worker: WorkerMetadata | None = None) -> None:
        """Set the stages up, in order.

        Raises:
            StageError: A stage's setup failed; those before it are torn down.
        """
        keep_freed_memory()
        for stage in self.chain.stages:
            try:
                stage.setup(worker)
            except Exception as error:
                self.teardown()
                raise StageError(
                    f"setup of {stage.name} failed: {Failure.describe(error)[0]}"
                ) from error
            self._ready.append(stage)

    def teardown(self) -> None:
        """Tear down what was set up, last first; every stage gets its turn even if one fails."""
        ready, self._ready = self._ready, []
        errors: list[Exception] = []
        for stage in reversed(ready):
            try:
                stage.teardown()
            except Exception as error:  # noqa: BLE001 (the other stages must be released as well)
                errors.append(error)
        if errors:
            raise StageError(f"teardown failed: {Failure.describe(errors[0])[0]}") from errors[0]

    def run(self, tasks: Sequence[AnyTask]) -> Outcome:
        """Push tasks through the chain.

        Raises:
            StageError: A stage failed for good and its policy is to raise.
            StorageError: Writing failed for a reason that would meet every task, as a full disk.
        """
        self._outcome = self._blank()
        self._outcome.outputs = list(self._flow(0, tasks))
        return self._outcome

    def _blank(self) -> Outcome:
        return Outcome(tallies=[StageTally(stage=stage.name) for stage in self.chain.stages])

    def _flow(self, k: int, tasks: Iterable[AnyTask]) -> Iterator[AnyTask]:
        """Stages k and after; lazy, so that one task at a time is in memory."""
        if k == len(self.chain.stages):
            yield from tasks
            return
        size = self.chain.batch_size  # fused stages all have the same
        source = iter(tasks)
        while batch := list(itertools.islice(source, size)):
            following = self._flow(k + 1, self._stage(k, batch))
            # Here and below: a large task is let go before the next one is made.
            del batch
            yield from following

    def _stage(self, k: int, batch: list[AnyTask]) -> Iterator[AnyTask]:
        tally = self._outcome.tallies[k]
        tally.tasks_in += len(batch)
        tally.items_in += sum(task.num_items for task in batch)
        if self.chain.aligned:
            outputs = self._apply(k, batch, retries=self._policies[k].retries)
        else:
            outputs = self._apply_group(k, batch)
        for output in outputs:
            tally.tasks_out += 1
            tally.items_out += output.num_items
            yield output
            del output

    def _apply(self, k: int, batch: list[AnyTask], *, retries: int) -> Iterator[AnyTask]:
        """One stage on a batch; a batch that fails is halved until the bad task is alone."""
        result, seconds = self._attempt(k, batch, retries)
        if not isinstance(result, Exception):
            total = sum(task.num_items for task in batch)
            for task, entry in zip(batch, result, strict=True):
                share = task.num_items / total if total else 1 / len(batch)
                yield from self._emit(k, task, entry, seconds * share)
        elif len(batch) == 1 or not self._splits or self._policies[k].on_error == "raise":
            self._fail(k, batch, result, attempts=retries + 1)
        else:
            middle = len(batch) // 2
            for half in (batch[:middle], batch[middle:]):
                last = len(half) == 1
                yield from self._apply(k, half, retries=self._policies[k].retries if last else 0)

    def _attempt(
        self, k: int, batch: list[AnyTask], retries: int
    ) -> tuple[Sequence[Produced] | Exception, float]:
        """What the stage returned, or the error of the last attempt, and the seconds it took."""
        stage, tally, policy = self.chain.stages[k], self._outcome.tallies[k], self._policies[k]
        error: Exception = StageError("no attempt was made")
        for attempt in range(retries + 1):
            if attempt:
                tally.retried += len(batch)
                time.sleep(policy.backoff_s * 2 ** (attempt - 1))
            start = time.perf_counter()
            stage.take_up(batch[0].task_id)
            try:
                result = _call(stage, batch)
            except Exception as caught:  # noqa: BLE001 (any error of a stage is the policy's to judge)
                raise_if_fatal(caught, stage.name)
                error = caught
                stage.take_notes()
            else:
                seconds = time.perf_counter() - start
                tally.seconds += seconds
                self._note(k)
                return result, seconds
            tally.seconds += time.perf_counter() - start
        return error, 0.0

    def _emit(self, k: int, task: AnyTask, entry: Produced, seconds: float) -> Iterator[AnyTask]:
        """The outputs of one input, with ids and lineage; taken lazily from an iterator."""
        tally = self._outcome.tallies[k]
        if isinstance(entry, Iterator):
            steps = self._steps(k, task, entry)
        else:
            outputs = entry if isinstance(entry, list) else [] if entry is None else [entry]
            steps = _divided(outputs, seconds)
        seen: set[str] = set()
        position = 0
        for step in steps:
            if isinstance(step, Exception):
                self._fail(k, [task], step, attempts=self._policies[k].retries + 1)
                return
            if isinstance(step.output, FailedTask):
                self._fail(k, [task], StageError(step.output.reason), attempts=1, ends=False)
                return
            if isinstance(step.output, NoneTask):
                continue
            yield self._adopt(k, task, step, position, seen)
            del step
            position += 1
        tally.tasks_passed += position > 0
        tally.tasks_filtered += position == 0

    def _steps(
        self, k: int, task: AnyTask, entry: Iterator[AnyTask]
    ) -> Generator["_Step | Exception"]:
        """Outputs of an iterator with their seconds; on an error it is run again up to there."""
        policy, tally = self._policies[k], self._outcome.tallies[k]
        given = 0
        for attempt in range(policy.retries + 1):
            try:
                if attempt:
                    tally.retried += 1
                    time.sleep(policy.backoff_s * 2 ** (attempt - 1))
                    entry = _restart(self.chain.stages[k], task, given)
                while True:
                    start = time.perf_counter()
                    self.chain.stages[k].take_up(task.task_id)
                    output = next(entry, _END)
                    seconds = time.perf_counter() - start
                    tally.seconds += seconds
                    self._note(k)
                    if output is _END:
                        return
                    yield _Step(output, seconds)
                    del output
                    given += 1
            except Exception as error:  # noqa: BLE001 (any error of a stage is the policy's to judge)
                raise_if_fatal(error, self.chain.stages[k].name)
                self.chain.stages[k].take_notes()
                if attempt == policy.retries:
                    yield error

    def _apply_group(self, k: int, batch: list[AnyTask]) -> Iterator[AnyTask]:
        """A stage that mixes its inputs: the group passes or fails as a whole."""
        tally = self._outcome.tallies[k]
        result, seconds = self._attempt(k, batch, self._policies[k].retries)
        if isinstance(result, Exception):
            self._fail(k, batch, result, attempts=self._policies[k].retries + 1)
            return
        group = batch[0].fork()
        group.task_id, group._metadata = group_id(batch), {}
        sources = frozenset[str]().union(*(task._sources for task in batch))
        outputs = [task for entry in result for task in as_list(entry)]
        if failed := [each for each in outputs if isinstance(each, FailedTask)]:
            self._fail(k, batch, StageError(failed[0].reason), attempts=1, ends=False)
            return
        outputs = [each for each in outputs if not isinstance(each, NoneTask)]
        for position, step in enumerate(_divided(outputs, seconds)):
            output = self._adopt(k, group, step, position, set())
            output._sources = sources
            yield output
        tally.tasks_passed += len(batch)

    def _adopt(
        self, k: int, task: AnyTask, step: "_Step", position: int, seen: set[str]
    ) -> AnyTask:
        """Make an output the child of its input: id, sources, metadata, time."""
        if not isinstance(step.output, Task):  # pyright: ignore[reportUnnecessaryIsInstance] (callers may not type-check)
            raise PipelineError(
                f"{self.chain.stages[k].name} returned {type(step.output).__name__} for task "
                f"{task.task_id}; return a Task, a list of tasks, an iterator of tasks or None."
            )
        child = step.output.fork()
        is_source = self.chain.is_source and k == 0
        suffix = (child.source_key() if is_source else None) or str(position)
        if suffix in seen:
            suffix = f"{suffix}.{position}"
        seen.add(suffix)
        child.task_id = f"{task.task_id}_{suffix}"
        child._sources = frozenset({child.task_id}) if is_source else task._sources
        child.dataset_name = child.dataset_name or task.dataset_name
        child._metadata = {**task._metadata, **child._metadata}
        perf = StagePerfStats(
            stage_name=self.chain.stages[k].name,
            process_time=step.seconds,
            num_items_processed=task.num_items,
            custom_metrics=dict(self._metrics[k]),
        )
        child._stage_perf = [*task._stage_perf, perf]
        return child

    def _note(self, k: int) -> None:
        """Take over what the stage noted about its present call."""
        tally = self._outcome.tallies[k]
        metrics, drops, rejections = self.chain.stages[k].take_notes()
        self._metrics[k] = metrics
        for name, value in metrics.items():
            tally.metrics[name] = tally.metrics.get(name, 0.0) + value
        tally.dropped.update(drops)
        tally.rejected += sum(rejection.rows for rejection in rejections)
        self._outcome.rejections += rejections

    def _fail(
        self,
        k: int,
        batch: list[AnyTask],
        error: Exception,
        *,
        attempts: int,
        ends: bool = True,
    ) -> None:
        """Record a failure, or end the run if the policy says so and the stage has not said otherwise."""
        stage = self.chain.stages[k]
        if self.chain.is_source and isinstance(error, CuratorError):
            raise error
        private = stage.private_rows
        line, trace = (Failure.describe_privately if private else Failure.describe)(error)
        files = tuple(dict.fromkeys(name for task in batch for name in _files(task)))
        # Without its source a run has no work, so that failure is never skipped.
        if (ends and self._policies[k].on_error == "raise") or self.chain.is_source:
            where = f"task {batch[0].task_id}" if len(batch) == 1 else _batch_name(batch)
            where += f" ({files[0]})" if files else ""
            raise StageError(f"{stage.name} failed on {where}: {line}") from (
                None if private else error
            )
        self._outcome.tallies[k].tasks_failed += len(batch)
        failure = Failure(
            task_id=batch[0].task_id if len(batch) == 1 else group_id(batch),
            stage=stage.name,
            error=line,
            traceback=trace,
            attempts=attempts,
            sources=tuple(sorted(frozenset[str]().union(*(task._sources for task in batch)))),
            files=files,
            items=sum(task.num_items for task in batch),
            task_ids=tuple(task.task_id for task in batch) if len(batch) > 1 else (),
        )
        self._outcome.failures.append(failure)


@dataclass(frozen=True)
class _Step:
    output: AnyTask
    seconds: float


def _call(stage: AnyStage, batch: list[AnyTask]) -> Sequence[Produced]:
    """What the stage returns for copies of the tasks: an entry for each if it is aligned."""
    given = [task.fork() for task in batch]
    for task in given:
        stage.check_input(task)
    if not stage.supports_batch_processing():
        return stage.entries(given)
    result = stage.process_batch(given)
    if not stage.aligned or len(result) == len(batch):
        return result
    if kind_of(stage) == Plain() and all(isinstance(entry, Task) for entry in result):
        tasks: list[Any] = list(result)
        if len(batch) == 1:
            return [tasks]
        # NeMo Curator's stages return what is left of a batch; alone, each output has one parent.
        stage.take_notes()
        alone: list[list[AnyTask]] = [list(as_list(_call(stage, [task])[0])) for task in batch]
        if sum(map(len, alone)) == len(tasks):
            return [*alone]
    raise PipelineError(
        f"{stage.name}.process_batch returned {len(result)} entries for {len(batch)} tasks; "
        "return one per task, or set aligned = False."
    )


def _restart(stage: ProcessingStage[Any, Any], task: AnyTask, given: int) -> Iterator[AnyTask]:
    """The iterator once more, past the outputs that were handed on already."""
    entry = iter(as_list(_call(stage, [task])[0]))
    for _ in range(given):
        next(entry, None)
        stage.take_notes()
    return entry


def _divided(outputs: list[AnyTask], seconds: float) -> Generator[_Step]:
    for output in outputs:
        yield _Step(output, seconds / len(outputs))


def group_id(batch: Sequence[AnyTask]) -> str:
    """The id of a group of tasks, in order."""
    return "g" + short_hash(*(task.task_id for task in batch))


def _batch_name(batch: list[AnyTask]) -> str:
    return f"a batch of {len(batch)} tasks, {batch[0].task_id} to {batch[-1].task_id}"


def _files(task: AnyTask) -> list[str]:
    return task.data if isinstance(task, FileGroupTask) else []
