"""A pool of worker processes on this machine, one batch each at a time.

Workers come from a fork server that has imported the stages' modules and their `preload`, so a
further one costs milliseconds. A worker that dies or takes too long costs its batch only and is replaced; if
this process dies, its workers end themselves. `local_worker.py` is the program of a worker.
"""

import multiprocessing
import multiprocessing.connection
import pickle
import sys
import time
import types
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any, Self, cast

import cloudpickle

from curator_engine.executors import local_worker
from curator_engine.executors.schedule import Batch, Schedule
from curator_engine.failures import FailurePolicy
from curator_engine.resources import WorkerPlace
from curator_engine.running.chain import Chain
from curator_engine.running.ledger import Ledger

_GRACE_S = 2.0
"""Seconds that workers get to finish and tear down after an error before they are killed."""
_EXIT_S = 0.1
"""Seconds that a worker gets to end after it has closed its pipe."""

type _Pipe = multiprocessing.connection.Connection[Any, Any]


@dataclass(kw_only=True)
class _Worker:
    """One process, as the driver sees it."""

    process: BaseProcess
    pipe: _Pipe
    lifeline: _Pipe
    """Held open by the driver only: its end tells the worker that the driver is gone."""
    batch: Batch | None = None
    since: float | None = None
    """When it took the batch up, in `time.monotonic` seconds; None before that and in a set-up."""
    has_worked: bool = False
    is_overdue: bool = False
    """Killed for taking too long."""


