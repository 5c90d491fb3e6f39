"""Pools whose actors run one step together and exchange arrays in it: stages with `pool_kind = Raft()`.

On CPUs the actors exchange arrays through a hub, an actor that takes no CPU. On GPUs the hub only
hands out NCCL's unique id. `executors/actor_pool.py` starts the pools, and starts a step again that
failed.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np
import ray
from ray.exceptions import RayActorError, RayError

from curator_engine import rapids
from curator_engine.communicator import Array
from curator_engine.errors import StageError
from curator_engine.failures import Failure, FailurePolicy
from curator_engine.on_ray.actor_pools import (
    Actor,
    ActorPool,
    Batch,
    RayActorPoolStageAdapter,
    cause_of,
    death_of,
    read_reply,
    send,
)
from curator_engine.on_ray.ray_worker import Reply
from curator_engine.resources import Resources, WorkerPlace
from curator_engine.running.chain import Chain
from curator_engine.running.ledger import Ledger
from curator_engine.running.runner import Outcome, StageTally, group_id
from curator_engine.task import FileGroupTask, Task

type AnyTask = Task[Any]

_GRACE_S = 2.0
"""Seconds that actors get to end their calls after a step has failed."""


@dataclass(kw_only=True)
class _Round:
    """One call that all ranks make."""

    what: str
    parts: dict[int, Array | None] = field(default_factory=dict[int, "Array | None"])
    result: Array | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)
    answered: int = 0


class Hub:
    """The actor that joins the ranks: it collects one contribution per rank and round.

    Args:
        size: The number of ranks.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._rounds: dict[int, _Round] = {}
        self._broken = ""

    async def exchange(
        self, number: int, rank: int, what: str, array: Array | None
    ) -> Array | None:
        """Take a rank's contribution, wait for those of all ranks, and return the result.

        Args:
            number: The round, from 0.
            rank: Who calls.
            what: "sum", "barrier" or the root of a broadcast, such as "0".
            array: The contribution, if any.

        Raises:
            StageError: The step was aborted, or the ranks make different calls.
        """
        there = self._rounds.setdefault(number, _Round(what=what))
        if there.what != what:
            await self.abort(f"rank {rank} calls {what} where another rank calls {there.what}")
        there.parts[rank] = array
        if len(there.parts) == self._size and not self._broken:
            try:
                there.result = _joined(there)
            except ValueError as error:
                await self.abort(f"the ranks' arrays do not fit: {error}")
            there.done.set()
        if not self._broken:
            await there.done.wait()
        if self._broken:
            raise StageError(self._broken)
        there.answered += 1
        if there.answered == self._size:
            del self._rounds[number]
        return there.result

    async def abort(self, reason: str) -> None:
        """Wake all ranks that wait, now and later, with an error."""
        self._broken = self._broken or reason
        for there in self._rounds.values():
            there.done.set()


def _joined(there: _Round) -> Array | None:
    if there.what == "barrier":
        return None
    if there.what != "sum":
        return there.parts[int(there.what)]
    parts = [there.parts[rank] for rank in sorted(there.parts)]
    return reduce(np.add, [part for part in parts if part is not None])


class HubCommunicator:
    """A rank's end of the hub.

    Args:
        hub: The hub's handle.
        rank: This worker's number.
        size: The number of workers.
    """

    def __init__(self, hub: Any, rank: int, size: int) -> None:
        self._hub, self._number = hub, 0
        self.rank, self.size = rank, size

    def broadcast(self, array: Array, root: int = 0) -> Array:
        """The root's array.

        Raises:
            ValueError: There is no such root.
            StageError: Another worker failed, or makes another call.
        """
        if not 0 <= root < self.size:
            raise ValueError(f"root={root}, but there are the ranks 0 to {self.size - 1}.")
        return self._exchange(str(root), array if root == self.rank else None)

    def all_reduce(self, array: Array) -> Array:
        """The sum in the order of ranks.

        Raises:
            StageError: Another worker failed, or makes another call.
        """
        return self._exchange("sum", array)

    def barrier(self) -> None:
        """Wait for all.

        Raises:
            StageError: Another worker failed, or makes another call.
        """
        self._exchange("barrier", None)

    def _exchange(self, what: str, array: Array | None) -> Array:
        number, self._number = self._number, self._number + 1
        try:
            result = ray.get(self._hub.exchange.remote(number, self.rank, what, array))
        except RayError as error:
            raise cause_of(error) from error
        # What comes from the object store cannot be written to.
        return np.array(result)


