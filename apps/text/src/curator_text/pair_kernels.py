# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled inner loops on pairs of documents: buckets, unions, exact comparison.

As `kernels.py`, which is about single documents; imported inside functions only.
"""

import numpy as np
from numba import njit

from curator_text.kernels import I64, U32, UP


@njit(cache=True, nogil=True)
def overlap(hashes, i, i_end, j, j_end, needed):
    """Common values of two sorted slices, or -1 as soon as `needed` is out of reach."""
    common = I64(0)
    i, i_end, j, j_end = UP(i), UP(i_end), UP(j), UP(j_end)
    while i < i_end and j < j_end:
        if common + I64(min(i_end - i, j_end - j)) < needed:
            return I64(-1)
        # A block without branches on the data: which side moves is arithmetic.
        stop = min(UP(64), min(i_end - i, j_end - j))
        for _ in range(stop):
            x, y = hashes[i], hashes[j]
            common += I64(x == y)
            i += UP(x <= y)
            j += UP(y <= x)
    return common if common >= needed else I64(-1)


@njit(cache=True, nogil=True)
def jaccard(hashes, offsets, i, j, at_least):
    """Exact Jaccard similarity of two documents' sets, or -1.0 if it is below `at_least`."""
    n, m = offsets[i + 1] - offsets[i], offsets[j + 1] - offsets[j]
    if n == 0 or m == 0:
        return 1.0 if n == m else -1.0
    if min(n, m) / max(n, m) < at_least:
        return -1.0
    # J >= t needs common >= t (n + m) / (1 + t); one less, as rounding may lift that bound.
    needed = I64(np.floor(at_least * (n + m) / (1.0 + at_least))) - 1
    common = overlap(hashes, offsets[i], offsets[i + 1], offsets[j], offsets[j + 1], needed)
    if common < 0:
        return -1.0
    similarity = common / (n + m - common)
    return similarity if similarity >= at_least else -1.0


@njit(cache=True, nogil=True)
def keep_leaders(
    hashes, offsets, starts, neighbours, nearness, threshold, max_checks, kept, similarity
):
    """Greedy: in index order, a document goes if a kept earlier neighbour is similar enough.

    kept[i] is -1 if document i stays, else the most similar such neighbour. Returns how many
    documents had more than `max_checks` kept neighbours, and how many exact checks were made.
    """
    capped, checks = I64(0), I64(0)
    for i in range(len(starts) - 1):
        kept[i], similarity[i] = -1, 1.0
        chosen = np.empty(starts[i + 1] - starts[i], I64)
        count = 0
        for e in range(starts[i], starts[i + 1]):
            if neighbours[e] < i and kept[neighbours[e]] < 0:
                chosen[count] = e
                count += 1
        if count > max_checks:
            capped += 1
            order = np.argsort(-nearness[chosen[:count]], kind="mergesort")
            chosen = chosen[:count][order]
            count = max_checks
        best = -1.0
        for c in range(count):
            j = neighbours[chosen[c]]
            checks += 1
            s = jaccard(hashes, offsets, i, j, max(threshold, best))
            if s > best or (s == best and s >= 0.0 and j < kept[i]):
                best = s
                kept[i] = j
        if best >= 0.0:
            similarity[i] = best
    return capped, checks


@njit(cache=True, nogil=True)
def agreement(signatures, left, right, out):
    """Fraction of equal rows for each pair."""
    rows = signatures.shape[1]
    for k in range(len(left)):
        a, b = signatures[left[k]], signatures[right[k]]
        same = U32(0)
        for r in range(rows):
            same += U32(a[r] == b[r])
        out[k] = same / rows


@njit(cache=True, nogil=True)
def _sort_few(values):
    for i in range(1, len(values)):
        x, j = values[i], i - 1
        while j >= 0 and values[j] > x:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = x


@njit(cache=True, nogil=True)
def count_pairs(keys, max_bucket):
    """Pairs and crowded members that `fill_pairs` will give for these sorted keys."""
    pairs, crowded, start = I64(0), I64(0), 0
    for i in range(1, len(keys) + 1):
        if i < len(keys) and keys[i] == keys[start]:
            continue
        size = i - start
        if size > max_bucket:
            pairs += size - 1
            crowded += size
        else:
            pairs += size * (size - 1) // 2
        start = i
    return pairs, crowded


@njit(cache=True, nogil=True)
def fill_pairs(keys, ids, max_bucket, left, right, crowded):
    """All pairs of each bucket; for a larger one each member with its smallest id only."""
    at, among, start = 0, 0, 0
    for i in range(1, len(keys) + 1):
        if i < len(keys) and keys[i] == keys[start]:
            continue
        size = i - start
        if size > max_bucket:
            first = ids[start:i].min()
            for j in range(start, i):
                crowded[among] = ids[j]
                among += 1
                if ids[j] != first:
                    left[at], right[at] = first, ids[j]
                    at += 1
        elif size > 1:
            bucket = ids[start:i]
            _sort_few(bucket)
            for j in range(size):
                for k in range(j + 1, size):
                    left[at], right[at] = bucket[j], bucket[k]
                    at += 1
        start = i
    return at


@njit(cache=True, nogil=True)
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
