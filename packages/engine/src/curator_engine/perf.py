"""How long a stage took on a task: the record that travels with tasks, and a clock for it.

Totals per stage live in `run_report.py`; these records are the per-task view that NeMo Curator's
documents show (`task._stage_perf`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.positional import positional


@positional(
    "stage_name",
    "process_time",
    "actor_idle_time",
    "input_data_size_mb",
    "num_items_processed",
    "custom_metrics",
)
@dataclass(frozen=True, kw_only=True)
class StagePerfStats:
    """What one stage spent on one task; a batch's time is divided by the items of its tasks."""

    stage_name: str
    process_time: float = 0.0
    """Seconds inside the stage."""
    actor_idle_time: float = 0.0
    """Seconds that the worker waited before this batch."""
    input_data_size_mb: float = 0.0
    """Size of the input in MB (10^6 bytes) where the task knows it, else 0."""
    num_items_processed: int = 0
    custom_metrics: dict[str, float] = field(default_factory=dict[str, float])

    def __add__(self, other: "StagePerfStats | int") -> "StagePerfStats":
        """Both together, under this one's name; 0 leaves it as it is, for `sum`."""
        if isinstance(other, int):
            return self
        names = {**self.custom_metrics, **other.custom_metrics}
        return StagePerfStats(
            stage_name=self.stage_name,
            process_time=self.process_time + other.process_time,
            actor_idle_time=self.actor_idle_time + other.actor_idle_time,
            input_data_size_mb=self.input_data_size_mb + other.input_data_size_mb,
            num_items_processed=self.num_items_processed + other.num_items_processed,
            custom_metrics={
                name: self.custom_metrics.get(name, 0.0) + other.custom_metrics.get(name, 0.0)
                for name in names
            },
        )

    __radd__ = __add__

    def items(self) -> list[tuple[str, float]]:
        """The numbers of `to_dict` as pairs."""
        return [(k, v) for k, v in self.to_dict().items() if not isinstance(v, str)]

    def to_dict(self) -> dict[str, float | str]:
        """The record as one flat dict; custom metrics become `custom.<name>`."""
        return {
            "stage_name": self.stage_name,
            "process_time": self.process_time,
            "actor_idle_time": self.actor_idle_time,
            "input_data_size_mb": self.input_data_size_mb,
            "num_items_processed": self.num_items_processed,
            **{f"custom.{name}": value for name, value in self.custom_metrics.items()},
        }


class TaskPerfUtils:
    """The records of some tasks together, as NeMo Curator's scripts ask for them; `run_report.py` has the whole run.

    All take a list of tasks, a mapping of lists by pipeline, the result of a workflow, or None.
    """

    @staticmethod
    def collect_stage_metrics(tasks: Any) -> dict[str, dict[str, NDArray[np.float64]]]:
        """The values of each number of each stage, one per record."""
        found: dict[str, dict[str, list[float]]] = {}
        for _, records in _by_pipeline(tasks):
            for record in records:
                numbers = found.setdefault(record.stage_name, {})
                for name, value in record.items():
                    numbers.setdefault(name, []).append(float(value))
        return {
            stage: {name: np.array(values) for name, values in numbers.items()}
            for stage, numbers in found.items()
        }

    @staticmethod
    def aggregate_task_metrics(tasks: Any, prefix: str | None = None) -> dict[str, float]:
        """Sum, mean and standard deviation of each number, as `[prefix_][pipeline_]stage_number_sum`."""
        made: dict[str, float] = {}
        pipelines = _by_pipeline(tasks)
        for pipeline, records in pipelines:
            named = pipeline if prefix or len(pipelines) > 1 else ""
            head = "".join(f"{part}_" for part in (prefix, named) if part)
            owner = [_Records(records)]
            for stage, numbers in TaskPerfUtils.collect_stage_metrics(owner).items():
                for name, values in numbers.items():
                    for kind in (np.sum, np.mean, np.std):
                        made[f"{head}{stage}_{name}_{kind.__name__}"] = float(kind(values))
        return made

    @staticmethod
    def get_aggregated_stage_stat(tasks: Any, stage_prefix: str, stat: str) -> float:
        """The sum of one number over all stages whose names begin so."""
        found = TaskPerfUtils.collect_stage_metrics(tasks)
        some = [numbers for stage, numbers in found.items() if stage.startswith(stage_prefix)]
        return sum(float(numbers[stat].sum()) for numbers in some if stat in numbers)

    @staticmethod
    def get_unique_stage_stat(
        tasks: Any, stage_name: str, stat: str, pipeline_name: str | None = None
    ) -> float:
        """The sum of one number of one stage, in one pipeline if it is named."""
        records = [
            record
            for pipeline, some in _by_pipeline(tasks)
            if pipeline_name is None or pipeline == pipeline_name
            for record in some
            if record.stage_name == stage_name
        ]
        return sum(float(dict(record.items()).get(stat, 0.0)) for record in records)


@dataclass(frozen=True)
class _Records:
    """Stands for a task."""

    _stage_perf: list[StagePerfStats]


def _by_pipeline(tasks: Any) -> list[tuple[str, list[StagePerfStats]]]:
    """The records of each pipeline; one that several tasks share counts once.

    Raises:
        TypeError: These are no tasks.
    """
    tasks = getattr(tasks, "pipeline_tasks", tasks)
    if isinstance(tasks, Mapping):
        tasks = tasks.get("pipeline_tasks", tasks)
    groups: Any = tasks if isinstance(tasks, Mapping) else {"": tasks or []}
    seen: dict[int, StagePerfStats] = {}
    made: list[tuple[str, list[StagePerfStats]]] = []
    for name, group in groups.items():
        some: Any = [group] if hasattr(group, "_stage_perf") else group or []
        if isinstance(some, str) or not all(hasattr(task, "_stage_perf") for task in some):
            raise TypeError("these are no tasks; give a list of them, or a workflow's result.")
        records = [r for task in some for r in task._stage_perf if id(r) not in seen]
        made.append((str(name), list({id(r): r for r in records}.values())))
        seen |= {id(r): r for r in records}
    return made
