# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loops over n-grams of words. As `hash_kernels.py`; imported inside functions only.

An n-gram is repeated only where the (n-1)-gram at its place is, so each n looks at fewer places. Two
n-grams are the same if their words are: they are compared by number, not by hash.
"""

import numpy as np

from curator_engine.compiled import kernel
from curator_text.kernels.hash_kernels import I64, U8, U64, _mix64

_SPACE = U8(32)


@kernel
def _take_words(words, opening, ids, classes, places, counts, first, so_far):
    """As `_number_ngrams` for n = 1: words have their numbers."""
    known, repeated = I64(0), I64(0)
    for k in range(words):
        number = I64(ids[opening + k])
        if number == known:
            counts[number], first[number] = 1, k
            known += 1
        else:
            counts[number] += 1
            repeated += so_far[k + 1] - so_far[k]
        classes[k], places[k] = number, k
    return words, known, repeated


@kernel
def _number_ngrams(
    n, words, opening, there, ids, classes, places, keys, slots, counts, first, so_far
):
    """Number the n-grams at `places` by their (n-1)-gram's number and their last word.

    `classes` gets the numbers, `counts` how often each occurs, `first` where; places at which no n-gram
    begins go. Returns the places left, the distinct n-grams, and the characters in repeated ones.
    """
    mask = I64(1)
    while mask < 2 * there:
        mask *= 2
    for slot in range(mask):
        slots[slot] = -1
    mask -= 1
    known, kept, repeated, last = I64(0), I64(0), I64(0), I64(-n)
    for p in range(there):
        k = I64(places[p])
        if k + n > words:
            break
        key = U64(classes[k]) << U64(32) | U64(ids[opening + k + n - 1])
        slot = I64(_mix64(key)) & mask
        while slots[slot] >= 0 and keys[slot] != key:
            slot = (slot + 1) & mask
        number = I64(slots[slot])
        if number < 0:
            number = known
            slots[slot], keys[slot] = number, key
            counts[number], first[number] = 1, k
            known += 1
        else:
            counts[number] += 1
            covered = max(last + n - k, I64(0))
            repeated += so_far[k + n] - so_far[k + covered] + min(n - covered, n - 1)
            last = k
        classes[k] = number
        kept += 1
    return kept, known, repeated


@kernel
def _most_frequent(known, counts, first):
    """Where the first of the most frequent n-grams begins: at the first word if none is repeated."""
    best = I64(0)
    for number in range(known):
        if counts[number] > counts[best]:
            best = number
    return I64(first[best]) if known and counts[best] > 1 else I64(0)


@kernel
def _write_ngram(text, begin, stop, a, b, pattern):
    """Write the words [a, b) with a space between them; returns the number of bytes."""
    to = I64(0)
    for w in range(a, b):
        if w > a:
            pattern[to] = _SPACE
            to += 1
        for at in range(begin[w], stop[w]):
            pattern[to] = text[at]
            to += 1
    return to


@kernel
def _repeated_places(kept, places, classes, counts):
    """Keep the places of n-grams that occur more than once; returns how many."""
    there = I64(0)
    for p in range(kept):
        k = places[p]
        if counts[classes[k]] > 1:
            places[there] = k
            there += 1
    return there


@kernel
def count_ngrams(text, offsets, begin, stop, chars, ids, ends, top, dup, out_top, out_dup):
    """Count the characters of n-grams that are repeated, for each document and n.

    The words are as `find_words` leaves them. `top` and `dup` say for each n what is wanted. `out_top` gets
    the characters that go if the most frequent n-gram, the first of them, is cut out of the text;
    `out_dup` those in n-grams that occurred before, each character once; -1 for fewer than n words.
    """
    most = longest = I64(1)
    for d in range(len(ends)):
        most = max(most, ends[d] - (ends[d - 1] if d else 0))
        longest = max(longest, offsets[d + 1] - offsets[d])
    room = I64(1)
    while room < 2 * most:
        room *= 2
    keys, slots = np.empty(room, U64), np.empty(room, np.int32)
    classes, places = np.empty(most + 1, np.int32), np.empty(most + 1, np.int32)
    counts, first = np.empty(most + 1, np.int32), np.empty(most + 1, np.int32)
    so_far, pattern = np.empty(most + 1, I64), np.empty(2 * longest, U8)
    for d in range(len(ends)):
        opening = ends[d - 1] if d else I64(0)
        words = ends[d] - opening
        so_far[0] = 0
        for k in range(words):
            so_far[k + 1] = so_far[k] + chars[opening + k]
        there = words
        for n in range(1, len(top)):
            if words < n:
                out_top[d, n] = out_dup[d, n] = -1
                continue
            if n == 1:
                kept, known, repeated = _take_words(
                    words, opening, ids, classes, places, counts, first, so_far
                )
            else:
                kept, known, repeated = _number_ngrams(
                    n,
                    words,
                    opening,
                    there,
                    ids,
                    classes,
                    places,
                    keys,
                    slots,
                    counts,
                    first,
                    so_far,
                )
            out_dup[d, n] = repeated
            if top[n]:
                place = _most_frequent(known, counts, first)
                size = _write_ngram(
                    text, begin, stop, opening + place, opening + place + n, pattern
                )
                times = _occurrences(text, offsets[d], offsets[d + 1], pattern, size)
                out_top[d, n] = times * (so_far[place + n] - so_far[place] + n - 1)
            there = _repeated_places(kept, places, classes, counts)


@kernel
def _occurrences(text, start, end, pattern, size):
    """How often the pattern occurs in text[start:end], without overlap."""
    found, at, stop = I64(0), start, end - size
    head, tail = pattern[0], pattern[size - 1]
    while at <= stop:
        if text[at] == head and text[at + size - 1] == tail:
            same = True
            for k in range(1, size - 1):
                if text[at + k] != pattern[k]:
                    same = False
                    break
            if same:
                found += 1
                at += size
                continue
        at += 1
    return found
