"""Does the driver's memory stay the same, however many tasks run?

Tasks of 1 MB travel between two stages that do not share a worker, and nobody wants the results.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from executors import LOCAL, RAY, Candidate, let_ray_find_us
from measure import measured

from curator_engine.pipeline import Pipeline, session_of
from curator_engine.stage import ProcessingStage
from curator_engine.task import Task

BLOCK_BYTES = 1_000_000
MOST_GROWTH = 100_000_000
"""Bytes that the driver may grow by from a quarter of the tasks to all."""


@dataclass(kw_only=True)
class Number(Task[int]):
    """A number."""


@dataclass(kw_only=True)
class Block(Task[bytes]):
    """1 MB that cannot be compressed."""


@dataclass(kw_only=True)
class MakeBlock(ProcessingStage[Number, Block]):
    """Make a block from a seed."""

    def process(self, task: Number) -> Block:
        """Bytes that are drawn with the number as the seed."""
        return Block(data=np.random.default_rng(task.data).bytes(BLOCK_BYTES))


@dataclass(kw_only=True)
class Length(ProcessingStage[Block, Number]):
    """Count a block's bytes."""

    def process(self, task: Block) -> Number:
        """The count."""
        return Number(data=len(task.data))


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """The largest that was seen in a run."""

    driver: int
    """Resident bytes of the driver's process alone."""
    store: int
    """Bytes used in Ray's object store; 0 without Ray."""
    spilled: int
    """Bytes that Ray's object store has put on disk."""


def count_blocks(candidate: Candidate, count: int) -> Peaks:
    """Make so many blocks and count their bytes.

    Raises:
        RuntimeError: Not every task came through.
    """
    pipeline = Pipeline("memory", stages=[MakeBlock(), Length()])
    executor = candidate.make(fuse=False)
    with session_of(executor):
        watch = _Watch(_store_use if "ray" in sys.modules else None)
        try:
            pipeline.run(executor, [Number(data=k) for k in range(count)], collect="count")
        finally:
            peaks = watch.stop()
    report = pipeline.last_run
    if report is None or report.stages[-1].tasks_out != count:
        raise RuntimeError(f"{candidate.name}: not every task came through.")
    return peaks


def run(*, tasks: int) -> list[str]:
    """Print the report; returns what does not hold."""
    let_ray_find_us()
    few, wrong = tasks // 4, list[str]()
    print(f"memory: tasks of 1 MB between two stages; peaks in MB with {few:,} and {tasks:,} tasks")
    print(f"  {'':26}{'driver':>16}{'growth':>9}{'object store':>18}{'on disk':>9}{'wall':>9}")
    for candidate in (LOCAL, *RAY):
        costs = [measured(count_blocks, candidate, count) for count in (few, tasks)]
        first, last = (cost.value for cost in costs)
        growth = last.driver - first.driver
        print(
            f"  {candidate.name:26}{first.driver / 1e6:8.0f}{last.driver / 1e6:8.0f}"
            f"{growth / 1e6:9.0f}{first.store / 1e6:9.0f}{last.store / 1e6:9.0f}"
            f"{last.spilled / 1e6:9.0f}{costs[1].wall:7.0f} s",
            flush=True,
        )
        if growth > MOST_GROWTH:
            wrong.append(f"memory: {candidate.name}'s driver grows by {growth / 1e6:.0f} MB")
    return wrong


class _Watch(threading.Thread):
    """Looks at this process fifty times a second, and at the object store five times."""

    def __init__(self, store: Callable[[], tuple[int, int]] | None) -> None:
        super().__init__(daemon=True)
        self._store = store
        self._over = threading.Event()
        self._driver = self._used = self._spilled = 0
        self.start()

    def run(self) -> None:
        due = 0.0
        while not self._over.wait(0.02):
            self._driver = max(self._driver, _resident_bytes())
            if self._store is not None and time.monotonic() >= due:
                due = time.monotonic() + 0.2
                # A look may fail while a node is busy; there will be another.
                with suppress(Exception):
                    used, spilled = self._store()
                    self._used = max(self._used, used)
                    self._spilled = max(self._spilled, spilled)

    def stop(self) -> Peaks:
        """Take no more looks."""
        self._over.set()
        self.join()
        return Peaks(driver=self._driver, store=self._used, spilled=self._spilled)


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _store_use() -> tuple[int, int]:
    """Bytes in the object store of our session's node and, so far, on its disk."""
    import ray
    from ray._private import internal_api

    # Asked by address, since without one Ray takes any cluster that it finds on this machine.
    [node] = ray.nodes()
    stats: Any = internal_api.node_stats(
        node["NodeManagerAddress"], node["NodeManagerPort"], include_memory_info=False
    )
    return stats.store_stats.object_store_bytes_used, stats.store_stats.spilled_bytes_total
