# pyright: basic, reportPrivateImportUsage=none, reportAttributeAccessIssue=none
# numba's decorators and typed scalars have no usable types.
"""The compiled inner loops: plain functions on arrays, nothing else.

Importing this module imports numba, so everybody imports it inside a function. Text comes as UTF-8
bytes with int64 offsets, one slice per document. Loops count with `uintp`: signed indices would
cost a check for negative values each time, which halves the speed of the window loops.
"""

import numba
import numpy as np
from numba import njit

from curator_text.minhash import cache_folder

if not numba.config.CACHE_DIR:
    # Not beside the source, which may be read-only, and not through the environment, which is the user's.
    numba.config.CACHE_DIR = str(cache_folder())

U8, U32, U64, I64, UP = np.uint8, np.uint32, np.uint64, np.int64, np.uintp


@njit(inline="always")
def _rotate(x, bits):
    return U32((x << U32(bits)) | (x >> U32(32 - bits)))


@njit(inline="always")
def _scramble(word):
    """The half of MurmurHash3_x86_32 that depends on one word only."""
    return U32(_rotate(U32(word * U32(0xCC9E2D51)), 15) * U32(0x1B873593))


@njit(inline="always")
def _absorb(h, scrambled):
    return U32(_rotate(U32(h ^ scrambled), 13) * U32(5) + U32(0xE6546B64))


@njit(inline="always")
def _finish(h, size):
    h = U32(h ^ U32(size))
    h = U32((h ^ (h >> U32(16))) * U32(0x85EBCA6B))
    h = U32((h ^ (h >> U32(13))) * U32(0xC2B2AE35))
    return U32(h ^ (h >> U32(16)))


@njit(inline="always")
def _mix64(x):
    """Murmur3's 64-bit finaliser: every input bit reaches every output bit."""
    x = U64((x ^ (x >> U64(33))) * U64(0xFF51AFD7ED558CCD))
    x = U64((x ^ (x >> U64(33))) * U64(0xC4CEB9FE1A85EC53))
    return U64(x ^ (x >> U64(33)))


@njit(cache=True, nogil=True)
def _character_starts(text, start, end, starts):
    """Byte positions of the characters of text[start:end] and, after them, `end`; returns how many."""
    count = UP(0)
    for i in range(UP(start), UP(end)):
        starts[count] = i
        count += UP((text[i] & U8(0xC0)) != U8(0x80))
    starts[count] = end
    return count


@njit(cache=True, nogil=True)
def _scramble_words(text, start, end, out):
    """out[i]: the scrambled 4-byte word at start + i, wherever four bytes are left."""
    size = UP(end - start)
    if size < UP(4):
        return
    word = U32(0)
    for i in range(UP(start), UP(start) + UP(3)):
        word = U32((word >> U32(8)) | (U32(text[i]) << U32(24)))
    for i in range(size - UP(3)):
        word = U32((word >> U32(8)) | (U32(text[UP(start) + i + UP(3)]) << U32(24)))
        out[i] = _scramble(word)


@njit(cache=True, nogil=True)
def _murmur_fixed(scrambled, windows, width, seed, out):
    """Windows of `width` bytes, a multiple of four, one at each byte."""
    if width == UP(24):
        for i in range(windows):
            h = _absorb(seed, scrambled[i])
            h = _absorb(h, scrambled[i + UP(4)])
            h = _absorb(h, scrambled[i + UP(8)])
            h = _absorb(h, scrambled[i + UP(12)])
            h = _absorb(h, scrambled[i + UP(16)])
            h = _absorb(h, scrambled[i + UP(20)])
            out[i] = _finish(h, 24)
        return
    for i in range(windows):
        h = seed
        for j in range(UP(0), width, UP(4)):
            h = _absorb(h, scrambled[i + j])
        out[i] = _finish(h, width)


