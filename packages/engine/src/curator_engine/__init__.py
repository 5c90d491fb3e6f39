"""Pipelines that curate data: tasks, stages, one runner, thin executors."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curator_engine.executors.local import LocalExecutor
    from curator_engine.pipeline import Pipeline
    from curator_engine.resources import Resources
    from curator_engine.stage import CompositeStage, Filter, ProcessingStage
    from curator_engine.task import EmptyTask, FileGroupTask, Task

__version__ = "0.1.0"
__all__ = [
    "CompositeStage",
    "EmptyTask",
    "FileGroupTask",
    "Filter",
    "LocalExecutor",
    "Pipeline",
    "ProcessingStage",
    "Resources",
    "Task",
]

_HOMES = {
    "CompositeStage": "stage",
    "EmptyTask": "task",
    "FileGroupTask": "task",
    "Filter": "stage",
    "LocalExecutor": "executors.local",
    "Pipeline": "pipeline",
    "ProcessingStage": "stage",
    "Resources": "resources",
    "Task": "task",
}


def __getattr__(name: str) -> Any:
    # Looked up when used, so that importing one module does not load them all.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
