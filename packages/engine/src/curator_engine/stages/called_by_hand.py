"""Stages that are lists here and one stage in NeMo Curator, whose users also call them by hand."""

from dataclasses import dataclass
from typing import Any, ClassVar

from curator_engine.stage import CompositeStage
from curator_engine.task import FileGroupTask, Task


@dataclass(kw_only=True)
class HandCalled[Y: Task[Any]](CompositeStage[FileGroupTask, Y]):
    """Files to tasks, in several stages; `with_` sets the last of them, which does the work."""

    tunes_last: ClassVar[bool] = True

    def process(self, task: FileGroupTask) -> Any:
        """What the stages make of one task, in this process: a task, or a list if they are several."""
        made = self.process_batch([task])
        return made[0] if len(made) == 1 else made

    def process_batch(self, tasks: list[FileGroupTask]) -> list[Any]:
        """What the stages make of all tasks, in this process.

        The same stages at each call, so that a folder is cleared before the first file and not before each.
        """
        made: list[Any] = list(tasks)
        # A copy that `with_` made has other settings, and so makes its own.
        owner, stages = vars(self).get("_by_hand", (0, []))
        if owner != id(self):
            stages = self.flatten()
            vars(self)["_by_hand"] = (id(self), stages)
        for stage in stages:
            stage.setup_on_node()
            stage.setup()
            made = list(stage.process_batch(made))
            stage.teardown()
        return made
