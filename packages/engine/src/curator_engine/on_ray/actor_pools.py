"""Pools of Ray actors: each actor is a worker of one chain, takes batches and gives references to tasks.

The tasks lie in Ray's object store and belong to the driver, so they outlive the actor that made
them. `executors/actor_pool.py` decides which pools there are.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError

from curator_engine.errors import StageError
from curator_engine.failures import FailurePolicy
from curator_engine.on_ray.ray_worker import (
    ChainWorker,
    Reply,
    own_place,
    reply_to,
    stand_in,
    unpack,
)
from curator_engine.on_ray.session import cluster_nodes
from curator_engine.resources import Resources, WorkerPlace
from curator_engine.running.chain import Chain
from curator_engine.running.ledger import Ledger
from curator_engine.task import FileGroupTask, Task

type AnyTask = Task[Any]
type Batch = list[AnyTask]


class RayActorPoolStageAdapter:
    """The actor: a chain's worker that streams what it makes."""

    def __init__(self, chain: Chain, policy: FailurePolicy, worker_id: str) -> None:
        self._worker = ChainWorker(chain, policy, worker_id)

    def setup(self, allocation: Resources) -> WorkerPlace:
        """Set the stages up."""
        self._worker.setup(allocation)
        return own_place()

    def run(self, tasks: Sequence[AnyTask], *, deliver: bool) -> Iterator[Any]:
        """Run a batch: yields the reply, then each output that is too large to be in it.

        Args:
            tasks: The batch.
            deliver: Whether a later chain, or the caller, uses the outputs.
        """
        outcome = self._worker.run(tasks)
        outputs = [stand_in(task) for task in outcome.outputs]
        yield reply_to(outcome, outputs)
        if deliver:
            for task, light in zip(outcome.outputs, outputs, strict=True):
                if light is not task:
                    yield task

    def teardown(self) -> None:
        """Tear the stages down."""
        self._worker.teardown()


@dataclass(kw_only=True, eq=False)
class Actor:
    """One actor, as the driver sees it."""

    handle: Any
    node: str
    ready: Any
    """Resolves when it is set up."""
    place: WorkerPlace | None = None
    """Where it is; None until it is set up."""
    batch: Batch | None = None
    stream: Any = None
    """What comes of the batch."""
    since: float = 0.0
    is_overdue: bool = False

    @property
    def is_up(self) -> bool:
        """Whether its setup has ended, even if the driver has not looked yet."""
        return self.place is not None or bool(ray.wait([self.ready], timeout=0)[0])


