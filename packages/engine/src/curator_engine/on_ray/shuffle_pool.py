"""Actors that shuffle together, in three phases: stages with `pool_kind = Shuffle(...)`.

`stages/shuffle.py` decides which rows go where, and whether they go through files or from GPU to
GPU. `executors/actor_pool.py` starts the actors.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, cast

import ray
from ray.exceptions import RayActorError, RayError

from curator_engine.communicator import Communicator
from curator_engine.errors import PipelineError, StageError
from curator_engine.failures import FailurePolicy
from curator_engine.on_ray.actor_pools import cause_of, death_of
from curator_engine.on_ray.ray_worker import own_place, unpack
from curator_engine.resources import HERE, Resources, WorkerMetadata, WorkerPlace
from curator_engine.running.chain import Chain
from curator_engine.running.ledger import Ledger
from curator_engine.running.run_report import own_peak_memory_mb
from curator_engine.running.runner import Outcome, Runner, StageTally, group_id
from curator_engine.stage import AnyStage, ProcessingStage, Rejection
from curator_engine.task import FileGroupTask, Task

type AnyTask = Task[Any]
type Bands = tuple[int, int] | None
type Notes = tuple[dict[str, float], dict[str, int], list[Rejection]]
"""Metrics, drops and rejections, as `ProcessingStage.take_notes` gives them."""


class Shuffler(Protocol):
    """The methods of a stage that this pool calls; see `ShuffleStage`."""

    def is_joined(self) -> bool:
        """Whether the workers need a communicator."""
        ...

    def begin(
        self,
        group: str,
        *,
        num_tasks: int,
        rank: int = 0,
        size: int = 1,
        bands: Bands = None,
        first: int = 0,
    ) -> None:
        """Start to insert."""
        ...

    def band_ranges(self) -> Sequence[Bands]:
        """The bands of each iteration; one None where there are no bands."""
        ...

    def insert(self, task: Any) -> str:
        """Take a task's rows; returns a digest of them."""
        ...

    def digest(self, task: Any) -> str:
        """A digest of a task's rows."""
        ...

    def insert_finished(self) -> None:
        """Note that all workers have inserted all."""
        ...

    def extract_and_write(self) -> list[FileGroupTask]:
        """Write this worker's partitions."""
        ...

    def clear(self, group: str, bands: Bands) -> None:
        """Remove what an earlier attempt left."""
        ...

    def finish(
        self, group: str, bands: Bands, digests: Sequence[str], outputs: Sequence[FileGroupTask]
    ) -> None:
        """End an iteration."""
        ...

    def has_marker(self, group: str, bands: tuple[int, int]) -> bool:
        """Whether the iteration was once finished."""
        ...

    def add_notes(
        self, metrics: dict[str, float], drops: dict[str, int], rejections: list[Rejection]
    ) -> None:
        """Take over what another worker noted."""
        ...

    def kept(
        self, group: str, bands: tuple[int, int], digests: Sequence[str]
    ) -> list[FileGroupTask] | None:
        """What an earlier run made of the same."""
        ...


_METHODS = (
    *("begin", "insert", "insert_finished", "extract_and_write"),
    *("clear", "finish", "add_notes", "is_joined"),
)


def shuffler_of(stage: AnyStage) -> Shuffler:
    """The stage as one that shuffles.

    Raises:
        PipelineError: It lacks a method.
    """
    missing = [name for name in _METHODS if not hasattr(stage, name)]
    if missing:
        raise PipelineError(
            f"{stage.name} is a shuffle stage without {', '.join(missing)}; derive it from ShuffleStage."
        )
    return cast("Shuffler", stage)


class WorkerDiedError(StageError):
    """An actor died, or was killed because it took too long."""


