# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled inner loops on the sets of windows of documents: hash tables of them, exact comparison.

As `hash_kernels.py`; imported inside functions only. Which sets are compared is `pair_kernels.py`'s.
"""

import numpy as np

from curator_engine.compiled import inlined, kernel
from curator_text.kernels.hash_kernels import I64, U32, U64, UP
from curator_text.kernels.window_kernels import ascii_values, windows_of

_RUN = UP(16)
"""Hashes that are compared at once."""
LEAST_SLOTS = UP(1 << 17)
"""The least room for a table that need not be cleared: half a megabyte, which stays in a processor's cache."""
_MOST = UP((1 << 32) - 1)


@inlined
def slots(count):
    """Size of a hash table for so many values: a power of two, of which at least three quarters stay free."""
    size = UP(64)
    while size < UP(4) * UP(count):
        size *= UP(2)
    return size


@inlined
def free_slots(count):
    """Size of a hash table that need not be cleared: in an emptier one nearly no search takes a step."""
    size = slots(count)
    return max(size, min(UP(8) * size, LEAST_SLOTS))


@kernel
def clear(table, size):
    """Make the first `size` slots of a table free, for a stamp of 0."""
    for slot in range(size):
        table[slot] = U32(0)


@kernel
def next_stamp(table, top, count):
    """A stamp for so many more hashes in a table whose largest number is `top`."""
    if top + UP(count) <= _MOST:
        return top
    clear(table, UP(len(table)))
    return UP(0)


@kernel
def insert(hashes, count, table, size, stamp, out, at):
    """The distinct hashes go to out[at:], in order; gives their number.

    The first `size` slots of `table` get stamp + their positions after `at`, from 1. Numbers up to the
    stamp are free slots: with the largest number as the next stamp, a table need not be cleared.
    """
    mask, stamp, at, found = UP(size - UP(1)), UP(stamp), UP(at), UP(0)
    for m in range(UP(count)):
        x = hashes[m]
        slot = UP(x) & mask
        entry = UP(table[slot])
        while entry > stamp and out[at + (entry - stamp) - UP(1)] != x:
            slot = (slot + UP(1)) & mask
            entry = UP(table[slot])
        if entry <= stamp:
            out[at + found] = x
            found += UP(1)
            table[slot] = U32(stamp + found)
    return I64(found)


@inlined
def _place(x, table, mask, stamp, others, at):
    """Where a hash is among others[at:], from 1, that `insert` put there; 0 for nowhere."""
    slot = UP(x) & mask
    entry = UP(table[slot])
    while entry > stamp and others[at + (entry - stamp) - UP(1)] != x:
        slot = (slot + UP(1)) & mask
        entry = UP(table[slot])
    return entry - stamp if entry > stamp else UP(0)


@inlined
def _is_run(values, at, others, there):
    """Whether the next `_RUN` values of both are equal; the last ones are looked at first."""
    if values[at + _RUN - UP(1)] != others[there + _RUN - UP(1)]:
        return False
    other = U64(0)
    for m in range(_RUN):
        other |= values[at + m] ^ others[there + m]
    return other == U64(0)


@kernel
def _common(values, start, end, table, size, stamp, others, at, count, needed):
    """How many of values[start:end] are in a set, or -1 as soon as `needed` is out of reach.

    `insert` has put the set's `count` values at others[at:], and their places into the table. Similar
    texts have long runs of the same windows, so the values after the last one found are tried first.
    """
    mask, stamp, found = UP(size - UP(1)), UP(stamp), I64(0)
    m, end, at, count, after = UP(start), UP(end), UP(at), UP(count), UP(0)
    while m < end:
        if found + I64(end - m) < needed:
            return I64(-1)
        stop = min(m + UP(256), end)
        while m < stop:
            x = values[m]
            if after < count and others[at + after] == x:
                step = UP(1)
                if m + _RUN <= end and after + _RUN <= count:
                    step = _RUN if _is_run(values, m, others, at + after) else UP(1)
                found, after, m = found + I64(step), after + step, m + step
                continue
            place = _place(x, table, mask, stamp, others, at)
            if place:
                found, after = found + 1, place
            m += UP(1)
    return found if found >= needed else I64(-1)


