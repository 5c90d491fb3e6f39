"""Which batch comes next: the deepest chain first, so that little waits in between.

Pure bookkeeping for executors that give out one batch at a time.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

from curator_engine.running.chain import Chain
from curator_engine.task import Task, id_key

type AnyTask = Task[Any]
type Batch = tuple[Chain, list[AnyTask]]


class Schedule:
    """The tasks that wait in front of each chain."""

    def __init__(self, chains: Sequence[Chain]) -> None:
        self._chains = chains
        self._waiting: list[deque[AnyTask]] = [deque() for _ in chains]
        self._again: deque[Batch] = deque()
        self._running = [0] * len(chains)
        self._grouped = [False] * len(chains)

    def add(self, index: int, tasks: Sequence[AnyTask]) -> None:
        """Put tasks in front of a chain."""
        self._waiting[index].extend(tasks)

    def again(self, chain: Chain, tasks: list[AnyTask]) -> None:
        """Put a batch back that is to be tried again as it is."""
        self._again.append((chain, tasks))

    def take(self) -> Batch | None:
        """The next batch, or None while nothing is ready."""
        if self._again:
            chain, tasks = self._again.popleft()
            self._running[chain.index] += 1
            return chain, tasks
        for chain in reversed(self._chains):
            tasks = self._take_from(chain)
            if tasks:
                self._running[chain.index] += 1
                return chain, tasks
        return None

    def done(self, chain: Chain) -> None:
        """Note that a batch of this chain is no longer running."""
        self._running[chain.index] -= 1

    @property
    def finished(self) -> bool:
        """Whether nothing waits and nothing runs."""
        return not any(self._running) and not self._again and not any(self._waiting)

    def _take_from(self, chain: Chain) -> list[AnyTask]:
        waiting, size = self._waiting[chain.index], chain.batch_size
        full = size is not None and chain.aligned and len(waiting) >= size
        if not waiting or not (full or self._is_drained(chain.index)):
            return []
        if not chain.aligned and not self._grouped[chain.index]:
            # Groups are cut from sorted ids, so they do not depend on who finished first.
            self._waiting[chain.index] = waiting = deque(
                sorted(waiting, key=lambda t: id_key(t.task_id))
            )
            self._grouped[chain.index] = True
        return [waiting.popleft() for _ in range(min(size or len(waiting), len(waiting)))]

    def _is_drained(self, index: int) -> bool:
        """Whether no more tasks can come to this chain."""
        before = range(index)
        return not any(self._waiting[i] or self._running[i] for i in before) and not any(
            chain.index < index for chain, _ in self._again
        )
