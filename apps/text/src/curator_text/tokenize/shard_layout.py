"""Which documents of the runs are in which file of tokens."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_text.tokenize.runs import KEYS, Run


@dataclass(frozen=True, kw_only=True)
class Shard:
    """A file of tokens that is to be written."""

    name: str
    low: int
    high: int
    """Its documents have keys from `low` to below this."""
    first_document: int
    """Number of its first document in the folder."""
    ranges: int = 0
    """Ranges of keys that are in memory one after another; 0 to take run after run."""


def shard_name(number: int) -> str:
    """The name of a file of tokens, without its ending."""
    return f"part-{number:05d}"


def in_order(
    runs: Sequence[Run], *, shard_tokens: int, first_shard: int, first_document: int
) -> list[Shard]:
    """Files in the order of the documents, each as full as it gets; a longer document has one of its own.

    Args:
        runs: With keys that are numbers.
        shard_tokens: Tokens of a file, at most.
        first_shard: Number of the first file.
        first_document: Number of the first document.
    """
    cuts, size, number = [0], 0, 0
    for lengths in _lengths(runs):
        ends, done, before = np.cumsum(lengths), 0, 0
        while done < len(ends):
            fit = int(np.searchsorted(ends, before + shard_tokens - size, side="right"))
            if fit <= done and number + done > cuts[-1]:
                cuts.append(number + done)
                size = 0
                continue
            fit = max(fit, done + 1)
            size += int(ends[fit - 1]) - before
            before, done = int(ends[fit - 1]), fit
        number += len(ends)
    edges = [*cuts, number] if number > cuts[-1] else cuts
    return [
        Shard(
            name=shard_name(first_shard + i),
            low=low,
            high=high,
            first_document=first_document + low,
        )
        for i, (low, high) in enumerate(itertools.pairwise(edges))
    ]


def shuffled(
    runs: Sequence[Run],
    *,
    shard_tokens: int,
    range_tokens: int,
    first_shard: int,
    first_document: int,
) -> list[Shard]:
    """Files that cut the keys of a shuffle into equal ranges.

    Args:
        runs: With keys that are hashes.
        shard_tokens: Tokens of a file, about.
        range_tokens: Tokens that are in memory at a time, about.
        first_shard: Number of the first file.
        first_document: Number of the first document.
    """
    total = sum(int(lengths.sum()) for lengths in _lengths(runs))
    count = max(1, -(-total // shard_tokens))
    edges = [KEYS * i // count for i in range(count + 1)]
    documents = np.zeros(count, np.int64)
    inner = np.array(edges[1:-1], np.int64)
    for keys in _columns(runs, "key"):
        documents += np.bincount(np.searchsorted(inner, keys, side="right"), minlength=count)
    shards: list[Shard] = []
    for i, size in enumerate(documents.tolist()):
        if size:
            shards.append(
                Shard(
                    name=shard_name(first_shard + len(shards)),
                    low=edges[i],
                    high=edges[i + 1],
                    first_document=first_document,
                    ranges=max(1, -(-total // (count * range_tokens))),
                )
            )
        first_document += size
    return shards


def _lengths(runs: Sequence[Run]) -> Iterator[NDArray[np.int64]]:
    return _columns(runs, "length")


def _columns(runs: Sequence[Run], name: str) -> Iterator[NDArray[np.int64]]:
    for run in runs:
        column: Any = run.table.column(name)
        yield column.to_numpy()
