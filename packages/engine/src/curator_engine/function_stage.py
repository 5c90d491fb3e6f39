"""A stage made of a function of one task."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from curator_engine.errors import PipelineError
from curator_engine.resources import Resources
from curator_engine.stage import ProcessingStage
from curator_engine.task import Task

type AnyTask = Task[Any]
type TaskFunction = Callable[[Any], Any]
"""From a task to a task, a list or an iterator of tasks, or None."""


@dataclass(kw_only=True)
class FunctionStage(ProcessingStage[AnyTask, AnyTask]):
    """Calls a function on each task; `processing_stage` makes one."""

    function: TaskFunction

    def process(self, task: AnyTask) -> Any:
        """What the function returns."""
        return self.function(task)


def processing_stage(
    name: str, resources: Resources | dict[str, Any] | None = None, batch_size: int | None = 1
) -> Callable[[TaskFunction], FunctionStage]:
    """Decorate a function of one task: its name then stands for a stage, ready for a pipeline.

    Args:
        name: The stage's name.
        resources: What one worker needs; None for one CPU. A dict has the fields of `Resources`.
        batch_size: Tasks that are sent to a worker together.

    Raises:
        PipelineError: The function does not take exactly one argument.
        ResourceError: The resources are out of range.
    """
    need = Resources(**resources) if isinstance(resources, dict) else resources or Resources()

    def decorate(function: TaskFunction) -> FunctionStage:
        count = len(inspect.signature(function).parameters)
        if count != 1:
            raise PipelineError(
                f"{name}: the function takes {count} arguments; it must take one, the task."
            )
        stage = FunctionStage(function=function).with_(name, need)
        stage.batch_size = batch_size
        return stage

    return decorate
