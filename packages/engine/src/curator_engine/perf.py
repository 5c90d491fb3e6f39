"""How long a stage took on a task: the record that travels with tasks, and a clock for it.

Totals per stage live in `run_report.py`; these records are the per-task view that NeMo Curator's
documents show (`task._stage_perf`).
"""

from dataclasses import dataclass, field

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

    def items(self) -> list[tuple[str, float | str]]:
        """`to_dict` as pairs."""
        return list(self.to_dict().items())

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
