# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled inner loops of the search for repeated passages, and for repeated lines.

A *window* is `window` bytes of a text in a row. As `hash_kernels.py`; imported inside functions only.
"""

import numpy as np

from curator_engine.compiled import inlined, kernel
from curator_text.kernels.hash_kernels import I64, U8, U64, UP, _mix64

_BASE = np.uint64(0x9E3779B97F4A7C15)
_OTHER_BASE = np.uint64(0xD6E8FEB86659FD93)
_SALT = np.uint64(0xA0761D6478BD642F)


@kernel
def powers(count):
    """Powers of both bases, for hashes of up to `count` bytes; shape (2, count + 1)."""
    out = np.empty((2, count + 1), U64)
    out[0, 0] = out[1, 0] = U64(1)
    for i in range(1, count + 1):
        out[0, i] = U64(out[0, i - 1] * _BASE)
        out[1, i] = U64(out[1, i - 1] * _OTHER_BASE)
    return out


@kernel
def byte_values():
    """A random value of each byte."""
    out = np.empty(256, U64)
    for i in range(256):
        out[i] = _mix64(U64(U64(i + 1) * _SALT))
    return out


@kernel
def _prefixes(text, start, end, values, one, two):
    """Polynomial hashes of all beginnings of text[start:end], of both bases; from 0 bytes on."""
    x, y = U64(0), U64(0)
    one[0], two[0] = x, y
    for i in range(UP(end - start)):
        value = values[text[UP(start) + i]]
        x = U64(U64(x * _BASE) + value)
        y = U64(U64(y * _OTHER_BASE) + value)
        one[i + UP(1)], two[i + UP(1)] = x, y


@inlined
def _range_hash(prefix, powers, start, size):
    """The polynomial hash of some bytes, from the hashes of the beginnings."""
    return U64(prefix[start + size] - U64(prefix[start] * powers[size]))


@inlined
def _both(one, two, powers, start, size):
    """A hash of some bytes by both bases, which two different ones share once in 2^64 times."""
    x = _range_hash(one, powers[0], start, size)
    y = _range_hash(two, powers[1], start, size)
    return _mix64(U64(x ^ _mix64(U64(y + U64(size) * _SALT))))


@kernel
def _smallest_from(hashes, start, end):
    """Where the first of the smallest hashes of a range is."""
    at = start
    for i in range(start + UP(1), end):
        if hashes[i] < hashes[at]:
            at = i
    return at


@kernel
def _next_smallest(hashes, at, start, span):
    """Where the first of the smallest of hashes[start : start + span] is; `at`: that of one place before."""
    new = start + span - UP(1)
    if at < start:
        return _smallest_from(hashes, start, new + UP(1))
    return new if hashes[new] < hashes[at] else at


@kernel
def sample(text, offsets, window, gram, keys, contexts, owners, starts, counts):
    """Cut the windows of each text into runs that have the same smallest gram; gives how many runs there are.

    The gram, `gram` bytes, is chosen by its hash alone (a minimizer, Schleimer et al. 2003), so equal
    windows have equal ones at the same place, wherever they stand. Of each run: the gram's hash goes
    to `keys`, a hash of all bytes of its windows to `contexts`, the text's index to `owners`, where
    the first window starts in it to `starts`, and the number of windows to `counts`. Stops when
    there is no room: then it gives -1.
    """
    longest = I64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    one, two = np.empty(longest + 1, U64), np.empty(longest + 1, U64)
    hashes = np.empty(longest + 1, U64)
    values, table = byte_values(), powers(2 * window)
    window, gram, found = UP(window), UP(gram), 0
    span = window - gram + UP(1)
    for i in range(len(offsets) - 1):
        size = UP(offsets[i + 1] - offsets[i])
        if size < window:
            continue
        _prefixes(text, offsets[i], offsets[i + 1], values, one, two)
        for m in range(size - gram + UP(1)):
            hashes[m] = _mix64(_range_hash(one, table[0], m, gram))
        windows, start = size - window + UP(1), UP(0)
        at = _smallest_from(hashes, UP(0), span)
        for s in range(UP(1), windows + UP(1)):
            now = at if s == windows else _next_smallest(hashes, at, s, span)
            if now != at or s == windows:
                if found == len(keys):
                    return -1
                count = s - start
                # Mixed, since the smallest hashes are all small.
                keys[found], owners[found] = _mix64(U64(hashes[at] ^ _SALT)), i
                contexts[found] = _both(one, two, table, start, count - UP(1) + window)
                starts[found], counts[found] = start, count
                found, start, at = found + 1, s, now
    return found


@kernel
def hash_windows(text, offsets, window, owners, starts, counts, out):
    """A hash of each window of some runs, one after the other in `out`; `owners`: their texts, sorted."""
    longest = I64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    one, two = np.empty(longest + 1, U64), np.empty(longest + 1, U64)
    values, table = byte_values(), powers(window)
    known, at = -1, 0
    for r in range(len(owners)):
        i = owners[r]
        if i != known:
            _prefixes(text, offsets[i], offsets[i + 1], values, one, two)
            known = i
        for s in range(UP(starts[r]), UP(starts[r]) + UP(counts[r])):
            out[at] = _both(one, two, table, s, UP(window))
            at += 1


@kernel
def repeated_windows(
    hashes, runs, order, begins, sizes, groups, table, out_run, out_at, out_end, out_first
):
    """Find the windows that equal an earlier one of a run of the same group, as spans; gives their number.

    `hashes`: of the windows, those of run r from begins[r] on; `runs`: the run of each window;
    `order`: the runs in the order in which they count; `table`: zeros, their number a power of two
    larger than that of windows. A span is of windows that follow each other, here and where they stand
    first: its run, its first window and the one after its last one go to `out_run`, `out_at` and `out_end`,
    and the window that its first one equals to `out_first`. Stops when there is no room: then it gives -1.
    """
    mask, found = UP(len(table) - 1), 0
    for r in order:
        before = I64(-2)
        for w in range(begins[r], begins[r] + sizes[r]):
            first = _place_of(hashes, runs, groups, w, table, mask)
            if first < 0:
                before = I64(-2)
                continue
            if first == before + 1 and runs[first] == runs[before]:
                out_end[found - 1] = w + 1
            else:
                if found == len(out_run):
                    return -1
                out_run[found], out_at[found], out_end[found] = r, w, w + 1
                out_first[found] = first
                found += 1
            before = first
    return found


@inlined
def _place_of(hashes, runs, groups, w, table, mask):
    """The window that window w equals; -1, and it is put into the table, if there is none."""
    x, group = hashes[w], groups[runs[w]]
    slot = UP(x) & mask
    while table[slot] != 0:
        other = table[slot] - 1
        if hashes[other] == x and groups[runs[other]] == group:
            return other
        slot = (slot + UP(1)) & mask
    table[slot] = w + 1
    return I64(-1)


@inlined
def _is_space(byte):
    return byte == U8(32) or (byte >= U8(9) and byte <= U8(13))


@kernel
def _unit_end(text, start, end, feeds):
    """Where the unit that begins at `start` ends, with its `feeds` line feeds or more."""
    seen, m = 0, start
    while m < end:
        byte = text[m]
        if byte == U8(10):
            seen += 1
            if feeds == 1:
                return m + UP(1)
        elif not _is_space(byte):
            if seen >= feeds:
                return m
            seen = 0
        m += UP(1)
    return end


@kernel
def hash_units(text, offsets, feeds, least, keys, others, owners, starts, sizes):
    """Hash the lines or paragraphs of each text without the white space around them; gives how many.

    A unit ends after `feeds` line feeds (1: lines; 2: paragraphs, and there may be other white space
    between these). Those of fewer than `least` bytes are left out. Of each: two hashes, the text's
    index, where the unit starts in it, and how long it is with its line feeds. Stops when there is
    no room: then it gives -1.
    """
    values, found = byte_values(), 0
    for i in range(len(offsets) - 1):
        base, end = UP(offsets[i]), UP(offsets[i + 1])
        start = base
        while start < end:
            after = _unit_end(text, start, end, feeds)
            first, last = start, after
            while first < last and _is_space(text[first]):
                first += UP(1)
            while last > first and _is_space(text[last - UP(1)]):
                last -= UP(1)
            if last > first and last - first >= UP(least):
                if found == len(keys):
                    return -1
                x, y = U64(last - first), U64(0)
                for m in range(first, last):
                    value = values[text[m]]
                    x = U64(U64(x * _BASE) + value)
                    y = U64(U64(y * _OTHER_BASE) + value)
                keys[found], others[found] = _mix64(x), _mix64(y)
                owners[found], starts[found], sizes[found] = i, start - base, after - start
                found += 1
            start = after
    return found


@kernel
def join_spans(owners, starts, ends, out_owners, out_starts, out_ends, out_first):
    """Join spans that touch or overlap; they are sorted by owner and start. Gives how many are left.

    `out_first`: which span each one begins with.
    """
    found = 0
    for i in range(len(owners)):
        if found and out_owners[found - 1] == owners[i] and starts[i] <= out_ends[found - 1]:
            out_ends[found - 1] = max(out_ends[found - 1], ends[i])
        else:
            out_owners[found], out_starts[found], out_ends[found] = owners[i], starts[i], ends[i]
            out_first[found] = i
            found += 1
    return found


@kernel
def whole_characters(text, offsets, owners, starts, ends):
    """Make spans begin and end at characters' borders, in place, by leaving out bytes at their ends."""
    for r in range(len(owners)):
        base, end = offsets[owners[r]], offsets[owners[r] + 1]
        while starts[r] < ends[r] and (text[base + starts[r]] & U8(0xC0)) == U8(0x80):
            starts[r] += 1
        while (
            starts[r] < ends[r]
            and base + ends[r] < end
            and (text[base + ends[r]] & U8(0xC0)) == U8(0x80)
        ):
            ends[r] -= 1
