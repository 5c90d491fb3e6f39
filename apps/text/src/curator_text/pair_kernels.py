# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled inner loops on pairs of documents: buckets, unions, exact comparison.

As `kernels.py`, which is about single documents; imported inside functions only.
"""

import numpy as np

from curator_text.compiled import inlined, kernel
from curator_text.kernels import I64, U8, U32, U64, UP
from curator_text.window_kernels import ascii_values, windows_of


@inlined
def _slots(count):
    """Size of a hash table for so many values: a power of two, of which at least three quarters stay free."""
    size = UP(64)
    while size < UP(4) * UP(count):
        size *= UP(2)
    return size


@kernel
def _insert(hashes, count, table, size, out, at):
    """The distinct hashes go to out[at:], in order; gives their number.

    The first `size` slots of `table` get the positions after `at`, from 1; 0 is a free slot.
    """
    mask, at, found = UP(size - UP(1)), UP(at), UP(0)
    for slot in range(size):
        table[slot] = U32(0)
    for m in range(count):
        x = hashes[m]
        slot = UP(x) & mask
        while table[slot] != U32(0) and out[at + UP(table[slot]) - UP(1)] != x:
            slot = (slot + UP(1)) & mask
        if table[slot] == U32(0):
            out[at + found] = x
            found += UP(1)
            table[slot] = U32(found)
    return I64(found)


@kernel
def _common(values, start, end, table, size, others, at, count, needed):
    """How many of values[start:end] are in a set, or -1 as soon as `needed` is out of reach.

    `_insert` has put the set's `count` values at others[at:], and their places into the table. Similar
    texts have long runs of the same windows, so the value after the last one found is tried first.
    """
    mask, found = UP(size - UP(1)), I64(0)
    start, end, at, count, after = UP(start), UP(end), UP(at), UP(count), UP(0)
    while start < end:
        if found + I64(end - start) < needed:
            return I64(-1)
        stop = min(start + UP(256), end)
        for m in range(start, stop):
            x = values[m]
            if after < count and others[at + after] == x:
                found += 1
                after += UP(1)
                continue
            slot = UP(x) & mask
            while table[slot] != U32(0) and others[at + UP(table[slot]) - UP(1)] != x:
                slot = (slot + UP(1)) & mask
            if table[slot] != U32(0):
                found += 1
                after = UP(table[slot])
        start = stop
    return found if found >= needed else I64(-1)


@kernel
def _similarity(values, start, end, table, size, others, at, count, at_least):
    """Jaccard similarity of values[start:end] and a set as of `_common`, or -1.0 if it is less."""
    n, m = I64(end - start), I64(count)
    if n == 0 or m == 0:
        return 1.0 if n == m else -1.0
    if min(n, m) / max(n, m) < at_least:
        return -1.0
    # J >= t needs common >= t (n + m) / (1 + t); one less, as rounding may lift that bound.
    needed = I64(np.floor(at_least * (n + m) / (1.0 + at_least))) - 1
    common = _common(values, start, end, table, size, others, at, count, needed)
    if common < 0:
        return -1.0
    similarity = common / (n + m - common)
    return similarity if similarity >= at_least else -1.0


@kernel
def _against(hashes, count, table, size, others, at, n, rest, spare, at_least):
    """As `_similarity`, of a set of `n` > 0 values and of hashes that may come more than once.

    Only hashes that are not in the set must be looked at for whether they are distinct; `rest` and
    `spare` have room for them, and for a table of them.
    """
    mask, at, n, after = UP(size - UP(1)), UP(at), UP(n), UP(0)
    found, left = UP(0), UP(0)
    is_found = np.zeros(n, np.bool_)
    for m in range(count):
        x, place = hashes[m], after
        if after >= n or others[at + after] != x:
            slot = UP(x) & mask
            while table[slot] != U32(0) and others[at + UP(table[slot]) - UP(1)] != x:
                slot = (slot + UP(1)) & mask
            if table[slot] == U32(0):
                rest[left] = x
                left += UP(1)
                continue
            place = UP(table[slot]) - UP(1)
        found += UP(not is_found[place])
        is_found[place] = True
        after = place + UP(1)
    if I64(found) < at_least * I64(n):
        return -1.0
    more = _insert(rest, left, spare, _slots(left), rest, I64(0))
    similarity = I64(found) / (I64(n) + more)
    return similarity if similarity >= at_least else -1.0


@kernel
def jaccard(text, offsets, i, j, width, key, at_least):
    """Exact Jaccard similarity of two documents' window sets, or -1.0 if it is below `at_least`."""
    longest = max(offsets[i + 1] - offsets[i], offsets[j + 1] - offsets[j])
    scratch, hashes = np.empty(longest + 1, U64), np.empty(longest + 1, U64)
    values, out = ascii_values(key, width), np.empty(2 * longest + 2, U64)
    table = np.empty(_slots(longest), U32)
    windows = windows_of(text, offsets[j], offsets[j + 1], width, key, values, scratch, hashes)
    n = _insert(hashes, windows, table, _slots(windows), out, I64(0))
    windows = windows_of(text, offsets[i], offsets[i + 1], width, key, values, scratch, hashes)
    size = _slots(windows)
    m = _insert(hashes, windows, table, size, out, n)
    return _similarity(out, I64(0), n, table, size, out, n, m, at_least)


