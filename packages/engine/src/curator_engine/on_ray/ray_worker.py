"""What runs in Ray's worker processes: a chain's runner, with tasks that stay in the object store.

All executors on Ray use it.
"""

import os
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ray
from ray import cloudpickle

from curator_engine.failures import FailurePolicy
from curator_engine.resources import Resources, WorkerMetadata, WorkerPlace
from curator_engine.running.chain import Chain
from curator_engine.running.run_report import own_peak_memory_mb
from curator_engine.running.runner import Outcome, Runner
from curator_engine.task import EmptyTask, FileGroupTask, Task

type AnyTask = Task[Any]


@dataclass(kw_only=True)
class Parcel(Task[Any]):
    """Stands for a task in the object store; `data` refers to that task, or is None if nobody needs it."""

    count: int = 1
    stamp: str = ""

    @property
    def num_items(self) -> int:
        """Items of the task."""
        return self.count

    def content_stamp(self) -> str:
        """The task's stamp."""
        return self.stamp


def dump_bytes(value: object) -> bytes:
    """Pickle with Ray's cloudpickle, which can pickle references to objects in Ray's store."""
    pickler: Any = cloudpickle
    return pickler.dumps(value)


def load_bytes(data: bytes) -> Any:
    """Unpickle what `dump_bytes` made."""
    pickler: Any = cloudpickle
    return pickler.loads(data)


def stand_in(task: AnyTask, ref: Any = None) -> AnyTask:
    """What the driver gets for a task: itself if it is only a reference, else a parcel."""
    if isinstance(task, FileGroupTask | EmptyTask | Parcel):
        return task
    parcel = Parcel(
        data=ref,
        task_id=task.task_id,
        dataset_name=task.dataset_name,
        count=task.num_items,
        stamp=task.content_stamp(),
    )
    parcel._sources = task._sources
    return parcel


def unpack(tasks: Iterable[AnyTask]) -> list[AnyTask]:
    """The tasks themselves, fetched where they lie in the object store."""
    present = list(tasks)
    refs = [task.data for task in present if isinstance(task, Parcel)]
    values = iter(ray.get(refs) if refs else [])
    return [next(values) if isinstance(task, Parcel) else task for task in present]


@dataclass(kw_only=True)
class Reply:
    """A worker's answer to a batch."""

    outcome: Outcome
    """Its outputs are stand-ins."""
    place: WorkerPlace
    peak_mb: float


class ChainWorker:
    """A chain in one process, from setup to teardown."""

    def __init__(self, chain: Chain, policy: FailurePolicy, worker_id: str) -> None:
        self.chain = chain
        self._worker_id = worker_id
        self._runner = Runner(chain, policy)
        self._is_set_up = False

    def setup(self, allocation: Resources | None = None) -> None:
        """Set the stages up, once.

        Raises:
            StageError: A stage's setup failed.
        """
        if not self._is_set_up:
            worker = WorkerMetadata(worker_id=self._worker_id, allocation=allocation)
            self._runner.setup(worker)
            self._is_set_up = True

    def run(self, tasks: Sequence[AnyTask]) -> Outcome:
        """Run a batch; its outputs are tasks."""
        return self._runner.run(unpack(tasks))

    def teardown(self) -> None:
        """Tear the stages down, once."""
        if self._is_set_up:
            self._is_set_up = False
            self._runner.teardown()


def reply_to(outcome: Outcome, outputs: list[AnyTask]) -> Reply:
    """The outcome without the tasks themselves."""
    light = Outcome(
        tallies=outcome.tallies,
        outputs=outputs,
        failures=outcome.failures,
        rejections=outcome.rejections,
    )
    return Reply(outcome=light, place=own_place(), peak_mb=own_peak_memory_mb())


def own_place() -> WorkerPlace:
    """Where this process is."""
    context = ray.get_runtime_context()
    return WorkerPlace(
        pid=os.getpid(), node=context.get_node_id(), actor=context.get_actor_id() or ""
    )


@contextmanager
def watchdog(seconds: float | None, last_words: Callable[[], None]) -> Generator[None]:
    """End this process if the block takes too long; for executors that cannot cancel a call."""
    if seconds is None:
        yield
        return

    def end() -> None:
        try:
            last_words()
        finally:
            os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
