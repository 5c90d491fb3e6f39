"""A worker process of the local pool: receive a batch, run it, send the outcome.

It ends when it is told to, or when the process that started it is gone.
"""

import os
import pickle
import signal
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import cloudpickle

from curator_engine.errors import CuratorError, PipelineError, StageError
from curator_engine.failures import FailurePolicy
from curator_engine.resources import WorkerMetadata, usable_cpus
from curator_engine.running.chain import Chain
from curator_engine.running.run_report import own_peak_memory_mb
from curator_engine.running.runner import Outcome, Runner


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a worker sends for a batch: its outcome, or the error that ends the run."""

    outcome: Outcome | None = None
    error: Exception | None = None
    peak_mb: float = 0.0


_THREADS = "OMP_NUM_THREADS"


def main(
    pipe: Connection, lifeline: Connection, payload: bytes, name: str, workers: int = 1
) -> None:
    """Serve batches until the driver sends an empty message.

    Args:
        pipe: Batches come in, replies go out.
        lifeline: Never written to; it closes when the driver dies.
        payload: The pickled chains and failure policy.
        name: The worker's id.
        workers: How many share this machine's CPUs.
    """
    # Ctrl-C reaches the whole process group; the driver decides what becomes of the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_driver, args=(lifeline,), daemon=True).start()
    # Libraries would take all CPUs in each worker; what the user has set stays.
    shared = None if _THREADS in os.environ else workers
    if shared:
        os.environ[_THREADS] = str(threads_for(None, workers=shared, cpus=usable_cpus()))
    runners: dict[int, Runner] = {}
    while message := pipe.recv_bytes():
        try:
            pipe.send_bytes(_work(message, payload, runners, pipe, name, shared))
        except Exception as error:  # noqa: BLE001 (sent to the driver, which raises it)
            pipe.send_bytes(_dump_error(error))
    _tear_down(runners, pipe)


def _work(
    message: bytes,
    payload: bytes,
    runners: dict[int, Runner],
    pipe: Connection,
    name: str,
    workers: int | None,
) -> bytes:
    """Run one batch; its reply, ready to be sent."""
    index: int
    index, data = pickle.loads(message)
    if index not in runners:
        # Chains are unpickled before tasks, since they import what must be imported first.
        chains: tuple[Chain, ...]
        policy: FailurePolicy
        chains, policy = cloudpickle.loads(payload)
        runner = Runner(chains[index], policy)
        runner.setup(WorkerMetadata(worker_id=name))
        runners[index] = runner
    torch: Any = sys.modules.get("torch")
    if workers and torch is not None:
        wanted = runners[index].chain.stages[0].num_workers()
        torch.set_num_threads(threads_for(wanted, workers=workers, cpus=usable_cpus()))
    tasks = cloudpickle.loads(data)
    # The set-up is over: if this process dies from here on, the batch is to blame.
    pipe.send_bytes(b"")
    outcome = runners[index].run(tasks)
    chain = runners[index].chain
    return dump(Reply(outcome=outcome, peak_mb=own_peak_memory_mb()), what=f"tasks of {chain.name}")


def threads_for(wanted: int | None, *, workers: int, cpus: int) -> int:
    """Threads for one worker of a chain, so that workers that run at once share the CPUs.

    Args:
        wanted: Workers that the chain asks for, None for any number.
        workers: Workers that there are.
        cpus: CPUs of this machine.
    """
    return max(1, cpus // min(workers, wanted or workers))


def dump(message: object, *, what: str) -> bytes:
    """Pickle something for another process.

    Raises:
        PipelineError: It cannot be pickled.
    """
    try:
        return cloudpickle.dumps(message)
    except Exception as error:
        raise PipelineError(
            f"{what} cannot be sent to another process: {error}. "
            "Open files and models in setup(), or use workers=1."
        ) from error


def _tear_down(runners: dict[int, Runner], pipe: Connection) -> None:
    for runner in runners.values():
        try:
            runner.teardown()
        except Exception as error:  # noqa: BLE001 (sent to the driver, which raises it)
            pipe.send_bytes(_dump_error(error))


def _dump_error(error: Exception) -> bytes:
    """The error as a reply; one that cannot be pickled is sent as its text."""
    try:
        dumped = cloudpickle.dumps(Reply(error=error))
        pickle.loads(dumped)  # some exceptions pickle but do not come back
    except Exception:  # noqa: BLE001 (any failure of a foreign exception's pickling)
        kind = type(error) if isinstance(error, CuratorError) else StageError
        dumped = cloudpickle.dumps(Reply(error=kind(str(error))))
    return dumped


def _end_with_driver(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)
