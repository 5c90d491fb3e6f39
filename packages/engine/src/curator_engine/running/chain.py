"""Fusion: which adjacent stages run together in one worker.

A chain hands tasks from stage to stage one at a time, without serialising them. Fusing never
changes results; `runner.py` runs a chain, this module only decides.
"""

import importlib
import sys
from dataclasses import dataclass
from typing import Any

import cloudpickle

from curator_engine.failures import FailurePolicy
from curator_engine.files.paths import take_over, used_options
from curator_engine.resources import Resources
from curator_engine.stage import AnyStage, Plain, PoolKind, kind_of


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Stages that run in the same worker, one after the other."""

    index: int
    """Position among the chains of the plan."""
    stages: tuple[AnyStage, ...]
    is_source: bool = False
    """Whether its outputs are the source tasks, the units of the checkpoint."""
    is_sink: bool = False
    """Whether its outputs are the results of the pipeline."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle behind the names of the modules that must be there before stages are unpickled."""
        there = [name for name in _IMPORT_FIRST if name in sys.modules]
        return _unpickle, (there, cloudpickle.dumps(vars(self)), used_options())

    @property
    def name(self) -> str:
        """The stages' names, joined by " + "."""
        return " + ".join(stage.name for stage in self.stages)

    @property
    def batch_size(self) -> int | None:
        """Tasks per batch; None for all that there are, as for workers that work together."""
        return self.stages[0].batch_size if self.kind == Plain() else None

    @property
    def kind(self) -> PoolKind:
        """How its workers work together."""
        return kind_of(self.stages[0])

    @property
    def splits(self) -> bool:
        """Whether a batch that fails may be cut to find the task that is to blame."""
        return self.aligned and self.kind == Plain()

    def policy(self, run: FailurePolicy) -> FailurePolicy:
        """The stages' own policy, or the run's."""
        return self.stages[0].failure_policy or run

    @property
    def aligned(self) -> bool:
        """Whether each output belongs to one input."""
        return self.stages[0].aligned

    @property
    def resources(self) -> Resources:
        """What a worker of the chain needs: fused stages all need the same."""
        return self.stages[0].resources


_IMPORT_FIRST = ("curator_engine.compat",)
"""Modules that change what others can import: a worker imports them if the driver has."""


def _unpickle(modules: list[str], data: bytes, options: dict[str, dict[str, Any]]) -> Chain:
    take_over(options)
    for name in modules:
        importlib.import_module(name)
    return Chain(**cloudpickle.loads(data))


def fuse(stages: list[AnyStage], *, enabled: bool, has_source: bool) -> tuple[Chain, ...]:
    """Cut the stages of a plan into chains.

    Args:
        stages: All stages, none of them composite.
        enabled: False puts every stage into a chain of its own.
        has_source: Whether the first stage finds the source tasks (there are no initial tasks).

    Raises:
        PipelineError: A stage contradicts itself about its pool.
    """
    for stage in stages:
        kind_of(stage)
    groups: list[list[AnyStage]] = []
    for position, stage in enumerate(stages):
        after_source = has_source and position == 1
        if enabled and groups and not after_source and _fusible(groups[-1][-1], stage):
            groups[-1].append(stage)
        else:
            groups.append([stage])
    return tuple(
        Chain(
            index=i,
            stages=tuple(group),
            is_source=has_source and i == 0,
            is_sink=i == len(groups) - 1,
        )
        for i, group in enumerate(groups)
    )


def _fusible(first: AnyStage, second: AnyStage) -> bool:
    if first.fan_out or not (first.aligned and second.aligned):
        return False
    pair = (first, second)
    if any(stage.resources.requires_gpu or stage.resources.cpus > 1 for stage in pair):
        return False
    if any(
        stage.num_workers() or stage.ray_stage_spec() or stage.xenna_stage_spec() for stage in pair
    ):
        return False
    return all(
        getattr(first, name) == getattr(second, name)
        for name in ("resources", "batch_size", "runtime_env", "failure_policy")
    )
