"""What each source has for each part, and what it gives: counts of documents and tokens, and the documents that are drawn."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from curator_text.blend.amounts import Amount, Draw, Pieces, draw_of
from curator_text.blend.draw_documents import epoch_keys
from curator_text.blend.measure_documents import load_documents
from curator_text.blend.sources import PARTS, InputShard

type Counts = dict[str, dict[str, list[int]]]
"""Documents and tokens by part and source."""


def add_counts(sources: Sequence[str], records: Sequence[Sequence[Sequence[Any]]]) -> Counts:
    """What the files have, added up; a source that has nothing for a part is there too.

    Args:
        sources: Those that are known before.
        records: Of each file, source, number of the part, documents and tokens.
    """
    names = dict.fromkeys([*sources, *(row[0] for record in records for row in record)])
    total: Counts = {part: {name: [0, 0] for name in names} for part in PARTS}
    for name, part, documents, tokens in (row for record in records for row in record):
        known = total[PARTS[part]][name]
        known[0] += documents
        known[1] += tokens
    return total


def all_of(counts: Counts) -> list[int]:
    """Documents and tokens of all parts and sources."""
    return [sum(each[i] for part in counts.values() for each in part.values()) for i in (0, 1)]


def find_draws(
    amounts: Sequence[Amount],
    *,
    cache: str,
    shards: Sequence[InputShard],
    names: Sequence[Sequence[str]],
    seed: int,
) -> dict[str, Draw]:
    """Which documents of each source are drawn; a file at a time is looked at.

    Args:
        amounts: What each source is to give.
        cache: Has what `MeasureDocuments` wrote.
        shards: The files.
        names: The sources of each file.
        seed: Of the blend.
    """

    def pieces_of(source: str, epoch: int) -> Pieces:
        def pieces() -> Any:
            for number, shard in enumerate(shards):
                if source not in names[number]:
                    continue
                found = load_documents(cache, number)
                mine = found["source"] == list(names[number]).index(source)
                rows = np.flatnonzero(mine & (found["part"] == 0))
                yield epoch_keys(shard, rows, seed=seed, epoch=epoch), found["length"][rows]

        return pieces

    def of_source(source: str) -> Callable[[int], Pieces]:
        return lambda epoch: pieces_of(source, epoch)

    return {each.source: draw_of(each, of_source(each.source)) for each in amounts}


def source_rows(
    amounts: Sequence[Amount], counts: Counts, drawn: Sequence[Mapping[str, Sequence[int]]]
) -> list[dict[str, Any]]:
    """A row per source: its weight, what it has, what it gives, and how often it is read.

    Args:
        amounts: What each was to give.
        counts: What each has.
        drawn: Of each file, documents and tokens that each source gives for training.
    """
    given = {each.source: [0, 0] for each in amounts}
    for record in drawn:
        for name, (documents, tokens) in record.items():
            given[name][0] += documents
            given[name][1] += tokens
    total = sum(tokens for _, tokens in given.values())
    return [_row(each, counts, given[each.source], total) for each in amounts]


def _row(amount: Amount, counts: Counts, given: Sequence[int], total: int) -> dict[str, Any]:
    documents, there = counts[PARTS[0]][amount.source]
    drawn, tokens = given
    return {
        "source": amount.source,
        "weight": float(amount.share),
        "share": tokens / total if total else 0.0,
        "train_documents": documents,
        "train_tokens": there,
        "epochs": tokens / there if there else 0.0,
        "documents": drawn,
        "tokens": tokens,
        "unused_documents": max(0, documents - drawn),
        "unused_tokens": max(0, there - tokens),
        "asked_tokens": amount.asked,
        **{
            f"{part}_{what}": counts[part][amount.source][i]
            for part in PARTS[1:]
            for i, what in enumerate(("documents", "tokens"))
        },
    }