class ShuffleStageAdapter:
    """The actor: one of the workers of a shuffle.

    Args:
        chain: The one stage.
        policy: Not used: a shuffle is tried again as a whole, by the driver.
        worker_id: The actor's name.
        rank: Its number, from 0.
        size: The number of actors.
        num_tasks: Input tasks of all actors.
        communicator: Its end of the hub; None if the stage needs none.
    """

    def __init__(
        self,
        chain: Chain,
        policy: FailurePolicy,
        worker_id: str,
        rank: int,
        size: int,
        num_tasks: int,
        communicator: Communicator | None = None,
    ) -> None:
        self._stage = chain.stages[0]
        if communicator is not None:
            self._stage.communicator = communicator
        self._shuffler = shuffler_of(self._stage)
        self._worker_id = worker_id
        self._rank, self._size, self._num_tasks = rank, size, num_tasks

    def setup(self, allocation: Resources) -> WorkerPlace:
        """Set the stage up."""
        self._stage.setup(WorkerMetadata(worker_id=self._worker_id, allocation=allocation))
        return own_place()

    def clear(self, group: str, bands: Bands) -> None:
        """Remove what an earlier attempt left."""
        self._shuffler.clear(group, bands)

    def begin(self, group: str, bands: Bands, first: int) -> None:
        """Start to insert.

        Args:
            group: Names the shuffle.
            bands: The iteration.
            first: Tasks of the actors before this one.
        """
        self._shuffler.begin(
            group,
            num_tasks=self._num_tasks,
            rank=self._rank,
            size=self._size,
            bands=bands,
            first=first,
        )

    def insert(self, tasks: Sequence[AnyTask]) -> list[str]:
        """Insert this actor's share, one task in memory at a time; returns their digests."""
        return [self._insert(task) for task in tasks]

    def _insert(self, light: AnyTask) -> str:
        (task,) = unpack([light])
        self._stage.check_input(task)
        self._stage.take_up(task.task_id)
        return self._shuffler.insert(task)

    def insert_finished(self) -> None:
        """Note that all actors have inserted all."""
        self._shuffler.insert_finished()

    def extract_and_write(self) -> list[FileGroupTask]:
        """Write this actor's partitions."""
        return self._shuffler.extract_and_write()

    def take_notes(self) -> Notes:
        """What the stage noted in this actor."""
        return self._stage.take_notes()

    def finish(
        self,
        group: str,
        bands: Bands,
        digests: Sequence[str],
        outputs: Sequence[FileGroupTask],
        notes: Sequence[Notes],
    ) -> None:
        """End the iteration, for all actors, with what all of them noted."""
        for each in notes:
            self._shuffler.add_notes(*each)
        self._shuffler.finish(group, bands, digests, outputs)

    def teardown(self) -> "Farewell":
        """Tear the stage down."""
        self._stage.teardown()
        return Farewell(
            place=own_place(), peak_mb=own_peak_memory_mb(), notes=self._stage.take_notes()
        )


@dataclass(frozen=True, kw_only=True)
class Farewell:
    """What an actor reports before it ends."""

    place: WorkerPlace
    peak_mb: float
    notes: Notes
    """What its stage noted; the actor that ended an iteration reports what all actors noted in it."""


class Ranks:
    """The actors that worked on a shuffle; the fresh actors of an iteration count as those of the same rank before."""

    def __init__(self) -> None:
        self._known: list[tuple[WorkerPlace, float]] = []

    def add(self, farewells: Sequence[Farewell]) -> None:
        """Take in the actors of an iteration, in the order of ranks."""
        for rank, each in enumerate(farewells):
            if rank == len(self._known):
                self._known.append((each.place, each.peak_mb))
            place, peak_mb = self._known[rank]
            self._known[rank] = place, max(peak_mb, each.peak_mb)

    def account(
        self, ledger: Ledger, chain: Chain, tasks: Sequence[AnyTask], outcome: Outcome
    ) -> list[AnyTask]:
        """Note the outcome in the ledger as the work of all ranks; return the tasks for the next stage.

        Raises:
            BudgetExceededError: More has failed than the policy allows.
        """
        (place, peak_mb), *others = self._known or [(HERE, 0.0)]
        for other, its_peak_mb in others:
            nothing = Outcome(tallies=[StageTally(stage=chain.name)])
            ledger.received(chain, [], nothing, worker=other, peak_mb=its_peak_mb)
        return ledger.received(chain, tasks, outcome, worker=place, peak_mb=peak_mb)


