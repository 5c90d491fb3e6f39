"""The examples that a model is trained on and tested on, from the n-grams of documents.

What counts does not depend on the order of files and rows: examples are in the order of the hashes of their texts, the
same text counts once, and a hash decides in which half it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus

LEAST = 20
"""Different texts of each kind, below which there is nothing to learn."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
_PARTS = 1 << 20

type Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Documents with their n-grams and what they are."""

    places: NDArray[np.uint32]
    """Of the n-grams of all."""
    ends: Numbers
    """Where those of each end, shape (examples,)."""
    labels: Numbers
    """1 for a good text, 0 for a bad one."""
    is_held_out: NDArray[np.bool_]
    """Whether it is for testing."""

    @property
    def starts(self) -> Numbers:
        """Where the n-grams of each begin."""
        return np.concatenate(([0], self.ends[:-1])).astype(np.int64)

    @property
    def trained(self) -> Numbers:
        """Numbers of those for training, in order."""
        return np.flatnonzero(~self.is_held_out)


def gather(
    corpus: Corpus, good: Sequence[bool], *, held_out: float, most: int
) -> tuple[Examples, dict[str, int]]:
    """The examples of a corpus, and counts of what was left out.

    Args:
        corpus: The documents, with the files of `ReadNgrams`.
        good: Of each block, whether its texts are good ones.
        held_out: Share of the texts that are for testing.
        most: Texts of each kind that count; of more, those with the smallest hashes.

    Raises:
        InputError: There are too few.
    """
    parts = _parts(corpus)
    hashes, starts, lengths = (np.concatenate(each) for each in zip(*parts, strict=True))
    labels = np.repeat(np.array([False, *good], np.int64), [len(each[0]) for each in parts])
    kinds = [_distinct(hashes, (labels == label) & (lengths > 0)) for label in (0, 1)]
    in_both = np.intersect1d(*(hashes[each] for each in kinds), assume_unique=True)
    own = [each[~np.isin(hashes[each], in_both)] for each in kinds]
    counts = {
        "copies": int((lengths > 0).sum()) - sum(map(len, kinds)),
        "in_both": len(in_both),
        "empty": int((lengths == 0).sum()),
    }
    for name, kind in (("bad", own[0]), ("good", own[1])):
        counts[name] = len(kind)
        if len(kind) < LEAST:
            raise InputError(
                f"{len(kind):,} different texts are {name} ones and not of the other kind; {LEAST} are needed at least."
            )
    chosen = np.concatenate([each[:most] for each in own])
    chosen = chosen[np.argsort(hashes[chosen], kind="stable")]
    spans = np.stack((starts[chosen], lengths[chosen]), axis=1)
    ends, places = _places(corpus, chosen, spans)
    examples = Examples(
        places=places,
        ends=ends,
        labels=labels[chosen],
        is_held_out=is_held_out(hashes[chosen], held_out),
    )
    for label, name in ((0, "bad"), (1, "good")):
        if not (examples.labels[examples.is_held_out] == label).any():
            raise InputError(
                f"none of the {counts[name]:,} {name} texts is held out; give more texts, or a larger --held-out."
            )
    return examples, counts


def _parts(corpus: Corpus) -> list[tuple[NDArray[np.uint64], Numbers, Numbers]]:
    """Of each block, after an empty one: the hashes of its texts, and where their n-grams begin and how many they are."""
    none = np.empty(0, np.int64)
    found = [(np.empty(0, np.uint64), none, none)]
    for block in corpus.blocks:
        arrays = load_arrays(corpus.path(block, ".npz"))
        mine = slice(block.first, block.first + block.documents)
        lengths = np.diff(arrays["ends"], prepend=0)
        starts = arrays["ends"] - lengths
        found.append((arrays["hashes"][mine], starts[mine], lengths[mine]))
    return found


def _distinct(hashes: NDArray[np.uint64], is_mine: NDArray[np.bool_]) -> Numbers:
    """The first of each hash, in the order of the hashes."""
    mine = np.flatnonzero(is_mine)
    return mine[np.unique(hashes[mine], return_index=True)[1]]


def is_held_out(hashes: NDArray[np.uint64], share: float) -> NDArray[np.bool_]:
    """Whether texts are for testing, by their hashes: about this share of them."""
    # Other bits than those by which the smallest are chosen.
    part = ((hashes * _MIX) >> np.uint64(20)) % np.uint64(_PARTS)
    return part < np.uint64(round(share * _PARTS))


def _places(corpus: Corpus, chosen: Numbers, spans: Numbers) -> tuple[Numbers, NDArray[np.uint32]]:
    """Where the n-grams of the chosen documents end, and their places; `spans` are theirs in the files of their blocks."""
    ends = np.cumsum(spans[:, 1])
    places = np.empty(int(ends[-1]), np.uint32)
    owner = np.searchsorted(corpus.bases, chosen, side="right") - 1
    for b in np.unique(owner).tolist():
        whole = load_arrays(corpus.path(corpus.blocks[b], ".npz"))["places"]
        for i in np.flatnonzero(owner == b).tolist():
            start, length = spans[i].tolist()
            places[ends[i] - length : ends[i]] = whole[start : start + length]
    return ends, places
