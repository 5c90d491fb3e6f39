"""Which source tasks are finished: a count of each one's living descendants.

Pure bookkeeping for `ledger.py`, which decides what a finished source means.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from curator_engine.task import Task

type AnyTask = Task[Any]


@dataclass(kw_only=True)
class _Kin:
    """Sources whose tasks were mixed by a stage: their outputs can only be kept together."""

    members: list[str]
    unfinished: int = 1
    is_open: bool = False
    """Whether one of them is to be tried again."""


class Lineage:
    """The source tasks of one run."""

    def __init__(self) -> None:
        self.order: dict[str, int] = {}
        """Positions of the sources by id."""
        self.failed: set[str] = set()
        """Sources with a failed descendant."""
        self._alive: Counter[str] = Counter()
        self._kin: dict[str, _Kin] = {}

    def admit(self, sources: Sequence[AnyTask], *, done: Collection[str]) -> None:
        """Take in the sources of the run; those that are done already have no descendants."""
        self.order = {task.task_id: i for i, task in enumerate(sources)}
        for name in self.order.keys() - set(done):
            self._alive[name] = 1
            self._kin[name] = _Kin(members=[name])

    def fail(self, sources: Iterable[str]) -> None:
        """Note that a descendant of these sources has failed."""
        for source in sources:
            self.failed.add(source)
            if source in self._kin:
                self._kin[source].is_open = True

    def keep_open(self, source: str) -> None:
        """Note that a source is to be tried again, although no task of it has failed."""
        if source in self._kin:
            self._kin[source].is_open = True

    def mix(self, tasks: Sequence[AnyTask]) -> None:
        """Note that a stage made its outputs from all of these tasks together."""
        sources = {source for task in tasks for source in task._sources}
        kin = list({id(self._kin[source]): self._kin[source] for source in sources}.values())
        if not kin:
            return
        largest = max(kin, key=lambda each: len(each.members))
        for other in kin:
            if other is largest:
                continue
            largest.members += other.members
            largest.unfinished += other.unfinished
            largest.is_open |= other.is_open
            for source in other.members:
                self._kin[source] = largest

    def settle(
        self, inputs: Sequence[AnyTask], outputs: Sequence[AnyTask]
    ) -> tuple[list[str], list[list[str]]]:
        """Move the count of living descendants from a batch's inputs to its outputs.

        Returns:
            The sources that are finished with this batch; and the groups of sources that were mixed
            with each other of which now all are finished, and none has failed.
        """
        touched = {source for task in inputs for source in task._sources}
        for task in inputs:
            self._alive.subtract(task._sources)
        for task in outputs:
            self._alive.update(task._sources)
        finished = sorted(source for source in touched if not self._alive[source])
        final: list[list[str]] = []
        for source in finished:
            del self._alive[source]
            kin = self._kin[source]
            kin.unfinished -= 1
            if not kin.unfinished and not kin.is_open:
                final.append(sorted(kin.members))
        return finished, final


def owner_of(task_id: str, tasks: Sequence[Task[Any]]) -> str:
    """The source of the batch's task that this one is or descends from; "" where there is none."""
    for task in tasks:
        if task_id == task.task_id or task_id.startswith(f"{task.task_id}_"):
            return min(task._sources, default="")
    return ""
