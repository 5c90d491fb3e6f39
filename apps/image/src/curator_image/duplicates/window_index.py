"""An index of windows of pictures: which pictures have windows in common, and how they would lie.

It holds the pictures that stay, one after the other. A bucket of one key takes so many windows only, in
the order in which pictures come, so that what very many pictures have in common (a logo, a letter)
costs no more than that; `left_out` counts what it did not take.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_image.duplicates.align import Transform

_ENTRY = np.dtype(
    [
        *(("picture", np.int32), ("next", np.int32), ("x", np.float32), ("y", np.float32)),
        *(("half", np.float32), ("turn", np.uint8)),
    ]
)
_HIT = np.dtype(
    [
        *(("picture", np.int32), ("window", np.int32), ("kind", np.uint8), ("turn", np.uint8)),
        *(("scale", np.float32), ("from_x", np.float32), ("from_y", np.float32)),
        *(("to_x", np.float32), ("to_y", np.float32)),
    ]
)
_VOTE = np.dtype(
    [
        *(("picture", np.int32), ("votes", np.int32), ("start", np.int32), ("end", np.int32)),
        *(("turn", np.int32), ("a", np.float64), ("b", np.float64)),
        *(("x", np.float64), ("y", np.float64)),
    ]
)
_EMPTY, _MOST_HITS, _MOST_TRANSFORMS, _NEAR = 0xFFFFFFFF, 65_536, 24, 8.0


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A picture of the index that may show the same."""

    picture: int
    votes: int
    """Windows that agree."""
    transform: Transform
    """To its pixels."""


class WindowIndex:
    """Windows of pictures by their bits."""

    def __init__(self, *, most: int = 64) -> None:
        """Empty.

        Args:
            most: Windows of a bucket.
        """
        self.left_out = 0
        self._most = most
        self._entries = np.zeros(1 << 12, _ENTRY)
        self._count = 0
        self._table = _table(1 << 13)
        self._hits = np.zeros(_MOST_HITS, _HIT)

    def add(self, picture: int, windows: NDArray[np.void]) -> None:
        """Put a picture in; windows are of `fingerprint.WINDOW`."""
        kernels = _kernels()
        need = self._count + len(windows)
        while need > len(self._entries):
            self._entries = np.concatenate([self._entries, np.zeros_like(self._entries)])
        if 2 * need > len(self._table[0]):
            larger = _table(4 * len(self._table[0]))
            kernels.rehash(*self._table, *larger)
            self._table = larger
        self._count, left_out = kernels.insert(
            windows, picture, *self._table, self._entries, self._count, self._most
        )
        self.left_out += left_out

    def find(self, windows: NDArray[np.void]) -> Iterator[Candidate]:
        """The pictures whose windows agree with those of another on a transform; those with most in common first.

        Each is looked at when it is asked for, and all before the next call.
        """
        hits, order, met = self._collect(windows)
        for each in met[np.lexsort((met["picture"], -met["votes"]))]:
            _kernels().vote(hits, order[each["start"] : each["end"]], _NEAR, _MOST_TRANSFORMS, each)
            if each["votes"] >= 3:
                yield Candidate(
                    picture=int(each["picture"]),
                    votes=int(each["votes"]),
                    transform=Transform(
                        turn=int(each["turn"]),
                        a=float(each["a"]),
                        b=float(each["b"]),
                        x=float(each["x"]),
                        y=float(each["y"]),
                    ),
                )

    def first(self, windows: NDArray[np.void]) -> int | None:
        """The picture that has most windows in common with another; None if no picture has enough."""
        met = self._collect(windows)[2]
        return int(met["picture"][met["votes"].argmax()]) if len(met) else None

    def _collect(
        self, windows: NDArray[np.void]
    ) -> tuple[NDArray[np.void], NDArray[np.intp], NDArray[np.void]]:
        """Where the windows of a picture are found, the order of the pictures that were hit, and these."""
        kernels = _kernels()
        keys, heads, _ = self._table
        hits = self._hits[: kernels.collect(windows, keys, heads, self._entries, self._hits)]
        order = np.argsort(hits["picture"], kind="stable")
        met = np.zeros(len(hits), _VOTE)
        return hits, order, met[: kernels.weigh(hits, order, met)]


def _table(size: int) -> tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int32]]:
    """Keys, first entries and sizes of buckets; the size is a power of two."""
    return np.full(size, _EMPTY, np.uint32), np.full(size, -1, np.int32), np.zeros(size, np.int32)


@cache
def _kernels() -> Any:
    """Numba takes a while to import."""
    from curator_image.duplicates import index_kernels

    return index_kernels