class Pool:
    """Worker processes for the chains of one plan; use as a context manager."""

    def __init__(self, chains: Sequence[Chain], policy: FailurePolicy, *, workers: int) -> None:
        self._size = workers
        self._policy = policy
        self._workers: list[_Worker] = []
        self._started = 0
        self._payload = _dump_chains(chains, policy)
        self._context = multiprocessing.get_context("forkserver")
        stages = [stage for chain in chains for stage in chain.stages]
        preload = {name for stage in stages for name in (type(stage).__module__, *stage.preload)}
        preload -= {"__main__"}
        self._context.set_forkserver_preload(
            ["curator_engine.executors.local_worker", *sorted(preload)]
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stop(graceful=kind is None)

    def run(self, ledger: Ledger, schedule: Schedule) -> None:
        """Run all batches of the schedule, and those that their outputs add to it.

        Raises:
            CuratorError: A stage failed and the policy is to raise, or the budget is used up.
        """
        while not schedule.finished:
            self._give_out(ledger, schedule)
            for each in self._wait():
                self._collect(each, ledger, schedule)
            self._kill_overdue()

    def _give_out(self, ledger: Ledger, schedule: Schedule) -> None:
        """Give every idle worker a batch; start a worker only when there is one to give."""
        while True:
            idle = self._idle_worker(ledger)
            if idle is None and len(self._workers) >= self._size:
                return
            batch = schedule.take()
            if batch is None:
                return
            chain, tasks = batch
            data = local_worker.dump(tasks, what=f"tasks for {chain.name}")
            message = pickle.dumps((chain.index, data))
            ledger.sent(chain, tasks)
            ledger.begun(tasks)
            idle = idle or self._start_worker()
            idle.batch, idle.since, idle.is_overdue = batch, None, False
            # A worker that has just died is noticed by `_collect`, as one that dies at work.
            with suppress(OSError):
                idle.pipe.send_bytes(message)

    def _idle_worker(self, ledger: Ledger) -> _Worker | None:
        """A worker without a batch; those that died while they waited are taken out."""
        for each in [each for each in self._workers if each.batch is None]:
            # A worker that waits sends nothing, so readable data here means that its pipe has
            # closed: it died.
            if not each.pipe.poll():
                return each
            ledger.report.worker_deaths += 1
            self._take_out(each)
        return None

    def _wait(self) -> list[_Worker]:
        """Wait; return the workers that have sent a result or have died."""
        busy = [each for each in self._workers if each.batch is not None]
        ends = [end for each in busy if (end := self._deadline(each)) is not None]
        timeout = max(0.0, min(ends) - time.monotonic()) if ends else None
        ready = multiprocessing.connection.wait([each.pipe for each in busy], timeout)
        return [each for each in busy if each.pipe in ready]

    def _collect(self, each: _Worker, ledger: Ledger, schedule: Schedule) -> None:
        if each.batch is None:
            return
        chain, tasks = each.batch
        try:
            message = each.pipe.recv_bytes()
        except (EOFError, OSError):
            self._replace(each, ledger, schedule)
            return
        if not message:
            each.since, each.has_worked = time.monotonic(), True
            return
        reply: local_worker.Reply = cloudpickle.loads(message)
        each.batch = each.since = None
        schedule.done(chain)
        if reply.error is not None:
            raise reply.error
        if reply.outcome is not None:
            outputs = ledger.received(
                chain, tasks, reply.outcome, worker=_place(each), peak_mb=reply.peak_mb
            )
            if outputs:
                schedule.add(chain.index + 1, outputs)

    def _replace(self, each: _Worker, ledger: Ledger, schedule: Schedule) -> None:
        """Take a dead worker out; its batch is tried again, in parts, or has failed."""
        self._take_out(each)
        if each.batch is None:
            return
        chain, tasks = each.batch
        schedule.done(chain)
        if each.since is None and each.has_worked and not each.is_overdue:
            # The worker died before it took this batch up, so the batch is not to blame. If it is
            # after all, since its chain crashes in setup, then a fresh worker will die of it as
            # well.
            ledger.report.worker_deaths += 1
            schedule.again(chain, tasks)
            return
        reason = f"worker died ({_exit_name(each.process.exitcode)})"
        if each.is_overdue:
            reason = f"timed out after {chain.policy(self._policy).task_timeout_s:g} s"
        for part in ledger.crashed(chain, tasks, reason, worker=_place(each)):
            schedule.again(chain, part)

    def _take_out(self, each: _Worker) -> None:
        self._workers.remove(each)
        each.process.join()
        each.pipe.close()
        each.lifeline.close()

    def _deadline(self, each: _Worker) -> float | None:
        """When a worker's batch has taken too long, in `time.monotonic` seconds."""
        limit = each.batch and each.batch[0].policy(self._policy).task_timeout_s
        return each.since + limit if limit and each.since is not None else None

    def _kill_overdue(self) -> None:
        for each in self._workers:
            end = self._deadline(each)
            if end is not None and time.monotonic() >= end:
                each.is_overdue = True
                each.process.kill()
                # `_collect` reads from its pipe what came of it: the end, or a reply that was sent
                # just in time.
                each.since = None

    def _start_worker(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        lifeline, end = self._context.Pipe()
        name = f"local-{self._started}"
        with _no_main_module():
            process = self._context.Process(
                target=local_worker.main,
                args=(theirs, end, self._payload, name, self._size),
                name=name,
                daemon=True,
            )
            process.start()
        theirs.close()
        end.close()
        self._started += 1
        each = _Worker(process=process, pipe=cast("_Pipe", ours), lifeline=cast("_Pipe", lifeline))
        self._workers.append(each)
        return each

    def _stop(self, *, graceful: bool) -> None:
        """Let workers finish their batch and tear down; none is left behind.

        Args:
            graceful: All is done, so wait as long as it takes and raise what a teardown raised. If
            not, an error has ended the run already, and a worker that does not end soon is killed.
        """
        for each in self._workers:
            with suppress(OSError):
                each.pipe.send_bytes(b"")
        deadline = None if graceful else time.monotonic() + _GRACE_S
        errors: list[Exception] = []
        try:
            for each in self._workers:
                errors += _last_words(each, deadline)
        finally:
            for each in list(self._workers):
                each.process.join(_EXIT_S)
                each.process.kill()
                self._take_out(each)
        if graceful and errors:
            raise errors[0]


def _place(each: _Worker) -> WorkerPlace:
    return WorkerPlace(pid=each.process.pid or 0)


def _last_words(each: _Worker, deadline: float | None) -> list[Exception]:
    """The errors that a worker sends until it ends; other replies are not needed any more."""
    errors: list[Exception] = []
    with suppress(EOFError, OSError):
        while each.pipe.poll(deadline and max(0.0, deadline - time.monotonic())):
            message = each.pipe.recv_bytes()
            reply: local_worker.Reply = (
                cloudpickle.loads(message) if message else local_worker.Reply()
            )
            errors += [reply.error] if reply.error else []
    return errors


def _dump_chains(chains: Sequence[Chain], policy: FailurePolicy) -> bytes:
    names = ", ".join(chain.name for chain in chains)
    return local_worker.dump((tuple(chains), policy), what=f"the stages ({names})")


@contextmanager
def _no_main_module() -> Generator[None]:
    """Keep workers from importing the user's script again, which would run it again.

    Classes that the script defines travel by value (cloudpickle), so workers do not need it.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _exit_name(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
