"""Small stages and tasks for tests; a module of its own, so that worker processes can import it."""

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.running.run_report import RunReport
from curator_engine.stage import (
    CompositeStage,
    Filter,
    PoolKind,
    ProcessingStage,
    Raft,
    Rejection,
)
from curator_engine.task import EmptyTask, FileGroupTask, TableTask, Task


@dataclass(kw_only=True)
class Number(Task[int]):
    """A task that is one number."""


@dataclass(kw_only=True)
class Numbers(ProcessingStage[EmptyTask, Number]):
    """The source: numbers from 0."""

    count: int = 20

    def process(self, task: EmptyTask) -> list[Number]:
        return [Number(data=i) for i in range(self.count)]


@dataclass(kw_only=True)
class Add(ProcessingStage[Number, Number]):
    """Add to the number."""

    amount: int = 1

    def process(self, task: Number) -> Number:
        return Number(data=task.data + self.amount)


@dataclass(kw_only=True)
class AddToAll(Add):
    """Add to all numbers in one call."""

    name = "add"
    batch_size: int | None = None


@dataclass(kw_only=True)
class Triple(ProcessingStage[Number, Number]):
    """Three tasks of one."""

    def process(self, task: Number) -> list[Number]:
        return [Number(data=task.data * 10 + i) for i in range(3)]


@dataclass(kw_only=True)
class Even(ProcessingStage[Number, Number]):
    """Only even numbers go on."""

    def process(self, task: Number) -> Number | None:
        return task if task.data % 2 == 0 else None


@dataclass(kw_only=True)
class Tables(ProcessingStage[Number, TableTask]):
    """Ten rows for a number, in blocks of five."""

    def process(self, task: Number) -> Iterator[TableTask]:
        for start in (0, 5):
            values = [task.data * 10 + start + i for i in range(5)]
            yield TableTask(data=pa.table({"value": values}))


@dataclass(kw_only=True)
class Measure(ProcessingStage[Number, Number]):
    """Notes the number as a metric."""

    def process(self, task: Number) -> Number:
        self.log_metric("size", task.data)
        return task


@dataclass(kw_only=True)
class DropOdd(Filter[TableTask]):
    """Rows with odd values go."""

    def drop(self, item: dict[str, Any]) -> str | None:
        return "odd" if item["value"] % 2 else None


@dataclass(kw_only=True)
class FailOn(ProcessingStage[Number, Number]):
    """Fails on one number: by an exception, or by ending or stopping its process."""

    poison: int = 7
    how: str = "raise"

    def process(self, task: Number) -> Number:
        if task.data != self.poison:
            return task
        if self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "exit":
            os._exit(3)
        if self.how == "segfault":
            ctypes.string_at(0)
        if self.how == "hang":
            time.sleep(600)
        raise ValueError(f"{task.data} is poison")


@dataclass(kw_only=True)
class FailTwice(ProcessingStage[Number, Number]):
    """Fails the first two times that it is called, counted in a file."""

    folder: str

    def process(self, task: Number) -> Number:
        calls = Path(self.folder) / f"calls-{task.data}"
        with calls.open("a", encoding="utf-8") as file:
            file.write("x")
        if len(calls.read_text(encoding="utf-8")) <= 2:
            raise ConnectionError("not yet")
        return task


@dataclass(kw_only=True)
class Sum(ProcessingStage[Number, Number]):
    """One sum per group of three."""

    batch_size: int | None = 3
    aligned: ClassVar[bool] = False

    def process(self, task: Number) -> Number:
        raise NotImplementedError

    def process_batch(self, tasks: list[Number]) -> list[Number]:
        return [Number(data=sum(task.data for task in tasks))]


@dataclass(kw_only=True)
class Centre(ProcessingStage[Number, Number]):
    """How far each number is from the mean of all, times their count."""

    pool_kind: ClassVar[PoolKind] = Raft()

    def process(self, task: Number) -> Number:
        raise NotImplementedError

    def process_batch(self, tasks: list[Number]) -> list[Number]:
        mine = np.array([sum(task.data for task in tasks), len(tasks)])
        total, count = self.communicator.all_reduce(mine).tolist()
        return [Number(data=task.data * count - total) for task in tasks]


@dataclass(kw_only=True)
class FailSum(Sum):
    """A group with this number in it fails, or ends its process."""

    poison: int = 7
    how: str = "raise"

    def process_batch(self, tasks: list[Number]) -> list[Number]:
        if any(task.data == self.poison for task in tasks):
            if self.how == "exit":
                os._exit(1)
            raise ValueError(f"{self.poison} is poison")
        return super().process_batch(tasks)