class ActorPool:
    """The actors of one chain.

    Args:
        make: Starts an actor on a node.
        slots: A node id per actor.
    """

    def __init__(self, make: Callable[[str], tuple[Any, Any]], slots: list[str]) -> None:
        self._make = make
        self.actors = [self._start(node) for node in slots]

    def _start(self, node: str) -> Actor:
        handle, ready = self._make(node)
        return Actor(handle=handle, node=node, ready=ready)

    def map_unordered(
        self, chain: Chain, batches: list[Batch], ledger: Ledger, *, deliver: bool
    ) -> Iterator[AnyTask]:
        """Run the batches, one at a time per actor; yields the tasks for the next stage.

        Raises:
            StageError: A stage failed and the policy is to raise, or its setup failed.
            BudgetExceededError: More has failed than the policy allows.
        """
        waiting = deque(batches)
        limit = chain.policy(ledger.policy).task_timeout_s
        while waiting or any(actor.batch for actor in self.actors):
            for actor in self.actors:
                if waiting and actor.place and not actor.batch:
                    send(actor, waiting.popleft(), chain, ledger, deliver=deliver)
            for actor in self._wait(limit):
                if actor.place is None:
                    self._welcome(actor)
                else:
                    yield from self._collect(actor, chain, ledger, waiting, limit)
            self._kill_overdue(limit)

    def _wait(self, limit: float | None) -> list[Actor]:
        """Wait; return the actors that are set up, have finished a batch, or are dead."""
        by_ref = {a.ready: a for a in self.actors if a.place is None}
        by_ref |= {a.stream.completed(): a for a in self.actors if a.batch}
        begun = [a.since for a in self.actors if a.batch and not a.is_overdue]
        timeout = None
        if limit is not None and begun:
            timeout = max(0.0, min(begun) + limit - time.monotonic())
        ready, _ = ray.wait(list(by_ref), num_returns=1, timeout=timeout, fetch_local=False)
        return [by_ref[ref] for ref in ready]

    def _welcome(self, actor: Actor) -> None:
        try:
            actor.place = ray.get(actor.ready)
        except RayActorError as error:
            raise StageError(f"an actor died in its setup: {error}") from error
        except RayError as error:
            raise cause_of(error) from error

    def _collect(
        self,
        actor: Actor,
        chain: Chain,
        ledger: Ledger,
        waiting: deque[Batch],
        limit: float | None,
    ) -> Iterator[AnyTask]:
        batch, stream = actor.batch or [], actor.stream
        actor.batch = actor.stream = None
        place = actor.place or WorkerPlace()
        try:
            reply = read_reply(stream, unpacked=chain.is_sink and ledger.collect == "all")
        except RayActorError as error:
            reason = f"timed out after {limit:g} s" if actor.is_overdue else death_of(error)
            waiting.extendleft(reversed(ledger.crashed(chain, batch, reason, worker=place)))
            self._replace(actor)
            return
        except RayError as error:
            raise cause_of(error) from error
        if actor.is_overdue:
            # Killed when its reply was under way.
            self._replace(actor)
        yield from ledger.received(chain, batch, reply.outcome, worker=place, peak_mb=reply.peak_mb)

    def _replace(self, actor: Actor) -> None:
        """A new actor for a dead one, on its node if that lives."""
        alive = [node.node_id for node in cluster_nodes()]
        node = actor.node if actor.node in alive else alive[0]
        self.actors[self.actors.index(actor)] = self._start(node)

    def _kill_overdue(self, limit: float | None) -> None:
        now = time.monotonic()
        for actor in self.actors if limit is not None else []:
            is_late = actor.batch and not actor.is_overdue and now >= actor.since + (limit or 0.0)
            # A reply that has come waits for this process, which may be the slow one.
            if is_late and not ray.wait([actor.stream.completed()], timeout=0)[0]:
                actor.is_overdue = True
                ray.kill(actor.handle)


def read_reply(stream: Any, *, unpacked: bool) -> Reply:
    """The reply of an actor to its batch; waits until the stream is complete.

    Args:
        stream: What comes of the batch.
        unpacked: Whether the outputs are to be the tasks themselves.

    Raises:
        RayError: The actor died, or raised.
    """
    ray.get(stream.completed())
    refs = list(stream)
    reply: Reply = ray.get(refs[0])
    further = iter(refs[1:])
    for output in reply.outcome.outputs:
        if not isinstance(output, FileGroupTask) and output.data is None:
            output.data = next(further, None)
    if unpacked:
        reply.outcome.outputs = unpack(reply.outcome.outputs)
    return reply


def send(actor: Actor, batch: Batch, chain: Chain, ledger: Ledger, *, deliver: bool) -> None:
    """Hand a batch to an actor that has none."""
    ledger.sent(chain, batch)
    ledger.begun(batch)
    actor.batch, actor.since, actor.is_overdue = batch, time.monotonic(), False
    run = actor.handle.run.options(num_returns="streaming")
    actor.stream = run.remote(batch, deliver=deliver)


def cause_of(error: RayError) -> Exception:
    """The error that a call raised in its process, without what Ray wraps around it."""
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, Exception) else StageError(str(error).splitlines()[-1])


def death_of(error: RayActorError) -> str:
    """How an actor died, in words."""
    text = str(error)
    if "signal" in text.lower() or "SIGKILL" in text:
        return "worker died (killed)"
    return "worker died"