@njit(cache=True, nogil=True)
def _murmur_any(text, start, starts, windows, width, scrambled, seed, out):
    """Windows of `width` characters, of any number of bytes."""
    for i in range(windows):
        first, last = UP(starts[i]), UP(starts[i + width])
        size = last - first
        whole = size & ~UP(3)
        h = seed
        for j in range(UP(0), whole, UP(4)):
            h = _absorb(h, scrambled[first - UP(start) + j])
        if whole < size:
            tail = U32(0)
            for j in range(whole, size):
                tail |= U32(text[first + j]) << U32(U32(8) * U32(j - whole))
            h = U32(h ^ _scramble(tail))
        out[i] = _finish(h, size)


@njit(cache=True, nogil=True)
def murmur_windows(text, start, end, width, seed, starts, scrambled, out):
    """MurmurHash3_x86_32 of every window of `width` characters of text[start:end].

    A text shorter than a window is one window; an empty one has none. Returns their number.
    `starts`, `scrambled` and `out` are scratch of the text's bytes + 1.
    """
    if end == start:
        return UP(0)
    _scramble_words(text, start, end, scrambled)
    size = UP(end - start)
    count = _character_starts(text, start, end, starts)
    width = min(UP(width), count)
    windows = count - width + UP(1)
    if count == size and width % UP(4) == UP(0):
        _murmur_fixed(scrambled, windows, width, seed, out)
    else:
        _murmur_any(text, start, starts, windows, width, scrambled, seed, out)
    return windows


@njit(cache=True, nogil=True)
def _affine_minima(hashes, count, a, b, signature):
    """signature[p] = min over hashes of (a[p] * max(h, 1) + b[p]) mod 2^32; eight hashes a turn."""
    for p in range(len(signature)):
        signature[p] = U32(0xFFFFFFFF)
    i = UP(0)
    while i + UP(8) <= count:
        h0, h1 = max(hashes[i], U32(1)), max(hashes[i + UP(1)], U32(1))
        h2, h3 = max(hashes[i + UP(2)], U32(1)), max(hashes[i + UP(3)], U32(1))
        h4, h5 = max(hashes[i + UP(4)], U32(1)), max(hashes[i + UP(5)], U32(1))
        h6, h7 = max(hashes[i + UP(6)], U32(1)), max(hashes[i + UP(7)], U32(1))
        for p in range(len(signature)):
            x, y = a[p], b[p]
            low = min(U32(U32(x * h0) + y), U32(U32(x * h1) + y))
            low = min(low, min(U32(U32(x * h2) + y), U32(U32(x * h3) + y)))
            low = min(low, min(U32(U32(x * h4) + y), U32(U32(x * h5) + y)))
            low = min(low, min(U32(U32(x * h6) + y), U32(U32(x * h7) + y)))
            signature[p] = min(signature[p], low)
        i += UP(8)
    while i < count:
        h = max(hashes[i], U32(1))
        for p in range(len(signature)):
            signature[p] = min(signature[p], U32(U32(a[p] * h) + b[p]))
        i += UP(1)


@njit(cache=True, nogil=True)
def sign(text, offsets, width, a, b, signatures):
    """Fill signatures, shape (documents, len(a)); an empty document gets zeros."""
    longest = I64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    starts = np.empty(longest + 1, I64)
    scrambled, hashes = np.empty(longest + 1, U32), np.empty(longest + 1, U32)
    for i in range(len(offsets) - 1):
        count = murmur_windows(
            text, offsets[i], offsets[i + 1], width, a[0], starts, scrambled, hashes
        )
        if count:
            _affine_minima(hashes, count, a, b, signatures[i])
        else:
            signatures[i] = U32(0)


@njit(cache=True, nogil=True)
def band(signatures, bands, rows, keys):
    """Fill keys, shape (bands, documents): a 64-bit hash of each document's rows in each band."""
    for i in range(len(signatures)):
        for k in range(bands):
            x = U64(0x9E3779B97F4A7C15)
            for r in range(rows):
                x = _mix64(x ^ U64(signatures[i, k * rows + r])) + U64(0x9E3779B97F4A7C15)
            keys[k, i] = x


