"""A pipeline made ready: flat stages, checked wiring, chains.

Pure: nothing starts here. `Pipeline.plan()` prints it; executors run it.
"""

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from curator_engine.errors import CuratorError, PipelineError, ResourceError
from curator_engine.running.calculator import Node, Placement, describe
from curator_engine.running.chain import Chain, fuse
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


_NODES_SHOWN, _ID_LENGTH = 4, 6
"""Nodes that a line names, and characters of a node's id."""
_BUDGETS = ("max_failures", "max_failure_ratio", "max_rejected_ratio")
"""Settings of a failure policy that hold for a whole run, so that a stage cannot have its own."""


@dataclass(frozen=True, kw_only=True)
class Crew:
    """The workers of one chain, as an executor would start them."""

    placement: Placement
    """Where they would be."""
    at_first: int | None = None
    """How many there are at first, where the executor adds more as it sees fit."""

    def text(self, *, with_nodes: bool) -> str:
        """Their number, where they are if that is a question, and what limits the number."""
        most, scales = self.placement.count, self.at_first not in (None, self.placement.count)
        number = f"{self.at_first}-{most}" if scales else f"{most}"
        noun = "worker" if most == 1 else "workers"
        places = f" ({self._places()})" if with_nodes else ""
        scaling = ", autoscaled" if scales else ""
        return f"{number} {noun}{scaling}{places}, limit: {self.placement.limit}"

    def _places(self) -> str:
        """Workers by node."""
        counts = list(self.placement.workers.items())
        parts = [f"{count} on {node_id[:_ID_LENGTH]}" for node_id, count in counts[:_NODES_SHOWN]]
        if len(counts) > _NODES_SHOWN:
            rest = sum(count for _, count in counts[_NODES_SHOWN:])
            parts.append(f"{rest} on {len(counts) - _NODES_SHOWN} more")
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What an executor would make of a plan's chains on the nodes that it would have."""

    where: str
    """Which nodes these are, in words."""
    nodes: tuple[Node, ...]
    crews: dict[int, Crew]
    """By index of the chain; a chain of which not even one worker fits has none."""
    segments: tuple[tuple[int, ...], ...] = ()
    """Indices of the chains that run at the same time; empty where the executor cuts nothing."""
    problems: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        """The nodes, in words."""
        cpus, gpus = (sum(getattr(node, kind) for node in self.nodes) for kind in ("cpus", "gpus"))
        return f"{self.where} ({cpus:g} CPUs, {gpus} GPUs)"


def num_batches(chain: Chain, num_tasks: int | None) -> int | None:
    """Batches that so many tasks make; None if it is not known."""
    if chain.batch_size is None:
        return 1
    return None if num_tasks is None else -(-num_tasks // max(1, chain.batch_size))


def make_layout(
    chains: Sequence[Chain],
    nodes: Sequence[Node],
    crew_of: Callable[[Chain], Crew],
    *,
    where: str,
    segments: Sequence[Sequence[Chain]] = (),
) -> Layout:
    """Ask for the crew of every chain; what does not fit becomes a problem.

    Args:
        chains: The chains of a plan.
        nodes: What the executor would have.
        crew_of: The crew of a chain; raises ResourceError if not even one worker fits.
        where: Which nodes these are, in words.
        segments: The chains that run at the same time.
    """
    crews: dict[int, Crew] = {}
    problems: list[Problem] = []
    for chain in chains:
        try:
            crews[chain.index] = crew_of(chain)
        except ResourceError as error:
            problems.append(Problem(stage=chain.name, message=str(error), error=ResourceError))
    return Layout(
        where=where,
        nodes=tuple(nodes),
        crews=crews,
        segments=tuple(tuple(chain.index for chain in row) for row in segments),
        problems=tuple(problems),
    )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The stages of one run, cut into chains."""

    name: str
    stages: tuple[AnyStage, ...]
    """Copies of the user's stages, none of them composite."""
    chains: tuple[Chain, ...]
    executor: str = ""
    layout: Layout | None = None
    """Workers and nodes, in a dry run on one of our executors."""
    problems: tuple[Problem, ...] = field(default=())

    def laid_out(self, layout: Layout) -> Self:
        """The plan with its workers and nodes."""
        return replace(self, layout=layout, problems=(*self.problems, *layout.problems))

    def __str__(self) -> str:
        """The plan as lines to print: a line per chain, then what is wrong."""
        head = f"Plan: {self.name}, {self.executor or 'any executor'}"
        lines = [f"{head}, {self.layout}" if self.layout else head]
        rows = self.layout.segments if self.layout else ()
        begins = {row[0]: number for number, row in enumerate(rows, start=1)}
        for chain in self.chains:
            if len(begins) > 1 and chain.index in begins:
                lines.append(f" segment {begins[chain.index]} of {len(rows)}")
            lines.append(self._line(chain))
        lines += [f"  problem: {problem}" for problem in self.problems]
        return "\n".join(lines)

    def _line(self, chain: Chain) -> str:
        role = " (source)" if chain.is_source else ""
        batch = "all tasks" if chain.batch_size is None else f"{chain.batch_size}"
        need = describe(chain.resources)
        crew = self.layout.crews.get(chain.index) if self.layout else None
        shares = sorted(set(crew.placement.gpus.values())) if crew else []
        if chain.resources.gpu_memory_gb and shares:
            need += f" ({' to '.join(f'{share:g}' for share in shares[:: len(shares) - 1 or 1])} of a GPU)"
        line = f"  {chain.index + 1}. {chain.name}{role}: {need}, batch {batch}"
        if self.layout is None or crew is None:
            return line
        return f"{line}; {crew.text(with_nodes=len(self.layout.nodes) > 1)}"


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
    node: NodeCapacity | None = None,
) -> Plan:
    """Flatten, check and cut into chains.

    Args:
        name: The pipeline's name.
        stages: The user's stages; they are left as they are.
        has_source: Whether the first stage finds the work (there are no initial tasks).
        fused: Whether adjacent stages may share a worker.
        executor: The executor's name, for printing.
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
        problems=tuple(problems),
    )


def _settings(stages: list[AnyStage]) -> Iterable[Problem]:
    for stage in stages:
        own = stage.failure_policy
        if own and any(getattr(own, name) is not None for name in _BUDGETS):
            yield Problem(
                stage=stage.name,
                message="has a failure budget of its own; set max_failures= and the ratios on the executor.",
            )
        if stage.batch_size is not None and stage.batch_size < 1:
            yield Problem(
                stage=stage.name,
                message=f"batch_size={stage.batch_size} is below 1. Use 1 or more, or None for all.",
            )
        sized = {"num_workers", "num_workers_per_node"} & stage.xenna_stage_spec().keys()
        if "num_workers" in sized:
            yield Problem(
                stage=stage.name,
                message="sets num_workers in xenna_stage_spec(). Use num_workers(), or with_(num_workers=).",
            )
        elif sized and stage.num_workers() is not None:
            yield Problem(
                stage=stage.name,
                message="sets num_workers() and num_workers_per_node in xenna_stage_spec(). Use one of them.",
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
            needs = stage.inputs()
            # Which class of task comes is known when it is there.
            needed = [] if isinstance(needs, dict) else needs[kind]
            missing = [name for name in needed if name not in known]
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
