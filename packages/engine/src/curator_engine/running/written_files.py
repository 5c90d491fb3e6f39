"""The files that a run has written, for a stage that ends its work when all of them are there."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from curator_engine.task import FileGroupTask, Task, id_key


@runtime_checkable
class FinishesFiles(Protocol):
    """A last stage with something to do in the driver after the last task, as giving files one schema."""

    def finish_files(self, paths: Sequence[str]) -> list[str]:
        """Finish the files of this run and of those that it resumes; return notes for the report.

        Called at the end of each run that did not fail, also of one that had nothing left to do.
        """
        ...


@runtime_checkable
class ReadiesFolder(Protocol):
    """A stage that looks after the folder it writes into before a run begins."""

    def ready_folder(self, job: str, *, goes_on: bool) -> None:
        """Make it ready for a run; `goes_on` says that a checkpoint knows what lies there.

        Raises:
            InputError: The folder is not as it must be.
        """
        ...


class WrittenFiles:
    """Paths by the results that refer to them."""

    def __init__(self) -> None:
        self._found = list[tuple[str, frozenset[str], tuple[str, ...]]]()

    def add(self, task: Task[Any]) -> None:
        """Note a result; only one that refers to files counts."""
        if isinstance(task, FileGroupTask):
            self._found.append((task.task_id, task._sources, tuple(task.data)))

    def paths(self, order: Mapping[str, int]) -> list[str]:
        """The paths in the order of the results, given the place of each source."""
        found = sorted(self._found, key=lambda each: rank(each[0], each[1], order))
        return [path for _, _, paths in found for path in paths]


def rank(
    task_id: str, sources: frozenset[str], order: Mapping[str, int]
) -> tuple[int, list[tuple[int, str]]]:
    """What results are sorted by: the place of their first source, then their id."""
    source = min((order.get(s, len(order)) for s in sources), default=0)
    return source, id_key(task_id)