@njit(cache=True, nogil=True)
def _decode(text, start, end, out, at):
    """The code points of text[start:end] into out[at:]; returns their number."""
    points, j = UP(0), UP(start)
    while j < UP(end):
        point, more = U64(text[j]), UP(0)
        if point >= U64(0xF0):
            more, point = UP(3), point & U64(0x07)
        elif point >= U64(0xE0):
            more, point = UP(2), point & U64(0x0F)
        elif point >= U64(0xC0):
            more, point = UP(1), point & U64(0x1F)
        for m in range(more):
            point = (point << U64(6)) | U64(text[j + UP(1) + m] & U8(0x3F))
        out[at + points] = point + U64(1)
        points += UP(1)
        j += more + UP(1)
    return points


@njit(cache=True, nogil=True)
def hash_windows(text, offsets, width, out, counts):
    """A 64-bit hash of every window of `width` characters, all documents one after another in `out`.

    A polynomial over the characters' code points, mixed at the end; rolls from window to window,
    in place: a window's hash takes the place of its first character. Needs as many places in `out`
    as there are bytes.
    """
    base, at = U64(0x5851F42D4C957F2D), UP(0)
    for i in range(len(offsets) - 1):
        points = _decode(text, offsets[i], offsets[i + 1], out, at)
        if points == UP(0):
            counts[i] = 0
            continue
        span = min(UP(width), points)
        x, top = U64(0), U64(1)
        for m in range(span):
            x = x * base + out[at + m]
            top = top * base if m else top
        windows = points - span + UP(1)
        for m in range(windows):
            leaving = out[at + m]
            out[at + m] = _mix64(x ^ U64(span))
            if m + UP(1) < windows:
                x = (x - leaving * top) * base + out[at + m + span]
        counts[i] = windows
        at += windows


@njit(cache=True, nogil=True)
def drop_repeats(hashes, counts, distinct):
    """Move the distinct values of each document's sorted hashes together; returns the total."""
    read, write = UP(0), UP(0)
    for i in range(len(counts)):
        start = write
        for _ in range(counts[i]):
            if write == start or hashes[read] != hashes[write - UP(1)]:
                hashes[write] = hashes[read]
                write += UP(1)
            read += UP(1)
        distinct[i] = write - start
    return write


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


def load() -> None:
    """Run every kernel once on a little input, so that all are compiled or taken from the cache."""
    raw = "kernels are run once: naïve café".encode()
    text, offsets = np.frombuffer(raw, U8), np.array([0, len(raw) - 8, len(raw)], I64)
    a, b = np.array([1, 3], U32), np.array([0, 1], U32)
    signatures, keys = np.zeros((2, 2), U32), np.zeros((2, 2), U64)
    sign(text, offsets, 24, a, b, signatures)
    band(signatures, 2, 1, keys)
    hashes, counts, distinct = np.zeros(len(raw), U64), np.zeros(2, I64), np.zeros(2, I64)
    hash_windows(text, offsets, 24, hashes, counts)
    drop_repeats(hashes, counts, distinct)
    pair, other, scores = np.zeros(1, I64), np.ones(1, I64), np.zeros(1, np.float32)
    ends = np.concatenate((np.zeros(1, I64), np.cumsum(distinct)))
    jaccard(hashes, ends, 0, 1, 0.5)
    starts, kept = np.array([0, 0, 1], I64), np.zeros(2, I64)
    keep_leaders(hashes, ends, starts, pair, scores, 0.5, 1, kept, np.zeros(2))
    agreement(signatures, pair, other, scores)
    for column in (keys[0], keys[0].astype(U32)):
        count_pairs(column, 1)
        fill_pairs(column, np.arange(2), 2, pair, other, np.zeros(2, I64))
    unite(pair, other, np.arange(2))
