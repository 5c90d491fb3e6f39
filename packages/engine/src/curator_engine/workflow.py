"""Workflows: jobs that are several pipelines joined by files."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from curator_engine.errors import SettingsError
from curator_engine.files.paths import use_options
from curator_engine.positional import positional
from curator_engine.task import Task


@positional("workflow_name", "pipeline_tasks", "metadata")
@dataclass(kw_only=True)
class WorkflowRunResult:
    """What a workflow returns: the tasks of its pipelines and facts about the run."""

    workflow_name: str
    pipeline_tasks: dict[str, list[Task[Any]]] = field(default_factory=dict[str, list[Task[Any]]])
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])

    def add_pipeline_tasks(self, name: str, tasks: list[Task[Any]] | None) -> None:
        """Keep the result tasks of one pipeline."""
        self.pipeline_tasks[name] = list(tasks or [])

    def add_metadata(self, key: str, value: Any) -> None:
        """Keep one fact."""
        self.metadata[key] = value

    def extend_metadata(self, facts: dict[str, Any] | None) -> None:
        """Keep several facts."""
        self.metadata.update(facts or {})

    def get_metadata(self, key: str) -> Any:
        """One fact, or None."""
        return self.metadata.get(key)


class WorkflowBase(ABC):
    """A job of several pipelines."""

    @abstractmethod
    def run(self, *args: Any, **kwargs: Any) -> WorkflowRunResult:
        """Run all pipelines and return what they gave."""


def take_storage(owner: Any, **places: str) -> None:
    """Open what parameters name with the `storage_options` that other parameters hold.

    Args:
        owner: Has the parameters.
        places: Of each parameter with options, the one whose paths they are for.

    Raises:
        SettingsError: There are other options, which only NeMo Curator's cuDF could heed.
    """
    for name, place in places.items():
        # Scripts that leave the options of their storage open give them empty.
        given = {k: v for k, v in (getattr(owner, name) or {}).items() if v not in (None, {})}
        options = given.pop("storage_options", None)
        if given:
            raise SettingsError(
                f"{name} takes storage_options only; {', '.join(given)} is for cuDF. Leave it out."
            )
        use_options(getattr(owner, place, None) or [], options)
