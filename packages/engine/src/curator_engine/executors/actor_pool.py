"""RayActorPoolExecutor: a pool of named actors per stage, one stage after the other.

`on_ray/actor_pools.py` says what a pool does with batches.
"""

import itertools
import logging
import uuid
from contextlib import AbstractContextManager
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError

from curator_engine.errors import SettingsError
from curator_engine.on_ray.actor_pools import ActorPool, cause_of
from curator_engine.on_ray.actor_starter import (
    NO_NOSET,
    ActorStarter,
    merged_runtime_env,
)
from curator_engine.on_ray.nodes import set_up_nodes
from curator_engine.on_ray.raft_pool import (
    HubCommunicator,
    RaftPool,
    RayActorPoolRAFTAdapter,
    StepError,
    make_hub,
    may_try_again,
)
from curator_engine.on_ray.session import cluster_nodes, ray_session
from curator_engine.on_ray.shuffle_pool import (
    Farewell,
    KeptRanges,
    Notes,
    Ranks,
    ShuffleStageAdapter,
    WorkerDiedError,
    gather,
    run_as_group,
    run_phases,
    shuffler_of,
)
from curator_engine.running.chain import Chain
from curator_engine.running.ledger import Ledger
from curator_engine.running.plan import Plan
from curator_engine.running.progress import Progress, ProgressSink
from curator_engine.stage import Raft, Shuffle
from curator_engine.task import Task, id_key

type AnyTask = Task[Any]
type Batch = list[AnyTask]

_log = logging.getLogger(__name__)

_GRACE_S = 2.0
"""Seconds that actors get to tear down after an error before they are killed."""


class RayActorPoolExecutor(ActorStarter):
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
        if progress_interval <= 0:
            raise SettingsError(f"progress_interval={progress_interval} is not above 0.")
        self.show_progress = show_progress
        self.progress_interval = progress_interval
        self._ranks = Ranks()

    def progress(self) -> ProgressSink | None:
        """What shows how far a run is."""
        return Progress(logging_interval=self.progress_interval) if self.show_progress else None

    def session(self) -> AbstractContextManager[None]:
        """A Ray session."""
        return ray_session(
            runtime_env=merged_runtime_env(self.options.runtime_env, {"env_vars": NO_NOSET})
        )

    def run_plan(self, plan: Plan, ledger: Ledger, tasks: list[AnyTask]) -> None:
        """Run chain after chain, each on a pool of its own.

        Raises:
            ResourceError: A chain's worker fits on no node.
            PipelineError: A shuffle stage lacks one of the phases.
        """
        if not tasks:
            return
        for chain in plan.chains:
            if isinstance(chain.kind, Shuffle):
                shuffler_of(chain.stages[0])
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
        """Run one chain on all its tasks; return the tasks for the next chain."""
        if isinstance(chain.kind, Raft):
            return self._run_together(chain, tasks)
        if isinstance(chain.kind, Shuffle):
            return self._run_shuffle(chain, tasks)
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
        """Run one step on all ranks together, and again after a failure while the policy has tries left."""
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

    def _run_shuffle(self, chain: Chain, tasks: list[AnyTask]) -> list[AnyTask]:
        """Run a stage that brings rows together; return the tasks for the next chain."""
        _, ledger = self._run()
        tasks = sorted(tasks, key=lambda task: id_key(task.task_id))
        ledger.sent(chain, tasks)
        ledger.begun(tasks)

        def attempt(group: list[AnyTask]) -> list[AnyTask]:
            self._nodes = cluster_nodes()
            try:
                return self._execute_lsh_stage(chain, group)
            except WorkerDiedError:
                ledger.report.worker_deaths += 1
                raise

        self._ranks = Ranks()
        outcome = run_as_group(chain, ledger.policy, tasks, attempt)
        return self._ranks.account(ledger, chain, tasks, outcome)

    def _execute_lsh_stage(self, stage: Chain, input_tasks: list[AnyTask]) -> list[AnyTask]:
        """Shuffle all tasks once per band range, with fresh actors for each.

        Args:
            stage: The chain; without band ranges there is one iteration.
            input_tasks: All tasks, in the order of their rows.

        Returns:
            The tasks of all iterations; those of an iteration that an earlier run finished are
            what it made.
        """
        count = self._place(stage, num_tasks=len(input_tasks)).count
        shares = self._generate_task_batches(input_tasks, num_output_tasks=count)
        shuffler, notes = shuffler_of(stage.stages[0]), list[Notes]()
        ranges, outputs = KeptRanges(stage, shares), list[AnyTask]()
        for bands in shuffler.band_ranges():
            kept = ranges.outputs(bands)
            if kept is not None:
                outputs += kept
                notes.append(stage.stages[0].take_notes())
                continue
            actors = self._create_rapidsmpf_actors(stage, count, len(input_tasks))
            try:
                outputs += self._process_shuffle_stage_with_rapidsmpf_actors(
                    actors, input_tasks, bands
                )
                farewells: list[Farewell] = gather([a.teardown.remote() for a in actors])
            finally:
                self._cleanup_actors(actors)
            self._ranks.add(farewells)
            notes += [each.notes for each in farewells]
        for each in notes:
            shuffler.add_notes(*each)
        return outputs

    def _create_rapidsmpf_actors(self, stage: Chain, num_actors: int, num_tasks: int) -> list[Any]:
        """Start the actors of a shuffle.

        Args:
            stage: The chain.
            num_actors: How many, at most those that fit.
            num_tasks: Input tasks of all of them.

        Raises:
            StageError: The stage's setup failed.
        """
        placement = self._fit(stage, num_actors)
        slots = placement.slots()
        hub = make_hub(len(slots)) if shuffler_of(stage.stages[0]).is_joined() else None

        def arguments(rank: int) -> tuple[Any, ...]:
            own = HubCommunicator(hub, rank, len(slots)) if hub else None
            return rank, len(slots), num_tasks, own

        start = self._starter(stage, placement, ShuffleStageAdapter, arguments)
        started = [start(node) for node in slots]
        try:
            gather([ready for _, ready in started])
        except BaseException:
            self._cleanup_actors([actor for actor, _ in started])
            raise
        return [actor for actor, _ in started]

    def _process_shuffle_stage_with_rapidsmpf_actors(
        self,
        actors: list[Any],
        tasks: list[AnyTask],
        band_range: tuple[int, int] | None = None,
    ) -> list[AnyTask]:
        """Insert, say that it is finished, extract.

        Args:
            actors: What `_create_rapidsmpf_actors` returned.
            tasks: All tasks, in the order of their rows.
            band_range: The bands [start, end) of this iteration, if there are bands.
        """
        shares = self._generate_task_batches(tasks, num_output_tasks=len(actors))
        return run_phases(actors, shares, band_range, limit=self._run()[1].policy.task_timeout_s)

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

    def _cleanup_actor_pool(self, actor_pool: ActorPool, *, graceful: bool = True) -> None:
        """Tear the actors down and let them go.

        Args:
            actor_pool: The pool.
            graceful: Wait as long as it takes and raise what a teardown raised; else a moment.
        """
        handles = [actor.handle for actor in actor_pool.actors]
        idle = [a.handle for a in actor_pool.actors if a.is_up and (graceful or not a.batch)]
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