@kernel
def _chosen(i, starts, neighbours, nearness, kept, max_checks):
    """The pairs of document i that are to be compared, and how many there were before the bound."""
    chosen, count = np.empty(starts[i + 1] - starts[i], I64), 0
    for e in range(starts[i], starts[i + 1]):
        if kept[neighbours[e]] < 0:
            chosen[count] = e
            count += 1
    chosen = chosen[:count]
    if count > max_checks:
        chosen = chosen[np.argsort(-nearness[chosen], kind="mergesort")][:max_checks]
    return chosen, count


@kernel
def distinct_windows(text, offsets, width, key, out, ends):
    """The distinct window hashes of every document, one after another in `out`; `ends` of each.

    Needs as many places in `out` as there are bytes, and one more.
    """
    longest, at = I64(0), I64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    scratch, hashes = np.empty(longest + 1, U64), np.empty(longest + 1, U64)
    values, table = ascii_values(key, width), np.empty(_slots(longest), U32)
    for i in range(len(offsets) - 1):
        count = windows_of(text, offsets[i], offsets[i + 1], width, key, values, scratch, hashes)
        at += _insert(hashes, count, table, _slots(count), out, at)
        ends[i] = at


@kernel
def keep_leaders(
    given, old, first, last, text, offsets, width, key, order, root, starts, neighbours, nearness, is_left,
    threshold, max_checks, kept, similarity, start, end, scratch, hashes, table, spare, sets, state,
):  # fmt: skip
    """Greedy: a document goes if a kept earlier neighbour is similar enough.

    `given`: the sets of the first `old` documents, which stay, from `first` to `last` each; both have
    room for all documents. `text`, `offsets`: all texts, of old documents empty ones.
    `order`: the documents with pairs, component by component, in keep order within each; `root`: the
    component of each document; `starts`, `neighbours`, `nearness`: each one's earlier neighbours;
    `is_left`: whether it is one of another. Fills `kept`, -1 if the document stays, else the most similar
    kept neighbour, and `similarity` to it.

    Decides about order[start:end]; a call goes on where the one before ended. `scratch`, `hashes`,
    `table`, `spare` and `sets` are room as `similarity.py` makes it. `state`, zeros at first: documents that had
    more than `max_checks` kept neighbours, exact checks, the end of `sets`, the size of the table, and
    1 + the document whose set is in it.
    """
    capped, checks, at = state[0], state[1], state[2]
    # Most components are pairs: then the second one is compared with what the first left in the table.
    size, in_table = UP(state[3]), state[4] - I64(1)
    values = ascii_values(key, width)
    for k in range(start, end):
        i = order[k]
        if k and root[i] != root[order[k - 1]]:
            at = 0
        kept[i], similarity[i] = -1, 1.0
        if i < old:
            continue
        chosen, found = _chosen(i, starts, neighbours, nearness, kept, max_checks)
        capped += I64(found > max_checks)
        if not len(chosen) and not is_left[i]:
            continue
        checks += len(chosen)
        windows = windows_of(text, offsets[i], offsets[i + 1], width, key, values, scratch, hashes)
        best, j = -1.0, neighbours[chosen[0]] if len(chosen) == 1 else I64(-1)
        is_compared = j >= 0 and j == in_table and last[j] > first[j]
        if is_compared:
            n = last[j] - first[j]
            best = _against(
                hashes, windows, table, size, sets, first[j], n, scratch, spare, threshold
            )
        if not is_compared or (best < 0.0 and is_left[i]):
            size, in_table = _slots(windows), i
            count = _insert(hashes, windows, table, size, sets, at)
        if not is_compared:
            best, j = _nearest(
                neighbours[chosen], given, sets, first, last, old, table, size, at, count, threshold
            )
        if best >= 0.0:
            kept[i], similarity[i] = j, best
        elif is_left[i]:
            first[i], last[i] = at, at + count
            at += count
    state[0], state[1], state[2] = capped, checks, at
    state[3], state[4] = I64(size), in_table + I64(1)


