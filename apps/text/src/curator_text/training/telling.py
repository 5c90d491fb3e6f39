"""Which n-grams a model goes by: those that add most to the scores of its training texts, and how they are written.

A model knows places of hashes only; what stands at the places that tell most is looked up in the texts.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_text.models.linear_model import LinearModel
from curator_text.training.examples import Examples
from curator_text.training.read_ngrams import Ngrams

SHOWN = 40
"""N-grams of each kind."""
_LONGEST = 60
"""Characters of an n-gram that are shown."""

type Spellings = Counter[tuple[int, str]]
"""Documents, by number of a place and the way in which its n-gram is written."""


def telling_places(model: LinearModel, examples: Examples) -> list[int]:
    """The places that add most to the values of good texts, then those that take most from bad ones'."""
    lengths = examples.ends - examples.starts
    units = np.repeat(1.0 / np.sqrt(np.maximum(lengths, 1)), lengths)
    is_trained = np.repeat(~examples.is_held_out, lengths)
    places = examples.places[is_trained]
    seen = np.bincount(places, weights=units[is_trained], minlength=len(model.weights))
    moved = np.sqrt(np.sqrt(seen)) * model.weights
    order = np.argsort(-moved, kind="stable")
    good = [place for place in order[:SHOWN].tolist() if moved[place] > 0]
    bad = [place for place in order[::-1][:SHOWN].tolist() if moved[place] < 0]
    return good + bad


def spellings(
    text: NDArray[np.uint8], offsets: NDArray[np.int64], ngrams: Ngrams, places: Sequence[int]
) -> Spellings:
    """How the n-grams of some places are written in some documents, and in how many documents each is.

    Args:
        text: UTF-8 of the documents, in lower case.
        offsets: Where each begins, and where the last one ends.
        ngrams: As they were made.
        places: Of the n-grams that are looked for.

    Returns:
        Documents by number of the place and by the way to write it.
    """
    from curator_text.kernels import linear_kernels

    wanted = np.full(1 << ngrams.bits, -1, np.int64)
    wanted[list(places)] = np.arange(len(places))
    room = np.empty(((len(offsets) - 1) * len(places), 4), np.int64)
    shift = np.uint64(64 - ngrams.bits)
    count = linear_kernels.find_ngrams(
        text, offsets, ngrams.order, ngrams.most, wanted, shift, room
    )
    found: Spellings = Counter()
    for number, _, begin, end in room[:count].tolist():
        found[number, _written(text, begin, end)] += 1
    return found


def _written(text: NDArray[np.uint8], begin: int, end: int) -> str:
    return " ".join(text[begin:end].tobytes().decode("utf-8", "replace").split())[:_LONGEST]


def named(
    model: LinearModel, places: Sequence[int], *, good: Spellings, bad: Spellings
) -> list[dict[str, Any]]:
    """The n-grams of some places: `ngram`, `weight`, and in how many `good` and `bad` documents each is.

    Args:
        model: Of which they are.
        places: Theirs, the most telling first.
        good: Their spellings in good documents.
        bad: Their spellings in bad ones.
    """
    best: dict[int, tuple[str, list[int]]] = {}
    # What has the same hash by chance is rarer than the n-gram that the weight is of.
    for (number, spelling), _ in sorted((good + bad).items(), key=lambda e: (-e[1], e[0])):
        counts = [bad[number, spelling], good[number, spelling]]
        best.setdefault(number, (spelling, counts))
    scale = np.ldexp(1.0, model.exponent)
    return [
        {
            "ngram": best[number][0],
            "weight": round(float(model.weights[place] * scale), 3),
            "good": best[number][1][1],
            "bad": best[number][1][0],
        }
        for number, place in enumerate(places)
        if number in best
    ]