def run_phases(
    actors: Sequence[Any], shares: Sequence[list[AnyTask]], bands: Bands, *, limit: float | None
) -> list[AnyTask]:
    """Run the three phases, each on all actors at once: insert, tell all that it is finished, extract.

    Args:
        actors: Handles of `ShuffleStageAdapter`.
        shares: Tasks for each actor; the shares one after the other are in the order of the rows.
        bands: The iteration's bands.
        limit: Seconds that all phases may take together; None for any time.

    Returns:
        A task per file, in the order of partitions.

    Raises:
        StageError: The stage failed.
        WorkerDiedError: An actor died, or the limit is over.
    """
    until = None if limit is None else time.monotonic() + limit
    group = group_id([task for share in shares for task in share])
    gather([actors[0].clear.remote(group, bands)], until)
    firsts = [sum(map(len, shares[:rank])) for rank in range(len(actors))]
    begun = [a.begin.remote(group, bands, first) for a, first in zip(actors, firsts, strict=True)]
    gather(begun, until)
    calls = [a.insert.remote(share) for a, share in zip(actors, shares, strict=False)]
    digests = [digest for each in gather(calls, until) for digest in each]
    gather([actor.insert_finished.remote() for actor in actors], until)
    written = gather([actor.extract_and_write.remote() for actor in actors], until)
    outputs = sorted((task for each in written for task in each), key=lambda task: task.data)
    notes = gather([actor.take_notes.remote() for actor in actors], until)
    gather([actors[0].finish.remote(group, bands, digests, outputs, notes)], until)
    return outputs


class KeptRanges:
    """What an earlier run made of the same rows: iterations over bands that need not be done again.

    Args:
        chain: The one stage.
        shares: All tasks, divided among as many workers as may look at them.
    """

    def __init__(self, chain: Chain, shares: Sequence[list[AnyTask]]) -> None:
        self._chain, self._shares = chain, shares
        self._shuffler = shuffler_of(chain.stages[0])
        self._group = group_id([task for share in shares for task in share])
        self._digests: list[str] | None = None

    def outputs(self, bands: Bands) -> list[AnyTask] | None:
        """The iteration's outputs; None if it is to be done.

        Raises:
            StageError: The rows cannot be looked at.
        """
        if bands is None or not self._shuffler.has_marker(self._group, bands):
            return None
        if self._digests is None:
            remote: Any = ray.remote(_digests)
            call = remote.options(num_cpus=self._chain.resources.cpus)
            found = gather([call.remote(self._chain, share) for share in self._shares])
            self._digests = [digest for each in found for digest in each]
        kept = self._shuffler.kept(self._group, bands, self._digests)
        return None if kept is None else [*kept]


def _digests(chain: Chain, tasks: Sequence[AnyTask]) -> list[str]:
    shuffler = shuffler_of(chain.stages[0])
    return [shuffler.digest(unpack([task])[0]) for task in tasks]


def gather(calls: Sequence[Any], until: float | None = None) -> list[Any]:
    """The results of calls, in order; the first that fails ends the wait.

    Raises:
        WorkerDiedError: An actor died, or the time `until` is over.
        StageError: A call failed in its process without telling why.
    """
    left = list(calls)
    while left:
        timeout = None if until is None else max(0.0, until - time.monotonic())
        ready, left = ray.wait(left, num_returns=1, timeout=timeout)
        if not ready:
            raise WorkerDiedError("timed out")
        try:
            ray.get(ready)
        except RayActorError as error:
            raise WorkerDiedError(death_of(error)) from error
        except RayError as error:
            raise cause_of(error) from error
    return ray.get(list(calls))


class _Together(ProcessingStage[AnyTask, AnyTask]):
    """Takes the stage's place in a runner in the driver, whose rules then hold for the work of the actors."""

    aligned: ClassVar[bool] = False
    batch_size: int | None = None

    def __init__(self, stage: AnyStage, call: Callable[[list[AnyTask]], list[AnyTask]]) -> None:
        self.name, self.failure_policy, self._call = stage.name, stage.failure_policy, call
        self._stage = stage

    def process(self, task: AnyTask) -> AnyTask:
        raise NotImplementedError

    def process_batch(self, tasks: list[AnyTask]) -> list[AnyTask]:
        return self._call(tasks)

    def take_notes(self) -> Notes:
        """What the call left with the stage: all that its actors noted."""
        return self._stage.take_notes()


def run_as_group(
    chain: Chain,
    policy: FailurePolicy,
    tasks: list[AnyTask],
    call: Callable[[list[AnyTask]], list[AnyTask]],
) -> Outcome:
    """Run a call that does all tasks; retries, ids and failures are as for any stage that mixes its inputs.

    Raises:
        StageError: The call failed for good and the policy is to raise.
    """
    stand_in = Chain(
        index=chain.index,
        stages=(_Together(chain.stages[0], call),),
        is_source=chain.is_source,
        is_sink=chain.is_sink,
    )
    return Runner(stand_in, policy).run(tasks)
