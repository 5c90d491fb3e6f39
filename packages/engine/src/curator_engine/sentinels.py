"""Tasks by which a stage says what became of a task, as NeMo Curator's stages do.

    return NoneTask()                                     # filtered, as `return None`
    return FailedTask(_metadata={"reason": "timed out"})  # failed: the run goes on, a resumed one tries again

They never reach the next stage: `running/runner.py` counts them.
"""

from dataclasses import dataclass

from curator_engine.positional import positional
from curator_engine.task import Task


@positional("dataset_name", "data", "_stage_perf", "_metadata")
@dataclass(kw_only=True)
class SentinelTask(Task[None]):
    """A task without data."""

    data: None = None

    @property
    def num_items(self) -> int:
        """Nothing is in it."""
        return 0


@positional("dataset_name", "data", "_stage_perf", "_metadata")
@dataclass(kw_only=True)
class NoneTask(SentinelTask):
    """The task is filtered."""

    dataset_name: str = "none"


@positional("dataset_name", "data", "_stage_perf", "_metadata")
@dataclass(kw_only=True)
class FailedTask(SentinelTask):
    """The task failed; it is in quarantine, with `reason` of the metadata, and a resumed run tries it again."""

    dataset_name: str = "failed"

    @property
    def reason(self) -> str:
        """Why, as the metadata say."""
        said = self._metadata.get("reason") or self._metadata.get("error")
        return f"the stage returned FailedTask: {said}" if said else "the stage returned FailedTask"
