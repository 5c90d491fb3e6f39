"""Whole-number ids for files whose tasks were made without them, for stages that need `id_generator.py`."""

from dataclasses import dataclass
from typing import ClassVar

from curator_engine.stage import ProcessingStage
from curator_engine.stages.file_groups import add_ids
from curator_engine.task import FileGroupTask


@dataclass(kw_only=True)
class NumberFiles(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Note in each task which ids the rows of its files have.

    All tasks at once and in the order of the listing, so that the ids are the same on every executor and for every
    number of workers.
    """

    state: str
    """File of the id generator."""
    generates: bool = True
    """Give ids to files that have none yet: their rows are counted."""
    batch_size: int | None = None
    aligned: ClassVar[bool] = False

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """The task alone."""
        return self.process_batch([task])[0]

    def process_batch(self, tasks: list[FileGroupTask]) -> list[FileGroupTask]:
        """The tasks in the order of their files; what has ids keeps them.

        Raises:
            InputError: The file of the generator holds no ranges.
            UnreadableFileError: The rows of a file cannot be counted.
        """
        tasks = sorted(tasks, key=lambda task: int(task._metadata.get("file_index", 0)))
        new = [task for task in tasks if "ids" not in task._metadata]
        add_ids(new, self.state, generate=self.generates)
        return tasks