class RayActorPoolRAFTAdapter(RayActorPoolStageAdapter):
    """The actor: one rank.

    Where raft-dask and pylibraft are installed, ranks on GPUs also talk through NCCL, and the stage
    gets a `raft_handle`; without them it has none.

    Args:
        chain: The one stage.
        policy: Not used: a step is tried again as a whole, by the driver.
        worker_id: The actor's name.
        communicator: Its end of the hub.
        session_id: Names the clique of ranks, for NCCL's own log.
    """

    def __init__(
        self,
        chain: Chain,
        policy: FailurePolicy,
        worker_id: str,
        communicator: HubCommunicator,
        session_id: bytes,
    ) -> None:
        self._stage, self._communicator, self._session_id = (
            chain.stages[0],
            communicator,
            session_id,
        )
        self._stage.communicator = communicator
        self._stage.failure_policy = FailurePolicy(on_error="skip")
        self._nccl: Any = None
        super().__init__(chain, policy, worker_id)

    def setup(self, allocation: Resources) -> WorkerPlace:
        """Join the others, then set the stage up."""
        if allocation.requires_gpu:
            self._join_gpus()
        return super().setup(allocation)

    def _join_gpus(self) -> None:
        """Set NCCL up with all ranks; the stage gets a `raft_handle`."""
        part = rapids.Part.RANKS
        if rapids.missing(part):
            return
        nccl = rapids.load(part, "raft_dask.common.nccl").nccl
        comms = rapids.load(part, "raft_dask.common.comms_utils")
        rank, size = self._communicator.rank, self._communicator.size
        own = nccl.get_unique_id() if rank == 0 else b""
        unique_id = self._communicator.broadcast(np.frombuffer(own, dtype=np.uint8)).tobytes()
        self._nccl = nccl()
        self._nccl.init(size, unique_id, rank)
        handle = rapids.load(part, "pylibraft.common.handle").Handle(n_streams=0)
        comms.inject_comms_on_handle_coll_only(handle, self._nccl, size, rank, False)
        # The second name is NeMo Curator's.
        vars(self._stage).update(raft_handle=handle, _raft_handle=handle)

    def teardown(self) -> None:
        """Tear the stage down, then leave the others."""
        super().teardown()
        if self._nccl is not None:
            vars(self._stage).update(raft_handle=None, _raft_handle=None)
            self._nccl.destroy()
            self._nccl = None


class StepError(Exception):
    """A rank failed or died, and with it the whole step.

    Args:
        reason: One line.
        failure: What the rank's stage raised; None if the rank died.
        place: Where it was.
    """

    def __init__(self, reason: str, failure: Failure | None, place: WorkerPlace) -> None:
        super().__init__(reason)
        self.reason, self.failure, self.place = reason, failure, place


