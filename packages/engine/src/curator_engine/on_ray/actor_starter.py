"""Place and start the actors of RayActorPoolExecutor.

`running/calculator.py` says how many actors fit; `actor_pools.py` gives them work.
"""

import itertools
import logging
import uuid
from abc import ABC
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.executor import CommonOptions, EngineExecutor
from curator_engine.on_ray.actor_pools import RayActorPoolStageAdapter
from curator_engine.on_ray.session import planned_nodes
from curator_engine.resources import Resources
from curator_engine.running.calculator import Node, Placement, place
from curator_engine.running.chain import Chain
from curator_engine.running.ledger import Ledger
from curator_engine.running.plan import Crew, Layout, Plan, make_layout, num_batches
from curator_engine.stage import Plain
from curator_engine.task import Task

type AnyTask = Task[Any]
type Batch = list[AnyTask]

_log = logging.getLogger(__name__)

NO_NOSET = {"RAY_EXPERIMENTAL_NOSET_CUDA_VISIBLE_DEVICES": ""}
"""An empty value makes Ray show each actor its own GPUs only, also on a cluster that was
started for Cosmos-Xenna. An actor without GPUs does not get it, so that Ray can start it in a process
that is there already."""


@dataclass(frozen=True, kw_only=True)
class ActorPoolOptions(CommonOptions):
    """Options of RayActorPoolExecutor."""

    pool_size: int | None = None
    """Actors per stage; None for as many as fit."""
    runtime_env: dict[str, Any] = field(default_factory=dict[str, Any])
    """Ray runtime environment of all actors; a stage's own is laid over it."""
    reserved_cpus: float = 0.0
    """CPUs of the cluster to leave free."""
    reserved_gpus: float = 0.0
    """GPUs of the cluster to leave free."""

    def check(self) -> None:
        """Raise for a value out of range.

        Raises:
            SettingsError: A value is out of range.
        """
        if self.pool_size is not None and self.pool_size < 1:
            raise SettingsError(f"pool_size={self.pool_size} is below 1.")
        for name in ("reserved_cpus", "reserved_gpus"):
            if getattr(self, name) < 0:
                raise SettingsError(f"{name}={getattr(self, name)} is negative.")


class ActorStarter(EngineExecutor[ActorPoolOptions], ABC):
    """Places and starts the actors of stages.

    Args:
        config: See `ActorPoolOptions`.
        ignore_head_node: Place no actor on the cluster's head.

    Raises:
        SettingsError: An unknown option, or a value out of range.
    """

    kind = ActorPoolOptions

    def __init__(
        self, config: dict[str, Any] | None = None, ignore_head_node: bool = False
    ) -> None:
        super().__init__(config, ignore_head_node)
        self._plan_run: tuple[Plan, Ledger] | None = None
        self._nodes: list[Node] = []
        self._run_id = ""

    def lay_out(self, chains: Sequence[Chain], num_tasks: int) -> Layout:
        """The pools of actors that the chains would get, one after the other."""
        nodes, where = planned_nodes()
        cpus, gpus = self.options.reserved_cpus, self.options.reserved_gpus
        if cpus or gpus:
            where += f", {cpus:g} CPUs and {gpus:g} GPUs reserved"

        def crew_of(chain: Chain) -> Crew:
            tasks = num_tasks if chain.index == 0 else None
            batches = num_batches(chain, tasks) if chain.kind == Plain() else tasks
            return Crew(placement=self._place_on(nodes, chain, num_tasks=batches))

        return make_layout(chains, nodes, crew_of, where=where)

    def _run(self) -> tuple[Plan, Ledger]:
        if self._plan_run is None:
            raise ResourceError("this method works inside execute() only.")
        return self._plan_run

    def _place(self, chain: Chain, *, num_tasks: int | None = None) -> Placement:
        return self._place_on(self._nodes, chain, num_tasks=num_tasks)

    def _place_on(
        self, nodes: Sequence[Node], chain: Chain, *, num_tasks: int | None = None
    ) -> Placement:
        own = chain.stages[0].num_workers()
        wanted = own or self.options.pool_size
        placement = self._fit(
            chain,
            wanted,
            nodes=nodes,
            num_tasks=num_tasks,
            asked_by="num_workers" if own else "pool_size",
        )
        if wanted and placement.limit == "resources" and placement.count < wanted:
            _log.warning(
                "%s: %d actors were asked for; %d fit.", chain.name, wanted, placement.count
            )
        return placement

    def _fit(
        self,
        chain: Chain,
        num_actors: int | None,
        *,
        nodes: Sequence[Node] | None = None,
        num_tasks: int | None = None,
        asked_by: str = "num_workers",
    ) -> Placement:
        return place(
            self._nodes if nodes is None else nodes,
            chain.resources,
            num_tasks=num_tasks,
            num_workers=num_actors,
            asked_by=asked_by,
            reserved_cpus=self.options.reserved_cpus,
            reserved_gpus=self.options.reserved_gpus,
            ignore_head_node=self.ignore_head_node,
        )

    def _starter(
        self,
        chain: Chain,
        placement: Placement,
        kind: type[Any] = RayActorPoolStageAdapter,
        arguments: Callable[[int], tuple[Any, ...]] = lambda _: (),
    ) -> Callable[[str], tuple[Any, Any]]:
        """A function that starts one of the chain's actors on a node.

        Args:
            chain: The chain.
            placement: What an actor takes, by node.
            kind: The actor's class.
            arguments: Further arguments of the actor with this number.
        """
        remote: Any = ray.remote(kind)
        numbers, need = itertools.count(), chain.resources
        policy = self._run()[1].policy
        # A pool may follow another of the same chain whose actors are not gone yet.
        pool_id = f"{self._run_id}-{uuid.uuid4().hex[:4]}"
        env = merged_runtime_env(self.options.runtime_env, chain.stages[0].runtime_env or {})

        def start(node: str) -> tuple[Any, Any]:
            gpus, number = placement.gpus.get(node, 0.0), next(numbers)
            name = f"{chain.name}-{pool_id}-{number}"
            actor = remote.options(
                name=name,
                num_cpus=need.cpus,
                num_gpus=gpus,
                runtime_env=merged_runtime_env(env, {"env_vars": NO_NOSET}) if gpus else env,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
            ).remote(chain, policy, name, *arguments(number))
            allocation = Resources(cpus=need.cpus, gpus=gpus)
            return actor, actor.setup.remote(allocation)

        return start

    def _generate_task_batches(
        self,
        tasks: Sequence[AnyTask],
        batch_size: int | None = None,
        num_output_tasks: int | None = None,
    ) -> list[Batch]:
        """Cut tasks into batches, of a size or of a number.

        Args:
            tasks: The tasks.
            batch_size: Tasks per batch; None with `num_output_tasks` None for one batch of all.
            num_output_tasks: Batches, whose sizes differ by one at most.
        """
        if num_output_tasks is not None:
            count = min(num_output_tasks, len(tasks))
            cuts = [len(tasks) * k // count for k in range(count + 1)]
            return [list(tasks[a:b]) for a, b in itertools.pairwise(cuts)]
        size = batch_size or max(1, len(tasks))
        return [list(tasks[i : i + size]) for i in range(0, len(tasks), size)]

    def _cleanup_actors(self, actors: Sequence[Any]) -> None:
        """Kill actors, living or not."""
        for actor in actors:
            with suppress(Exception):
                ray.kill(actor)


def merged_runtime_env(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """A runtime environment laid over another; their environment variables are joined."""
    variables = {**base.get("env_vars", {}), **over.get("env_vars", {})}
    return {**base, **over, **({"env_vars": variables} if variables else {})}
