"""RayActorPoolExecutor: a pool of named actors per stage, one stage after the other.

What a pool does with batches is `actors.py`'s.
"""

import itertools
import logging
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from curator_engine.calculator import Node, Placement, place
from curator_engine.chain import Chain
from curator_engine.errors import ResourceError, SettingsError
from curator_engine.executors.actors import ActorPool, RayActorPoolStageAdapter, cause_of
from curator_engine.executors.base import BaseExecutor, FailureOptions, read_options
from curator_engine.executors.nodes import set_up_nodes
from curator_engine.executors.raft import (
    HubCommunicator,
    RaftPool,
    RayActorPoolRAFTAdapter,
    StepError,
    make_hub,
    may_try_again,
)
from curator_engine.executors.session import cluster_nodes, ray_session
from curator_engine.ledger import Ledger
from curator_engine.pipeline import Pipeline
from curator_engine.plan import NodeCapacity, Plan
from curator_engine.progress import Progress, ProgressSink
from curator_engine.resources import Resources
from curator_engine.stage import AnyStage, Raft
from curator_engine.task import Task, id_key

type AnyTask = Task[Any]
type Batch = list[AnyTask]

_log = logging.getLogger(__name__)

_GRACE_S = 2.0
"""Time that actors get to tear down after an error before they are killed."""
_NOSET = {"RAY_EXPERIMENTAL_NOSET_CUDA_VISIBLE_DEVICES": ""}
"""Empty: Ray shows each actor its own GPUs, also on a cluster that was started for Cosmos-Xenna. An
actor without GPUs can do without it, and so start in a process that is there already."""


@dataclass(frozen=True, kw_only=True)
class ActorPoolOptions(FailureOptions):
    """Options of RayActorPoolExecutor."""

    pool_size: int | None = None
    """Actors per stage; None for as many as fit."""
    runtime_env: dict[str, Any] = field(default_factory=dict[str, Any])
    """Ray runtime environment of all actors; a stage's own is laid over it."""
    reserved_cpus: float = 0.0
    """CPUs of the cluster to leave free."""
    reserved_gpus: float = 0.0
    """GPUs of the cluster to leave free."""
    fuse: bool = True
    """Let adjacent small stages share an actor."""


