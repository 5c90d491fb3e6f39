"""The driver's record of the batches that run in the workers of Xenna and Ray Data.

These libraries have loops of their own and hand on nothing but tasks. So each worker calls the
recorder before and after each batch (`driver_rpc.py`), and the recorder tells the segment's
account. An outcome is known even if its tasks are lost on their way, and a batch that kills its
workers is known by how often it was begun.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from curator_engine.on_ray.ray_worker import Reply, load_bytes
from curator_engine.running.chain import Chain
from curator_engine.running.ledger import Ledger
from curator_engine.task import Task

type AnyTask = Task[Any]
type Verdict = Literal["go", "alone", "skip", "stop"]


@dataclass(frozen=True, kw_only=True)
class BatchKey:
    """Identifies a batch: its chain, and the ids of its tasks."""

    chain: int
    ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChainRules:
    """What the recorder must know of a chain to judge a batch that killed its worker."""

    retries: int
    can_split: bool


@dataclass(kw_only=True)
class Note:
    """One event that the driver is told of."""

    kind: Literal["begun", "done", "died", "lost", "failed"]
    key: BatchKey | None = None
    reply: bytes = b""
    """A pickled `Reply`."""
    reason: str = ""
    attempts: int = 0
    error: Exception | None = None


def ignore(_: Note) -> None:
    """Drop a note: between segments nobody takes them."""


@dataclass(kw_only=True)
class Recorder:
    """The object that workers call, one call at a time."""

    rules: list[ChainRules]
    tell: Callable[[Note], None] = ignore
    """Called with each note."""
    _begun: Counter[BatchKey] = field(default_factory=Counter[BatchKey])
    _done: set[BatchKey] = field(default_factory=set[BatchKey])
    _reasons: dict[BatchKey, str] = field(default_factory=dict[BatchKey, str])
    _present: set[str] = field(default_factory=set[str])
    _is_stopped: bool = False

    def begin(self, key: BatchKey) -> Verdict:
        """Ask whether to run a batch.

        Returns:
            go: run it. alone: run each task by itself, since together they killed a worker. skip:
            do not run it, as it has killed all the workers that it may. stop: the run is over.
        """
        if self._is_stopped:
            return "stop"
        deaths = self._begun[key]
        self._begun[key] += 1
        if not deaths or key in self._done:
            self.tell(Note(kind="begun", key=key))
            return "go"
        rules = self.rules[key.chain]
        reason = self._reasons.get(key, "worker died")
        self.tell(Note(kind="died", key=key, reason=reason))
        if len(key.ids) > 1 and rules.can_split:
            return "alone"
        if deaths <= rules.retries:
            return "go"
        self.tell(Note(kind="lost", key=key, reason=reason, attempts=deaths))
        return "skip"

    def done(self, key: BatchKey, reply: bytes) -> None:
        """Take a batch's outcome; of a batch that is run again only the first counts, as both are the same."""
        if key not in self._done:
            self._done.add(key)
            self.tell(Note(kind="done", key=key, reply=reply))

    def overdue(self, key: BatchKey, reason: str) -> None:
        """Note that a worker is about to end itself, since this batch takes too long."""
        self._reasons[key] = reason

    def failed(self, error: bytes) -> None:
        """Note that a stage failed whose policy is to raise: no batch begins from now on.

        Args:
            error: The pickled exception.
        """
        self.stop()
        self.tell(Note(kind="failed", error=load_bytes(error)))

    def entered(self, worker_id: str) -> None:
        """Count in a worker that is set up."""
        self._present.add(worker_id)

    def left(self, worker_id: str) -> None:
        """Count out a worker that is torn down."""
        self._present.discard(worker_id)

    def present(self) -> int:
        """How many workers are set up and not torn down; those that died still count."""
        return len(self._present)

    def stop(self) -> None:
        """Let no batch begin."""
        self._is_stopped = True


def make_recorder(chains: Sequence[Chain], ledger: Ledger) -> Recorder:
    """The recorder of a run."""
    rules = [
        ChainRules(
            retries=chain.policy(ledger.policy).retries,
            can_split=chain.splits and chain.policy(ledger.policy).on_error != "raise",
        )
        for chain in chains
    ]
    return Recorder(rules=rules)


class SegmentAccount:
    """Writes what the recorder tells into the ledger while an executor runs one segment.

    Args:
        recorder: The recorder, which tells this account from now on.
        chains: The chains of the plan.
        ledger: The run's account; until `close` nobody else touches it.
        last: Index of the segment's last chain: its outputs are what the segment gives.
    """

    def __init__(
        self, recorder: Recorder, chains: Sequence[Chain], ledger: Ledger, *, last: int
    ) -> None:
        self._recorder = recorder
        self._chains = chains
        self._ledger = ledger
        self._last = last
        self.error: Exception | None = None
        self.outputs: list[AnyTask] = []
        """Tasks for the segment that follows."""
        recorder.tell = self.enter

    def close(self) -> None:
        """Stop listening to the recorder; to be called when no worker calls it any more."""
        self._recorder.tell = ignore

    def enter(self, note: Note) -> None:
        """Put what happened into the ledger; an error there ends the run."""
        try:
            if note.error is not None:
                self.error = self.error or note.error
            elif note.key is not None and self.error is None:
                self._enter(note, note.key)
        except Exception as error:  # noqa: BLE001 (the main thread raises it)
            self.error = error
            self._recorder.stop()

    def _enter(self, note: Note, key: BatchKey) -> None:
        chain = self._chains[key.chain]
        tasks = self._ledger.waiting(chain, key.ids)
        if note.kind == "died":
            self._ledger.report.worker_deaths += 1
        elif note.kind == "begun":
            self._ledger.begun(tasks)
        elif note.kind == "lost":
            self._ledger.lose(chain, tasks, note.reason, attempts=note.attempts)
        elif note.reply and tasks:
            reply: Reply = load_bytes(note.reply)
            outputs = self._ledger.received(
                chain, tasks, reply.outcome, worker=reply.place, peak_mb=reply.peak_mb
            )
            if key.chain == self._last:
                self.outputs += outputs
            else:
                self._ledger.sent(self._chains[key.chain + 1], outputs)
