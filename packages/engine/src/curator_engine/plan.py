"""A pipeline made ready: flat stages, checked wiring, chains.

Pure: nothing starts here. `Pipeline.plan()` prints it; executors run it.
"""

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field

from curator_engine.chain import Chain, fuse
from curator_engine.errors import CuratorError, PipelineError, ResourceError
from curator_engine.stage import AnyStage, CompositeStage


@dataclass(frozen=True, kw_only=True)
class NodeCapacity:
    """What a node offers to workers."""

    cpus: float
    gpus: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that would fail later, found before anything starts."""

    stage: str
    message: str
    """What is wrong and what to do."""
    error: type[CuratorError] = PipelineError
    """What a run raises for it."""

    def __str__(self) -> str:
        return f"{self.stage}: {self.message}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The stages of one run, cut into chains."""

    name: str
    stages: tuple[AnyStage, ...]
    """Copies of the user's stages, none of them composite."""
    chains: tuple[Chain, ...]
    executor: str = ""
    workers: int | None = None
    """Worker processes, where the executor has a fixed number."""
    problems: tuple[Problem, ...] = field(default=())

    def __str__(self) -> str:
        """The plan as lines to print: a line per chain, then what is wrong."""
        head = f"Plan: {self.name}, {self.executor or 'any executor'}"
        lines = [head + (f", {self.workers} workers" if self.workers else "")]
        for chain in self.chains:
            role = " (source)" if chain.is_source else ""
            batch = "all tasks" if chain.batch_size is None else f"{chain.batch_size}"
            lines.append(
                f"  {chain.index + 1}. {chain.name}{role}: {chain.resources.cpus:g} CPUs, batch {batch}"
            )
        lines += [f"  problem: {problem}" for problem in self.problems]
        return "\n".join(lines)


def flatten(stages: Iterable[AnyStage]) -> list[AnyStage]:
    """Copies of the stages, composite ones replaced by what they stand for."""
    flat: list[AnyStage] = []
    for stage in stages:
        flat += stage.flatten() if isinstance(stage, CompositeStage) else [stage]
    return [_copy(stage) for stage in flat]


def _copy(stage: AnyStage) -> AnyStage:
    try:
        return copy.deepcopy(stage)
    except TypeError as error:
        raise PipelineError(
            f"{stage.name} cannot be copied: {error}. Open files and models in setup()."
        ) from error


def make_plan(
    name: str,
    stages: Iterable[AnyStage],
    *,
    has_source: bool,
    fused: bool = True,
    executor: str = "",
    workers: int | None = None,
    node: NodeCapacity | None = None,
) -> Plan:
    """Flatten, check and cut into chains.

    Args:
        name: The pipeline's name.
        stages: The user's stages; they are left as they are.
        has_source: Whether the first stage finds the work (there are no initial tasks).
        fused: Whether adjacent stages may share a worker.
        executor: The executor's name, for printing.
        workers: Its number of worker processes if that is fixed, for printing.
        node: The largest node; None skips the check of resources.

    Raises:
        PipelineError: There are no stages.
    """
    flat = flatten(stages)
    if not flat:
        raise PipelineError(f"Pipeline '{name}' has no stages")
    problems = [*_settings(flat), *_wiring(flat, has_source=has_source), *_resources(flat, node)]
    return Plan(
        name=name,
        stages=tuple(flat),
        chains=fuse(flat, enabled=fused, has_source=has_source),
        executor=executor,
        workers=workers,
        problems=tuple(problems),
    )


def _settings(stages: list[AnyStage]) -> Iterable[Problem]:
    for stage in stages:
        own = stage.failure_policy
        if own and (own.max_failures is not None or own.max_failure_ratio is not None):
            yield Problem(
                stage=stage.name,
                message="has a failure budget of its own; set max_failures= and max_failure_ratio= on the executor.",
            )
        if stage.batch_size is not None and stage.batch_size < 1:
            yield Problem(
                stage=stage.name,
                message=f"batch_size={stage.batch_size} is below 1. Use 1 or more, or None for all.",
            )


def _wiring(stages: list[AnyStage], *, has_source: bool) -> Iterable[Problem]:
    """Attributes and columns that a stage needs and no stage before it gives.

    What a source gives is known only if it declares something; else everything may be there.
    """
    for kind in (0, 1):
        known = set(stages[0].outputs()[kind]) if has_source else set[str]()
        if not known:
            continue
        known |= {"data", "dataset_name", "task_id"} if kind == 0 else set[str]()
        for stage in stages[1:]:
            missing = [name for name in stage.inputs()[kind] if name not in known]
            if missing:
                what = ("attribute", "column")[kind]
                yield Problem(
                    stage=stage.name,
                    message=(
                        f"needs the {what} {', '.join(map(repr, missing))}, which no stage before it gives "
                        f"(there are {', '.join(sorted(known))}). Add a stage that gives it, or correct the name."
                    ),
                )
            known |= set(stage.outputs()[kind])


def _resources(stages: list[AnyStage], node: NodeCapacity | None) -> Iterable[Problem]:
    if node is None:
        return
    for stage in stages:
        need = stage.resources
        if need.cpus > node.cpus:
            yield Problem(
                stage=stage.name,
                message=f"needs {need.cpus:g} CPUs; the largest node has {node.cpus:g}. Lower cpus=.",
                error=ResourceError,
            )
        gpus = 1.0 if need.entire_gpu else need.gpus or (0.01 if need.gpu_memory_gb else 0.0)
        if gpus > node.gpus:
            yield Problem(
                stage=stage.name,
                message=(
                    f"needs a GPU; the largest node has {node.gpus:g}. "
                    "Use the stage's CPU form or another executor."
                ),
                error=ResourceError,
            )