@kernel
def room(order, root, offsets):
    """Bytes of the longest document, and of all documents of the largest component."""
    longest, largest, total = I64(0), I64(0), I64(0)
    for k in range(len(order)):
        i = order[k]
        size = offsets[i + 1] - offsets[i]
        total = size if k == 0 or root[i] != root[order[k - 1]] else total + size
        longest, largest = max(longest, size), max(largest, total)
    return longest, largest


@kernel
def _nearest(others, given, sets, first, last, old, table, size, at, count, threshold):
    """The similarity of the most similar of `others`, ties to the earliest, and which one it is.

    -1.0 and -1 if none is as similar as the threshold. The set that they are compared with is at
    sets[at:] and in the table.
    """
    best, nearest = -1.0, I64(-1)
    for j in others:
        there = given if j < old else sets
        least = max(threshold, best)
        s = _similarity(there, first[j], last[j], table, size, sets, at, count, least)
        if s > best or (s == best and s >= 0.0 and j < nearest):
            best, nearest = s, j
    return best, nearest


@kernel
def agreement(signatures, left, right, out):
    """Fraction of equal rows for each pair."""
    rows = signatures.shape[1]
    for k in range(len(left)):
        a, b = signatures[left[k]], signatures[right[k]]
        same = U32(0)
        for r in range(rows):
            same += U32(a[r] == b[r])
        out[k] = same / rows


@kernel
def _sort_few(values):
    for i in range(1, len(values)):
        x, j = values[i], i - 1
        while j >= 0 and values[j] > x:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = x


@kernel
def _count_old(ids, first_new):
    """How many of the ids are below `first_new`."""
    count = 0
    for i in range(len(ids)):
        count += ids[i] < first_new
    return count


@kernel
def may_repeat(keys, seen, out):
    """Positions of the keys that come more than once, and of a few others, go to `out`, in order.

    Returns their number. `seen`: zeros, their number a power of two.
    """
    mask, at = UP(len(seen) - 1), 0
    for i in range(len(keys)):
        slot = UP(keys[i]) & mask
        seen[slot] = min(seen[slot] + U8(1), U8(2))
    for i in range(len(keys)):
        out[at] = i
        at += seen[UP(keys[i]) & mask] > U8(1)
    return at


@kernel
def count_pairs(keys, ids, max_bucket, first_new):
    """Pairs and crowded members that `fill_pairs` will give for these sorted keys."""
    pairs, crowded, start = I64(0), I64(0), 0
    for i in range(1, len(keys) + 1):
        if i < len(keys) and keys[i] == keys[start]:
            continue
        size, old = i - start, _count_old(ids[start:i], first_new)
        if size <= max_bucket:
            pairs += size * (size - 1) // 2 - old * (old - 1) // 2
        elif old < size:
            pairs += size - max(old, 1)
            crowded += size
        start = i
    return pairs, crowded


@kernel
def _smallest(values):
    # `values.min()` would load numba's array functions, and those all of SciPy where it is installed.
    smallest = values[0]
    for x in values:
        smallest = min(smallest, x)
    return smallest


@kernel
def fill_pairs(keys, ids, max_bucket, first_new, left, right, heads, crowded):
    """All pairs of each bucket; for a larger one each member with its smallest id only.

    `crowded`: the members of larger buckets, and `heads`: the smallest id of each one's bucket. Ids
    below `first_new` are of old documents: no pair is of two of them.
    """
    at, among, start = 0, 0, 0
    for i in range(1, len(keys) + 1):
        if i < len(keys) and keys[i] == keys[start]:
            continue
        size, old = i - start, _count_old(ids[start:i], first_new)
        if old == size:
            start = i
            continue
        if size > max_bucket:
            first = _smallest(ids[start:i])
            for j in range(start, i):
                heads[among], crowded[among] = first, ids[j]
                among += 1
                if ids[j] != first and ids[j] >= first_new:
                    left[at], right[at] = first, ids[j]
                    at += 1
        elif size > 1:
            bucket = ids[start:i]
            _sort_few(bucket)
            for j in range(size):
                for k in range(max(j + 1, old), size):
                    left[at], right[at] = bucket[j], bucket[k]
                    at += 1
        start = i
    return at


@kernel
def unite(left, right, parent):
    """Union-find over the pairs, in place; afterwards parent[i] is i's smallest connected index."""
    for k in range(len(left)):
        a, b = left[k], right[k]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        else:
            parent[a] = b
    for i in range(len(parent)):
        # A parent is never larger than its child, so it is final when its child is reached.
        parent[i] = parent[parent[i]]