@dataclass(kw_only=True)
class Write(ProcessingStage[Number, FileGroupTask]):
    """A file per task, named by its id."""

    path: str
    die_after: int | None = None
    """End the process, the first time, right after this number's file is in its place."""
    die_at_file: int | None = None
    """End the process, the first time, right after so many files are in their places."""

    def process(self, task: Number) -> FileGroupTask:
        target = Path(self.path) / f"{task.task_id}.txt"
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = target.with_suffix(f".{os.getpid()}.tmp")
        scratch.write_text(str(task.data), encoding="utf-8")
        scratch.replace(target)
        count = sum(1 for _ in target.parent.glob("*.txt"))
        died = Path(f"{self.path}.died")
        if not died.exists() and (task.data == self.die_after or count == self.die_at_file):
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return FileGroupTask(data=[str(target)])

    def resume(self, committed: frozenset[str]) -> None:
        for each in Path(self.path).glob("*.t*"):
            if str(each) not in committed:
                each.unlink()


@dataclass(kw_only=True)
class Files(ProcessingStage[EmptyTask, FileGroupTask]):
    """The files of a folder, stamped with their content."""

    path: str

    def process(self, task: EmptyTask) -> list[FileGroupTask]:
        found = sorted(Path(self.path).iterdir())
        return [FileGroupTask(data=[str(p)], stamp=p.read_text(encoding="utf-8")) for p in found]


@dataclass(kw_only=True)
class ReadNumber(ProcessingStage[FileGroupTask, Number]):
    """The number that a file holds, twice."""

    seconds: float = 0.0
    gate: str = ""
    """Numbers from 4 on wait until this file is there."""

    def process(self, task: FileGroupTask) -> list[Number]:
        time.sleep(self.seconds)
        value = int(Path(task.data[0]).read_text(encoding="utf-8"))
        while self.gate and value >= 4 and not Path(self.gate).exists():
            time.sleep(0.01)
        return [Number(data=value), Number(data=value + 1000)]


@dataclass(kw_only=True)
class RejectOdd(ProcessingStage[Number, Number]):
    """Odd numbers are unreadable rows."""

    def process(self, task: Number) -> Number | None:
        if task.data % 2 == 0:
            return task
        self.reject(Rejection(file="numbers", reason="odd", line=task.data, raw=b"\xff"))
        return None


@dataclass(kw_only=True)
class Journal(ProcessingStage[Number, Number]):
    """Writes a line to a file at each setup and teardown."""

    path: str
    fail: bool = False
    is_ready: bool = field(default=False, init=False)

    def setup(self, worker_metadata: Any = None) -> None:
        self.is_ready = True
        self._note("setup")

    def teardown(self) -> None:
        self._note("teardown")

    def process(self, task: Number) -> Number:
        if self.fail:
            raise ValueError("as asked")
        assert self.is_ready
        return task

    def _note(self, word: str) -> None:
        with Path(self.path).open("a", encoding="utf-8") as file:
            file.write(f"{word} {os.getpid()}\n")


@dataclass(kw_only=True)
class AddTwice(CompositeStage[Number, Number]):
    """Two stages as one; itself of a composite of one."""

    def decompose(self) -> list[Any]:
        return [Add(amount=1).with_(name="first"), AddOnce()]


@dataclass(kw_only=True)
class AddOnce(CompositeStage[Number, Number]):
    """One stage as a composite."""

    def decompose(self) -> list[Any]:
        return [Add(amount=10).with_(name="second")]


def run_files(
    folder: str, *stages: Any, options: dict[str, Any] | None = None, out: str = "out", **write: Any
) -> tuple[RunReport, list[Task[Any]]]:
    """Read the numbers in `folder/in`, write them to `folder/out`, with a checkpoint."""
    first = stages if stages and isinstance(stages[0], ReadNumber) else (ReadNumber(), *stages)
    pipeline = Pipeline(
        "p", stages=[Files(path=f"{folder}/in"), *first, Write(path=f"{folder}/{out}", **write)]
    )
    tasks = pipeline.run(
        LocalExecutor(options),
        checkpoint_path=f"{folder}/checkpoint-{out}",
        run_dir=f"{folder}/run",
    )
    report = pipeline.last_run
    if report is None:
        raise RuntimeError("a pipeline that ran has a report")
    return report, tasks


@dataclass(kw_only=True)
class CountThreads(ProcessingStage[Number, Number]):
    """How many threads torch takes, which is imported when the stage is set up."""

    def setup(self, worker_metadata: Any = None) -> None:
        import torch

        self._torch = torch

    def process(self, task: Number) -> Number:
        return Number(data=self._torch.get_num_threads())
