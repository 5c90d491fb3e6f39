"""Run a piece of work in a process of its own, and say what it took."""

import multiprocessing
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a piece of work took, its own processes included."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds on all cores; those of worker processes to the last look, a tenth of a second."""
    memory: int
    """Largest sum of the processes' resident bytes, shared pages counted in proportion."""
    value: Any


def measured(work: Callable[..., Any], *arguments: Any) -> Cost:
    """Call `work(*arguments)` in a fresh process; what it gives back must be picklable.

    Raises:
        RuntimeError: The work failed; its traceback was printed.
    """
    # Spawned, so that nothing that was loaded here makes its start-up look short.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(there, work, arguments))
    process.start()
    there.close()
    peak = _Peak(process.pid or 0)
    try:
        wall, cpu, value = here.recv()
    except EOFError:
        raise RuntimeError(f"{work.__name__} failed; see above.") from None
    finally:
        peak.stop()
        process.join()
    return Cost(wall=wall, cpu=cpu + peak.workers_cpu(), memory=peak.memory, value=value)


def measured_command(words: Sequence[str | Path]) -> Cost:
    """Run a command; `value` is None.

    Raises:
        RuntimeError: It failed; the end of what it said.
    """
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=said)
        peak = _Peak(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        peak.stop()
        if process.returncode:
            said.seek(max(0, said.tell() - 2000))
            raise RuntimeError(f"{words[0]} failed: {said.read().decode(errors='replace')}")
    # The first is exact, but lacks processes whose parent ended before them.
    cpu = max(usage.ru_utime + usage.ru_stime, peak.cpu())
    return Cost(wall=wall, cpu=cpu, memory=peak.memory, value=None)


def _child(pipe: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    start, before = time.perf_counter(), time.process_time()
    value = work(*arguments)
    pipe.send((time.perf_counter() - start, time.process_time() - before, value))


class _Peak(threading.Thread):
    """Looks at a process and its descendants ten times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.memory = 0
        self._pid, self._over = pid, threading.Event()
        self._cpu: dict[int, float] = {}
        self.start()

    def run(self) -> None:
        while not self._over.wait(0.1):
            self._look()

    def _look(self) -> None:
        family = _family(self._pid)
        self.memory = max(self.memory, sum(map(_proportional_bytes, family)))
        self._cpu |= {pid: max(_cpu(pid), self._cpu.get(pid, 0.0)) for pid in family}

    def cpu(self) -> float:
        """CPU seconds of all of them."""
        return sum(self._cpu.values())

    def workers_cpu(self) -> float:
        """CPU seconds of the descendants."""
        return self.cpu() - self._cpu.get(self._pid, 0.0)

    def stop(self) -> None:
        """Take no more looks."""
        self._over.set()
        self.join()


def _cpu(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    # The name, in parentheses, may contain spaces.
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return [pid]
    return [pid, *(each for child in text.split() for each in _family(int(child)))]


def _proportional_bytes(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    line = next((line for line in text.splitlines() if line.startswith("Pss:")), "Pss: 0")
    return int(line.split()[1]) * 1024