class RayActorPoolExecutor(BaseExecutor):
    """Runs each stage on a pool of Ray actors, stage after stage.

    Args:
        config: See `ActorPoolOptions`.
        ignore_head_node: Place no actor on the cluster's head.
        show_progress: Show how far the run is.
        progress_interval: Seconds between lines where there is no terminal.

    Raises:
        SettingsError: An unknown option, or a value out of range.
    """

    def __init__(
        self,
        config: dict[str, Any] | None = None,
        ignore_head_node: bool = False,
        show_progress: bool = True,
        progress_interval: float = 10.0,
    ) -> None:
        super().__init__(config, ignore_head_node)
        self.options = read_options(ActorPoolOptions, self.config, executor=type(self).__name__)
        if self.options.pool_size is not None and self.options.pool_size < 1:
            raise SettingsError(f"pool_size={self.options.pool_size} is below 1.")
        for name in ("reserved_cpus", "reserved_gpus"):
            if getattr(self.options, name) < 0:
                raise SettingsError(f"{name}={getattr(self.options, name)} is negative.")
        if progress_interval <= 0:
            raise SettingsError(f"progress_interval={progress_interval} is not above 0.")
        self.show_progress = show_progress
        self.progress_interval = progress_interval
        self.policy = self.options.policy()
        self.metrics_port = self.options.metrics_port
        self.fused = self.options.fuse
        self._plan_run: tuple[Plan, Ledger] | None = None
        self._nodes: list[Node] = []
        self._run_id = ""

    def node(self) -> NodeCapacity | None:
        """Not known before the cluster is reached."""
        return None

    def fixed_workers(self) -> int | None:
        """The size of the pools, where it is fixed."""
        return self.options.pool_size

    def progress(self) -> ProgressSink | None:
        """What shows how far a run is."""
        return Progress(logging_interval=self.progress_interval) if self.show_progress else None

    def execute(
        self, stages: list[AnyStage], initial_tasks: list[AnyTask] | None = None
    ) -> list[AnyTask]:
        """Run the stages as a pipeline and return the last one's tasks."""
        return Pipeline("stages", stages=stages).run(self, initial_tasks)

    def session(self) -> AbstractContextManager[None]:
        """A Ray session."""
        return ray_session(
            runtime_env=merged_runtime_env(self.options.runtime_env, {"env_vars": _NOSET})
        )

    def run_plan(self, plan: Plan, ledger: Ledger, tasks: list[AnyTask]) -> None:
        """Run chain after chain, each on a pool of its own.

        Raises:
            ResourceError: A chain's worker fits on no node.
        """
        if not tasks:
            return
        with self.session():
            self._nodes = cluster_nodes()
            self._plan_run, self._run_id = (plan, ledger), uuid.uuid4().hex[:8]
            try:
                placements = [self._place(chain) for chain in plan.chains]
                set_up_nodes(plan.chains, placements)
                for chain in plan.chains:
                    if not tasks:
                        break
                    tasks = self._run_chain(chain, tasks)
            finally:
                self._plan_run = None

    def _run_chain(self, chain: Chain, tasks: list[AnyTask]) -> list[AnyTask]:
        """One chain on all its tasks; the tasks for the next one."""
        if isinstance(chain.kind, Raft):
            return self._run_together(chain, tasks)
        batches = len(self._generate_task_batches(tasks, chain.batch_size))
        pool = self._create_actor_pool(chain, self._place(chain, num_tasks=batches).count)
        try:
            outputs = self._process_stage_with_pool(pool, chain, tasks)
        except BaseException:
            self._cleanup_actor_pool(pool, graceful=False)
            raise
        self._cleanup_actor_pool(pool)
        return outputs

    def _run_together(self, chain: Chain, tasks: list[AnyTask]) -> list[AnyTask]:
        """One step of ranks that need each other, as often as the policy has tries."""
        # In the order of ids, so that each rank's share does not depend on who finished first.
        tasks = sorted(tasks, key=lambda task: id_key(task.task_id))
        for attempt in itertools.count(1):
            self._nodes = cluster_nodes()
            count = self._place(chain, num_tasks=len(tasks)).count
            pool = self._create_raft_actor_pool(chain, count, uuid.uuid4().bytes)
            try:
                outputs = self._process_stage_with_pool(pool, chain, tasks)
            except StepError as error:
                self._cleanup_actor_pool(pool, graceful=False)
                if not may_try_again(error, chain, tasks, self._run()[1], attempt=attempt):
                    break
            except BaseException:
                self._cleanup_actor_pool(pool, graceful=False)
                raise
            else:
                self._cleanup_actor_pool(pool)
                return outputs
        return []

    def _place(self, chain: Chain, *, num_tasks: int | None = None) -> Placement:
        wanted = chain.stages[0].num_workers() or self.options.pool_size
        placement = place(
            self._nodes,
            chain.resources,
            num_tasks=num_tasks,
            num_workers=wanted,
            reserved_cpus=self.options.reserved_cpus,
            reserved_gpus=self.options.reserved_gpus,
            ignore_head_node=self.ignore_head_node,
        )
        if wanted and placement.limit == "resources" and placement.count < wanted:
            _log.warning(
                "%s: %d actors were asked for; %d fit.", chain.name, wanted, placement.count
            )
        return placement

    def _create_actor_pool(self, stage: Chain, num_actors: int) -> ActorPool:
        """Start the actors of a chain.

        Args:
            stage: The chain.
            num_actors: How many, at most those that fit.
        """
        placement = self._fit(stage, num_actors)
        return ActorPool(self._starter(stage, placement), placement.slots())

    def _create_raft_actor_pool(self, stage: Chain, num_actors: int, session_id: bytes) -> RaftPool:
        """Start the actors of a chain whose stage needs them to talk to each other.

        Args:
            stage: The chain.
            num_actors: How many, at most those that fit at the same time.
            session_id: Names this set of actors.
        """
        placement = self._fit(stage, num_actors)
        slots = placement.slots()
        hub = make_hub(len(slots))

        def arguments(rank: int) -> tuple[Any, ...]:
            return HubCommunicator(hub, rank, len(slots)), session_id

        start = self._starter(stage, placement, RayActorPoolRAFTAdapter, arguments)
        return RaftPool(start, slots, hub)

    def _fit(self, chain: Chain, num_actors: int) -> Placement:
        return place(
            self._nodes,
            chain.resources,
            num_workers=num_actors,
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
                runtime_env=merged_runtime_env(env, {"env_vars": _NOSET}) if gpus else env,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
            ).remote(chain, policy, name, *arguments(number))
            allocation = Resources(cpus=need.cpus, gpus=gpus)
            return actor, actor.setup.remote(allocation)

        return start

    def _run(self) -> tuple[Plan, Ledger]:
        if self._plan_run is None:
            raise ResourceError("this method works inside execute() only.")
        return self._plan_run

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

    def _process_stage_with_pool(
        self, actor_pool: ActorPool, _stage: Chain, tasks: list[AnyTask]
    ) -> list[AnyTask]:
        """Run a chain's tasks on its pool; the tasks for the next one."""
        _, ledger = self._run()
        if not _stage.aligned:
            # Groups are cut from sorted ids, so they do not depend on who finished first.
            tasks = sorted(tasks, key=lambda task: id_key(task.task_id))
        deliver = not _stage.is_sink or ledger.collect == "all"
        if isinstance(actor_pool, RaftPool):
            shares = self._generate_task_batches(tasks, num_output_tasks=len(actor_pool.actors))
            return actor_pool.run_together(_stage, shares, ledger, deliver=deliver)
        batches = self._generate_task_batches(tasks, _stage.batch_size)
        return list(actor_pool.map_unordered(_stage, batches, ledger, deliver=deliver))

    def _cleanup_actors(self, actors: Sequence[Any]) -> None:
        """Kill actors, living or not."""
        for actor in actors:
            with suppress(Exception):
                ray.kill(actor)

    def _cleanup_actor_pool(self, actor_pool: ActorPool, *, graceful: bool = True) -> None:
        """Tear the actors down and let them go.

        Args:
            actor_pool: The pool.
            graceful: Wait as long as it takes and raise what a teardown raised; else a moment.
        """
        handles = [actor.handle for actor in actor_pool.actors]
        idle = [a.handle for a in actor_pool.actors if a.place and (graceful or not a.batch)]
        calls = [handle.teardown.remote() for handle in idle]
        try:
            if graceful:
                ray.get(calls)
            elif calls:
                ray.wait(calls, num_returns=len(calls), timeout=_GRACE_S)
        except RayActorError:
            _log.warning("an actor died before its teardown.")
        except RayError as error:
            raise cause_of(error) from error
        finally:
            hubs = [actor_pool.hub] if isinstance(actor_pool, RaftPool) else []
            self._cleanup_actors([*handles, *hubs])


def merged_runtime_env(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """A runtime environment laid over another; their environment variables are joined."""
    variables = {**base.get("env_vars", {}), **over.get("env_vars", {})}
    return {**base, **over, **({"env_vars": variables} if variables else {})}
