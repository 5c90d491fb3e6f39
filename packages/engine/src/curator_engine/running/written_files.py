"""The files that a run has written, for a stage that ends its work when all of them are there."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from curator_engine.stage import AnyStage
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


@runtime_checkable
class SharesFolder(Protocol):
    """A stage that writes into a folder where files of other runs lie, and others may be writing."""

    def join_run(self, run: str) -> None:
        """Take the run's id, before work begins; a run that goes on has the one that it had."""
        ...

    def drop_unfinished(self, committed: frozenset[str], sources: Collection[str]) -> None:
        """Remove own files that are not in `committed`, instead of `resume`.

        Args:
            committed: Files that finished sources stand for.
            sources: All source tasks that this run, also before it was killed, has begun.
        """
        ...


def join_run(stages: Sequence[AnyStage], run: str) -> None:
    """Give the stages that share folders the id of their run."""
    for stage in stages:
        if isinstance(stage, SharesFolder):
            stage.join_run(run)


def resume(stage: AnyStage, committed: frozenset[str], sources: Collection[str]) -> None:
    """Let a stage remove what a killed run left, of these sources at most where others write as well."""
    if isinstance(stage, SharesFolder):
        stage.drop_unfinished(committed, sources)
    else:
        stage.resume(committed)


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
