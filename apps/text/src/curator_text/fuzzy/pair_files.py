"""Candidate pairs in files: written as they are found, read back in order, each once.

A pair is one number, `left * documents + right`. A *run* is a file of such numbers, sorted, each once;
several runs may have the same pair. What is in memory is a part of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from curator_engine.errors import StorageError
from curator_engine.files.paths import is_remote
from curator_engine.files.storage import open_read, read_bytes, storage_errors, write_atomic

type Numbers = NDArray[np.int64]

_CODE = np.dtype("<i8")


def distinct(values: Numbers) -> Numbers:
    """The values in order, each once; `np.unique` hashes, which takes forty times as long for millions."""
    values = np.sort(values)
    first = np.ones(len(values), np.bool_)
    first[1:] = values[1:] != values[:-1]
    return values[first]


@dataclass(kw_only=True)
class PairWriter:
    """Takes pairs in any order and writes them as runs."""

    path: str
    """The runs' names begin with it."""
    at_a_time: int
    """Pairs of a run."""
    runs: list[str] = field(default_factory=list[str])
    """The files that are written."""
    _waiting: list[Numbers] = field(default_factory=list[Numbers])
    _size: int = 0

    def add(self, coded: Numbers) -> None:
        """Take some pairs."""
        self._waiting.append(coded)
        self._size += len(coded)
        if self._size >= self.at_a_time:
            self.flush()

    def flush(self) -> None:
        """Write what is left."""
        if not self._size:
            return
        run = distinct(np.concatenate(self._waiting))
        self._waiting, self._size = [], 0
        self.runs.append(f"{self.path}.{len(self.runs)}.int64")
        write_rows(self.runs[-1], run.astype(_CODE, copy=False))


def unique_pairs(runs: Sequence[str], *, at_a_time: int) -> Iterator[Numbers]:
    """The pairs of all runs in order, each once, from about `at_a_time` numbers at a time."""
    places = _places(runs, at_a_time)
    for k in range(places.shape[1] - 1):
        some = [
            read_rows(run, _CODE, start, end)
            for run, (start, end) in zip(runs, places[:, k : k + 2].tolist(), strict=True)
            if start < end
        ]
        if some:
            yield distinct(np.concatenate(some))


def _places(runs: Sequence[str], at_a_time: int) -> NDArray[np.int64]:
    """Where each part begins in each run, and the end; shape (runs, parts + 1)."""
    sizes = np.array([len(_mapped(run)) for run in runs], np.int64)
    whole = np.stack((np.zeros_like(sizes), sizes), axis=1)
    if sizes.sum() <= at_a_time:
        return whole
    # Every step-th number of each run stands for those before it.
    step = max(1, at_a_time // (8 * len(runs)))
    marks = np.sort(np.concatenate([_mapped(run)[step - 1 :: step] for run in runs]))
    borders = distinct(marks[at_a_time // step - 1 :: max(1, at_a_time // step)])
    inner = [np.searchsorted(_mapped(run), borders, side="right") for run in runs]
    return np.concatenate((whole[:, :1], np.stack(inner), whole[:, 1:]), axis=1)


def _mapped(run: str) -> Numbers:
    """The numbers of a run; a local one stays on disk until it is looked at."""
    if is_remote(run):
        return np.frombuffer(read_bytes(run), _CODE)
    with storage_errors(run, "reading"):
        # What is empty cannot be mapped.
        empty = not Path(run).stat().st_size
        return np.empty(0, _CODE) if empty else np.memmap(run, _CODE, mode="r")


def write_rows(path: str, rows: NDArray[Any]) -> None:
    """Write an array of one dimension without a header, whole or not at all."""
    write_atomic(path, np.ascontiguousarray(rows).view(np.uint8).data)


def read_rows(path: str, dtype: DTypeLike, start: int = 0, end: int | None = None) -> NDArray[Any]:
    """Rows [start, end) of what `write_rows` wrote, or all from `start` on.

    Raises:
        StorageError: It cannot be read, or has fewer rows.
    """
    size = np.dtype(dtype).itemsize
    with storage_errors(path, "reading"), open_read(path) as file:
        file.seek(start * size)
        data = file.read(-1 if end is None else (end - start) * size)
    if len(data) % size or (end is not None and len(data) < (end - start) * size):
        raise StorageError(f"{path} is cut off; run again with --overwrite.")
    return np.frombuffer(data, dtype)


def cut_before(counts: Numbers, at_a_time: int) -> list[tuple[int, int]]:
    """Spans [start, end) of things that have so many pairs each, with about `at_a_time` pairs each."""
    before = np.cumsum(counts) - counts
    borders = np.flatnonzero(np.diff(before // at_a_time)) + 1
    return list(pairwise([0, *borders.tolist(), len(counts)]))
