# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled inner loops on pairs of documents: buckets, unions, who is compared with whom and stays.

As `hash_kernels.py`, which is about single documents; imported inside functions only.
"""

import numpy as np

from curator_engine.compiled import kernel
from curator_text.kernels.hash_kernels import I64, U8, U32, UP
from curator_text.kernels.set_kernels import against, free_slots, insert, next_stamp, similarity_of
from curator_text.kernels.window_kernels import ascii_values, windows_of

_ROUNDING = 1e-9


@kernel
def _chosen(i, starts, neighbours, nearness, kept, max_checks):
    """Whom document i is to be compared with, the nearest first, and how many there were before the bound."""
    chosen, count = np.empty(starts[i + 1] - starts[i], I64), 0
    for e in range(starts[i], starts[i + 1]):
        if kept[neighbours[e]] < 0:
            chosen[count] = e
            count += 1
    chosen = chosen[:count]
    if count > 1:
        chosen = chosen[np.argsort(-nearness[chosen], kind="mergesort")][:max_checks]
    return neighbours[chosen[:max_checks]], count


@kernel
def _are_apart(i, j, starts, neighbours, max_checks):
    """Whether two documents that stay are known to be less similar than the threshold: they were compared."""
    i, j = min(i, j), max(i, j)
    low, end = starts[j], starts[j + 1]
    if end - low > max_checks:
        return False
    high = end
    while low < high:
        middle = (low + high) // 2
        if neighbours[middle] < i:
            low = middle + 1
        else:
            high = middle
    return low < end and neighbours[low] == i


@kernel
def _is_decided(others, best, nearest, threshold, starts, neighbours, max_checks):
    """Whether none of the others can be as near as `nearest`, to which the similarity is `best`.

    1 - J is a metric: of two documents that are less similar than the threshold, a third one cannot be
    nearer to both than half of their distance.
    """
    if best <= (1.0 + threshold) / 2 + _ROUNDING:
        return len(others) == 0
    apart = I64(0)
    for j in others:
        apart += I64(_are_apart(j, nearest, starts, neighbours, max_checks))
    return apart == len(others)


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
    more than `max_checks` kept neighbours, exact checks, the end of `sets`, 1 + the document whose set is in
    the table, with its size and stamp, and the table's largest number.
    """
    capped, checks, at = state[0], state[1], state[2]
    # Most components are pairs: then the second one is compared with what the first left in the table.
    in_table, size, stamp, top = state[3] - I64(1), UP(state[4]), UP(state[5]), UP(state[6])
    values = ascii_values(key, width)
    for k in range(start, end):
        i = order[k]
        if k and root[i] != root[order[k - 1]]:
            at = 0
        kept[i], similarity[i] = -1, 1.0
        if i < old:
            continue
        others, found = _chosen(i, starts, neighbours, nearness, kept, max_checks)
        capped += I64(found > max_checks)
        if not len(others) and not is_left[i]:
            continue
        windows = windows_of(text, offsets[i], offsets[i + 1], width, key, values, scratch, hashes)
        best, j = -1.0, I64(-1)
        if len(others) and others[0] == in_table and last[in_table] > first[in_table]:
            j, others, checks = in_table, others[1:], checks + 1
            n = last[j] - first[j]
            best = against(
                hashes, windows, table, size, stamp, sets, first[j], n, scratch, spare, threshold
            )
        is_decided = _is_decided(others, best, j, threshold, starts, neighbours, max_checks)
        if not is_decided or (best < 0.0 and is_left[i]):
            in_table, size = i, free_slots(windows)
            stamp = next_stamp(table, top, windows)
            count = insert(hashes, windows, table, size, stamp, sets, at)
            top = stamp + UP(count)
        if not is_decided:
            best, j, compared = _nearest(
                others, best, j, given, sets, first, last, old, table, size, stamp, at, count,
                threshold, starts, neighbours, max_checks,
            )  # fmt: skip
            checks += compared
        if best >= 0.0:
            kept[i], similarity[i] = j, best
        elif is_left[i]:
            first[i], last[i] = at, at + count
            at += count
    state[0], state[1], state[2] = capped, checks, at
    state[3], state[4], state[5], state[6] = in_table + I64(1), I64(size), I64(stamp), I64(top)


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
def _nearest(
    others, best, nearest, given, sets, first, last, old, table, size, stamp, at, count,
    threshold, starts, neighbours, max_checks,
):  # fmt: skip
    """The nearest of `others` and `nearest`, ties to the earliest: the similarity, and which one it is.

    Also gives how many were compared. `best`: the similarity to `nearest`, -1.0 if there is none as
    similar as the threshold. The set that they are compared with is at sets[at:] and in the table.
    """
    compared = I64(0)
    for k in range(len(others)):
        j = others[k]
        if best >= 0.0 and _is_decided(
            others[k : k + 1], best, nearest, threshold, starts, neighbours, max_checks
        ):
            continue
        there = given if j < old else sets
        least = max(threshold, best)
        s = similarity_of(there, first[j], last[j], table, size, stamp, sets, at, count, least)
        compared += 1
        if s > best or (s == best and s >= 0.0 and j < nearest):
            best, nearest = s, j
    return best, nearest, compared


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
