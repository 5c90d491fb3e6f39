"""How the workers of one stage talk to each other while they run.

A stage with `pool_kind = Raft()` uses its `communicator`; this module knows the interface and the
worker that is alone. What joins several workers is `on_ray/raft_pool.py`'s.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

type Array = NDArray[Any]


class Communicator(Protocol):
    """One worker's end of the line. All workers make the same calls in the same order."""

    @property
    def rank(self) -> int:
        """This worker's number, from 0."""
        ...

    @property
    def size(self) -> int:
        """The number of workers."""
        ...

    def broadcast(self, array: Array, root: int = 0) -> Array:
        """The array of the worker `root`, for all; what the others hand over is not looked at.

        Raises:
            StageError: Another worker failed, or makes another call.
        """
        ...

    def all_reduce(self, array: Array) -> Array:
        """The sum over all workers, for all; added in the order of ranks, so always the same.

        Raises:
            StageError: Another worker failed, or makes another call.
        """
        ...

    def barrier(self) -> None:
        """Wait until all workers are here.

        Raises:
            StageError: Another worker failed, or makes another call.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Alone:
    """The only worker."""

    rank: int = 0
    size: int = 1

    def broadcast(self, array: Array, root: int = 0) -> Array:
        """The array itself.

        Raises:
            ValueError: There is no such root.
        """
        if root != 0:
            raise ValueError(f"root={root}, but the only worker is 0.")
        return array

    def all_reduce(self, array: Array) -> Array:
        """A copy of the array, as several workers would get."""
        return array.copy()

    def barrier(self) -> None:
        """Nobody to wait for."""