@kernel
def similarity_of(values, start, end, table, size, stamp, others, at, count, at_least):
    """Jaccard similarity of values[start:end] and a set as of `_common`, or -1.0 if it is less."""
    n, m = I64(end - start), I64(count)
    if n == 0 or m == 0:
        return 1.0 if n == m else -1.0
    if min(n, m) / max(n, m) < at_least:
        return -1.0
    # J >= t needs common >= t (n + m) / (1 + t); one less, as rounding may lift that bound.
    needed = I64(np.floor(at_least * (n + m) / (1.0 + at_least))) - 1
    common = _common(values, start, end, table, size, stamp, others, at, count, needed)
    if common < 0:
        return -1.0
    similarity = common / (n + m - common)
    return similarity if similarity >= at_least else -1.0


@kernel
def against(hashes, count, table, size, stamp, others, at, n, rest, spare, at_least):
    """As `similarity_of`, of a set of `n` > 0 values and of hashes that may come more than once.

    Only hashes that are not in the set must be looked at for whether they are distinct; `rest` and
    `spare` have room for them, and for a table of them.
    """
    mask, stamp, at, n, after = UP(size - UP(1)), UP(stamp), UP(at), UP(n), UP(0)
    m, count, found, left = UP(0), UP(count), UP(0), UP(0)
    is_found = np.zeros(n, np.bool_)
    while m < count:
        x, place, step = hashes[m], after, UP(1)
        if after >= n or others[at + after] != x:
            place = _place(x, table, mask, stamp, others, at)
            if not place:
                rest[left] = x
                left, m = left + UP(1), m + UP(1)
                continue
            place -= UP(1)
        elif m + _RUN <= count and after + _RUN <= n:
            step = _RUN if _is_run(hashes, m, others, at + after) else UP(1)
        for k in range(place, place + step):
            found += UP(not is_found[k])
            is_found[k] = True
        after, m = place + step, m + step
    if I64(found) < at_least * I64(n):
        return -1.0
    size = slots(left)
    clear(spare, size)
    more = insert(rest, left, spare, size, UP(0), rest, I64(0))
    similarity = I64(found) / (I64(n) + more)
    return similarity if similarity >= at_least else -1.0


@kernel
def jaccard(text, offsets, i, j, width, key, at_least):
    """Exact Jaccard similarity of two documents' window sets, or -1.0 if it is below `at_least`."""
    longest = max(offsets[i + 1] - offsets[i], offsets[j + 1] - offsets[j])
    scratch, hashes = np.empty(longest + 1, U64), np.empty(longest + 1, U64)
    values, out = ascii_values(key, width), np.empty(2 * longest + 2, U64)
    size = slots(longest)
    table = np.zeros(size, U32)
    windows = windows_of(text, offsets[j], offsets[j + 1], width, key, values, scratch, hashes)
    n = insert(hashes, windows, table, size, I64(0), out, I64(0))
    windows = windows_of(text, offsets[i], offsets[i + 1], width, key, values, scratch, hashes)
    m = insert(hashes, windows, table, size, n, out, n)
    return similarity_of(out, I64(0), n, table, size, n, out, n, m, at_least)


@kernel
def distinct_windows(text, offsets, width, key, out, ends):
    """The distinct window hashes of every document, one after another in `out`; `ends` of each.

    Needs as many places in `out` as there are bytes, and one more.
    """
    longest, at = I64(0), I64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    scratch, hashes = np.empty(longest + 1, U64), np.empty(longest + 1, U64)
    values, table = ascii_values(key, width), np.empty(slots(longest), U32)
    for i in range(len(offsets) - 1):
        count = windows_of(text, offsets[i], offsets[i + 1], width, key, values, scratch, hashes)
        size = slots(count)
        clear(table, size)
        at += insert(hashes, count, table, size, I64(0), out, at)
        ends[i] = at
