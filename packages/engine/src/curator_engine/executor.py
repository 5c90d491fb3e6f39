"""What executors have in common: the documented interface, and options that are checked.

`BaseExecutor` is NeMo Curator's contract, for users' own executors; `EngineExecutor` is what ours
are. They add `run_plan` and `lay_out`.
"""

import difflib
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, Literal

from curator_engine.errors import SettingsError
from curator_engine.failures import FailurePolicy
from curator_engine.pipeline import Pipeline
from curator_engine.running.plan import NodeCapacity
from curator_engine.stage import AnyStage
from curator_engine.task import Task

type AnyTask = Task[Any]


class BaseExecutor(ABC):
    """Base class for all executors.

    Args:
        config: Executor-specific configuration.
        ignore_head_node: Exclude the head node of a cluster from execution.
    """

    def __init__(
        self, config: dict[str, Any] | None = None, ignore_head_node: bool = False
    ) -> None:
        self.config = config or {}
        self.ignore_head_node = ignore_head_node

    @abstractmethod
    def execute(
        self, stages: list[AnyStage], initial_tasks: list[AnyTask] | None = None
    ) -> list[AnyTask]:
        """Run the stages.

        Args:
            stages: Processing stages to execute.
            initial_tasks: Initial tasks (defaults to one EmptyTask).

        Returns:
            Output tasks from the final stage.
        """


@dataclass(frozen=True, kw_only=True)
class CommonOptions:
    """Options that every executor of ours takes; for failures see `FailurePolicy`."""

    on_error: Literal["raise", "skip", "quarantine"] = "raise"
    ignore_failures: bool = False
    """The documents' name for `on_error="skip"`: go on, and record what failed."""
    retries: int = 0
    backoff_s: float = 0.0
    max_failures: int | None = None
    max_failure_ratio: float | None = None
    max_rejected_ratio: float | None = None
    task_timeout_s: float | None = None
    metrics_port: int | None = None
    """Serve the run's counts to Prometheus on this port of the loopback address."""
    fuse: bool = True
    """Let adjacent small stages share a worker."""

    def check(self) -> None:
        """Raise for a value out of range; `policy` does so for those about failures.

        Raises:
            SettingsError: A value is out of range.
        """

    def policy(self) -> FailurePolicy:
        """The options as a policy.

        Raises:
            SettingsError: A value is out of range.
        """
        skip = self.ignore_failures and self.on_error == "raise"
        return FailurePolicy(
            on_error="skip" if skip else self.on_error,
            retries=self.retries,
            backoff_s=self.backoff_s,
            max_failures=self.max_failures,
            max_failure_ratio=self.max_failure_ratio,
            max_rejected_ratio=self.max_rejected_ratio,
            task_timeout_s=self.task_timeout_s,
        )


def read_options[O: CommonOptions](kind: type[O], config: dict[str, Any], *, executor: str) -> O:
    """A documented config dict as checked options.

    Raises:
        SettingsError: A key is unknown; the message names the closest known one.
    """
    known = [f.name for f in fields(kind)]
    for key in config:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}."
            raise SettingsError(f"{executor} has no option {key!r}; {hint}")
    return kind(**config)


class EngineExecutor[O: CommonOptions](BaseExecutor, ABC):
    """An executor of ours.

    Args:
        config: Options; see the class that `kind` is.
        ignore_head_node: Exclude the head node of a cluster from execution.

    Raises:
        SettingsError: An unknown option, or a value out of range.
    """

    kind: type[O]
    """The class of its options."""

    def __init__(
        self, config: dict[str, Any] | None = None, ignore_head_node: bool = False
    ) -> None:
        super().__init__(config, ignore_head_node)
        self.options = read_options(self.kind, self._own_config(), executor=type(self).__name__)
        self.options.check()
        self.policy = self.options.policy()
        self.metrics_port = self.options.metrics_port
        self.fused = self.options.fuse

    def _own_config(self) -> dict[str, Any]:
        """The part of the config that `kind` reads."""
        return self.config

    def node(self) -> NodeCapacity | None:
        """The largest node; None as long as the cluster is not reached."""
        return None

    def execute(
        self, stages: list[AnyStage], initial_tasks: list[AnyTask] | None = None
    ) -> list[AnyTask]:
        """Run the stages as a pipeline and return the last one's tasks."""
        return Pipeline("stages", stages=stages).run(self, initial_tasks)
