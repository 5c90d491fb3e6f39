"""An index of landmarks: which recordings have sounds in common, and where these lie in time.

A landmark is three spectral peaks. The index holds those of the recordings that stay, and no more than it
may: beyond that it takes a fair part of all keys, so that memory has a bound and short snippets are the
first to be missed. `left_out` counts what full chains did not take.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_SPEED = 1.06
"""Speeds up to 5 % are looked for; a little more, because a single landmark says it roughly."""
_MARK = np.dtype(
    [("key", np.uint32), ("time", np.int32), ("pitch", np.uint16), ("duration", np.uint16)]
)
_ENTRY = np.dtype(
    [*((name, _MARK[name]) for name in _MARK.names or ()), ("item", np.int32), ("next", np.int32)]
)
_HIT = np.dtype([("item", np.int32), ("from", np.int32), ("to", np.int32), ("speed", np.float32)])
_FAN, _SHORTEST_MS, _LONGEST_MS = 6, 30, 1200
MARKS_PER_PEAK = _FAN * (_FAN - 1) // 2
_PIECE_MS, _CELL_MS, _NEAR_MS = 20_000, 2000, 40.0
_MOST_CELLS, _MOST_STARTS, _LEAST_VOTES = 12, 48, 3
"""Votes: a call of a bird in noise has no more, and the proof decides."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A recording of the index that may have the same sound."""

    item: int
    votes: int
    """Times that agree."""
    offset: float
    """Its time that the start of the other falls on, in seconds."""
    speed: float
    """Seconds of it in a second of the other."""


class _Line(NamedTuple):
    """As the kernel `line` returns it, in milliseconds."""

    votes: int
    offset: float
    speed: float
    middle: float


class SoundIndex:
    """Landmarks of recordings by their keys."""

    def __init__(self, *, every: int = 1, most: int = 256, compared: int = 1 << 15) -> None:
        """Empty.

        Args:
            every: Of all keys, one of so many counts.
            most: Landmarks in a chain.
            compared: Landmarks that a piece of a recording is compared with. Those of the rarest keys come
                first; in an hour of speech these are all that have its keys.
        """
        self.left_out = 0
        self._every, self._most, self._compared = every, most, compared
        self._entries = np.zeros(1 << 12, _ENTRY)
        self._count = 0
        self._heads, self._sizes = _table(1 << 12)
        self._hits = np.zeros(compared + most, _HIT)

    def add(
        self, item: int, peaks: NDArray[np.void], strong: NDArray[np.void] | None = None
    ) -> None:
        """Put a recording in; peaks are of `fingerprint.PEAK`, the strong ones of `strong_peaks`."""
        marks = self._marks(peaks, strong)
        need = self._count + len(marks)
        while need > len(self._entries):
            self._entries = np.concatenate([self._entries, np.zeros_like(self._entries)])
        if need > 2 * len(self._heads):
            self._heads, self._sizes = _table(4 * len(self._heads))
            _index().rechain(self._entries, self._count, self._heads, self._sizes)
        self._count, left_out = _index().insert(
            marks, item, self._heads, self._sizes, self._entries, self._count, self._most
        )
        self.left_out += left_out

    def find(
        self, peaks: NDArray[np.void], strong: NDArray[np.void] | None = None, *, most: int
    ) -> list[Candidate]:
        """The recordings that have most sounds in common with another, best first."""
        marks = self._marks(peaks, strong)
        if not len(marks) or not self._count:
            return []
        found: dict[int, list[NDArray[np.void]]] = {}
        best: dict[int, _Line] = {}
        for start in range(0, int(marks["time"][-1]) + 1, _PIECE_MS):
            low, high = np.searchsorted(marks["time"], [start, start + _PIECE_MS])
            for hits in self._agreeing(marks[low:high]):
                item = int(hits[0]["item"])
                line = _Line(*_index().line(hits, MOST_SPEED, _NEAR_MS, _MOST_STARTS))
                if line.votes >= _LEAST_VOTES:
                    found.setdefault(item, []).append(hits)
                    best[item] = max(best.get(item, line), line)
        ranked = sorted(best, key=lambda item: (-best[item].votes, item))[:most]
        return [_through_all(item, np.concatenate(found[item]), best[item]) for item in ranked]

    def _agreeing(self, marks: NDArray[np.void]) -> list[NDArray[np.void]]:
        """Hits of a piece in one recording that lie nearly equally far apart, most of them first."""
        count = _index().collect(
            marks, self._heads, self._sizes, self._entries, MOST_SPEED, self._compared, self._hits
        )
        hits = self._hits[:count]
        apart = hits["to"].astype(np.int64) - hits["from"]
        groups: list[NDArray[np.intp]] = []
        for shift in (0, _CELL_MS // 2):
            cells = (hits["item"].astype(np.int64) << 32) + (apart + shift) // _CELL_MS
            order = np.argsort(cells, kind="stable")
            _, first, sizes = np.unique(cells[order], return_index=True, return_counts=True)
            largest = np.lexsort((first, -sizes))[:_MOST_CELLS]
            groups += [order[first[k] : first[k] + sizes[k]] for k in largest]
        groups = [rows for rows in groups if len(rows) >= _LEAST_VOTES]
        groups.sort(key=lambda rows: -len(rows))
        return [hits[rows] for rows in groups[:_MOST_CELLS]]

    def _marks(self, peaks: NDArray[np.void], strong: NDArray[np.void] | None) -> NDArray[np.void]:
        """By time; of the strong ones by themselves as well."""
        parts = [self._marks_of(peaks)]
        if strong is None or not len(strong):
            return parts[0]
        marks = np.concatenate([*parts, self._marks_of(strong)])
        return marks[np.argsort(marks["time"], kind="stable")]

    def _marks_of(self, peaks: NDArray[np.void]) -> NDArray[np.void]:
        marks = np.empty(MARKS_PER_PEAK * len(peaks), _MARK)
        count = _triplets()(peaks, _FAN, _SHORTEST_MS, _LONGEST_MS, self._every, marks)
        return marks[:count]


def _through_all(item: int, hits: NDArray[np.void], line: _Line) -> Candidate:
    """The line of a piece, drawn through the hits of all pieces."""
    votes, offset, speed, _ = _index().widen(hits, MOST_SPEED, _NEAR_MS, *line[1:], _PIECE_MS)
    return Candidate(item=item, votes=votes, offset=offset / 1000, speed=speed)


def _table(size: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """First entries and sizes of chains; the size is a power of two."""
    return np.full(size, -1, np.int32), np.zeros(size, np.int32)


@cache
def _index() -> Any:
    """Numba takes a while to import."""
    from curator_audio.duplicates import index_kernels

    return index_kernels


@cache
def _triplets() -> Any:
    from curator_audio.duplicates.peak_kernels import triplets

    return triplets