class RaftPool(ActorPool):
    """The ranks of one step.

    Args:
        make: Starts a rank on a node; called in the order of ranks.
        slots: A node id per rank.
        hub: What joins them.
    """

    def __init__(self, make: Callable[[str], tuple[Any, Any]], slots: list[str], hub: Any) -> None:
        self.hub = hub
        super().__init__(make, slots)

    def run_together(
        self, chain: Chain, batches: list[Batch], ledger: Ledger, *, deliver: bool
    ) -> list[AnyTask]:
        """Run a batch on each rank, at the same time; the tasks for the next stage.

        Raises:
            StepError: A rank failed, died or took too long; nothing of the step counts.
        """
        limit = chain.policy(ledger.policy).task_timeout_s
        self._each({actor.ready: actor for actor in self.actors}, self._take_place, limit=None)
        for actor, batch in zip(self.actors, batches, strict=True):
            send(actor, batch, chain, ledger, deliver=deliver)
        replies: dict[int, Reply] = {}

        def take(actor: Actor) -> None:
            reply = read_reply(actor.stream, unpacked=chain.is_sink and ledger.collect == "all")
            if reply.outcome.failures:
                failure = reply.outcome.failures[0]
                raise StepError(failure.error, failure, reply.place)
            replies[id(actor)] = reply

        self._each({actor.stream.completed(): actor for actor in self.actors}, take, limit=limit)
        outputs: list[AnyTask] = []
        for actor, batch in zip(self.actors, batches, strict=True):
            reply = replies[id(actor)]
            outputs += ledger.received(
                chain, batch, reply.outcome, worker=reply.place, peak_mb=reply.peak_mb
            )
        return outputs

    def _each(
        self, calls: dict[Any, Actor], take: Callable[[Actor], None], *, limit: float | None
    ) -> None:
        """Take each call's result as it comes; the first failure ends the step."""
        left, until = dict(calls), None if limit is None else time.monotonic() + limit
        while left:
            timeout = None if until is None else max(0.0, until - time.monotonic())
            ready, _ = ray.wait(list(left), num_returns=1, timeout=timeout, fetch_local=False)
            try:
                if not ready:
                    actor = next(iter(left.values()))
                    raise StepError(f"timed out after {limit:g} s", None, _place(actor))
                actor = left.pop(ready[0])
                actor.batch = None
                _checked(take, ready[0], actor)
            except BaseException as error:
                self._wake(list(left.items()), f"another rank failed: {error}")
                raise

    def _take_place(self, actor: Actor) -> None:
        actor.place = ray.get(actor.ready)

    def _wake(self, left: Sequence[tuple[Any, Actor]], reason: str) -> None:
        """Let the ranks that wait for each other end, so that they can tear down."""
        self.hub.abort.remote(reason)
        if not left:
            return
        calls = dict(left)
        ready, _ = ray.wait(
            list(calls), num_returns=len(calls), timeout=_GRACE_S, fetch_local=False
        )
        for call in ready:
            calls[call].batch = None


def _place(actor: Actor) -> WorkerPlace:
    return actor.place or WorkerPlace()


def _checked(take: Callable[[Actor], None], call: Any, actor: Actor) -> None:
    try:
        ray.get(call)
        take(actor)
    except RayActorError as error:
        raise StepError(death_of(error), None, _place(actor)) from error
    except RayError as error:
        raise cause_of(error) from error


def make_hub(size: int) -> Any:
    """Start a hub for so many ranks."""
    remote: Any = ray.remote(Hub)
    return remote.options(num_cpus=0).remote(size)


def may_try_again(
    error: StepError, chain: Chain, tasks: list[AnyTask], ledger: Ledger, *, attempt: int
) -> bool:
    """Note a step that failed in the ledger, and say whether to try it again.

    Args:
        error: What ended it.
        chain: The stage.
        tasks: All tasks of the step.
        ledger: The account.
        attempt: Which attempt it was, from 1.

    Returns:
        Whether it is to be tried again; if not, all of its tasks have failed.

    Raises:
        StageError: No try is left and the policy is to raise.
        BudgetExceededError: More has failed than the policy allows.
    """
    if error.failure is None:
        return bool(ledger.crashed(chain, tasks, error.reason, worker=error.place))
    policy = chain.policy(ledger.policy)
    tally = StageTally(stage=chain.name)
    if attempt <= policy.retries:
        tally.retried = len(tasks)
        ledger.received(chain, [], Outcome(tallies=[tally]), worker=error.place)
        time.sleep(policy.backoff_s * 2 ** (attempt - 1))
        return True
    if policy.on_error == "raise":
        raise StageError(f"{chain.name} failed on {len(tasks)} tasks together: {error.reason}")
    tally.tasks_in = tally.tasks_failed = len(tasks)
    tally.items_in = sum(task.num_items for task in tasks)
    failure = _of_all(error.failure, tasks, attempts=attempt)
    ledger.received(chain, tasks, Outcome(tallies=[tally], failures=[failure]), worker=error.place)
    return False


def _of_all(failure: Failure, tasks: list[AnyTask], *, attempts: int) -> Failure:
    """The failure of one rank as that of all tasks."""
    single = len(tasks) == 1
    groups = [task.data for task in tasks if isinstance(task, FileGroupTask)]
    return replace(
        failure,
        task_id=tasks[0].task_id if single else group_id(tasks),
        attempts=attempts,
        sources=tuple(sorted(frozenset[str]().union(*(task._sources for task in tasks)))),
        files=tuple(dict.fromkeys(name for group in groups for name in group)),
        items=sum(task.num_items for task in tasks),
        task_ids=() if single else tuple(task.task_id for task in tasks),
    )
