# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loops that find n-grams of known texts in documents. As `hash_kernels.py`; imported inside functions only.

Texts are compared by their letters alone: `folded` has, per code point, the letters that stand for it, three
times 21 bits, the first one lowest, and the bits below. An n-gram is known by the hash of its first letters,
then by its length and the hash of all, and at last letter by letter.
"""

import numpy as np

from curator_engine.compiled import kernel
from curator_text.kernels.hash_kernels import I64, U8, U32, U64, _mix64
from curator_text.kernels.word_kernels import code_point

SILENT, ALONE = U64(1 << 63), (1 << 21) - 1
"""Of a code point: neither a letter nor the end of a word. Mask of one of its letters."""
SINGLE = U64(1 << 20)
"""Of a letter: it is a word of its own, as where words are not told by spaces. No code point has this bit
together with another above it, but for private ones, which are no letters."""
_LETTER = U32((1 << 20) - 1)
_PRIME = U64(0x9E3779B97F4A7C15)
BINS = 20
"""Of shares in [0, 1]; 1 has one more for itself."""


@kernel
def fold(text, start, end, folded, letters, starts, chars):
    """Write the letters of text[start:end].

    `letters` gets them, `starts` whether a word begins there, `chars` which character of the text it is of;
    `starts` gets one more, for the end. Returns the number of letters.
    """
    count, at, char, fresh = I64(0), start, np.int32(0), True
    while at < end:
        if text[at] < U8(0x80):
            # One letter or the end of a word, without a branch that is hard to foresee.
            entry = folded[text[at]]
            letters[count], starts[count], chars[count] = U32(entry), fresh, char
            is_letter = entry != U64(0)
            is_spoken = entry != SILENT
            count += I64(is_letter & is_spoken)
            fresh = (fresh | (not is_letter)) & ((not is_letter) | (not is_spoken))
            at += 1
            char += np.int32(1)
            continue
        point, at = code_point(text, at)
        entry = folded[point] if point < U32(len(folded)) else U64(0)
        if entry == U64(0):
            fresh = True
        elif entry != SILENT:
            while entry != U64(0):
                letter = U32(entry) & U32(0x1FFFFF)
                entry >>= U64(21)
                single = letter > _LETTER
                letters[count] = letter & _LETTER
                starts[count] = fresh or single
                chars[count] = char
                count += 1
                fresh = single
        char += np.int32(1)
    starts[count] = True
    return count


@kernel
def fold_all(text, offsets, folded, letters, starts, chars, ends):
    """As `fold` for some texts, one behind the other; `ends` gets the letters so far after each."""
    total = I64(0)
    for d in range(len(offsets) - 1):
        total += fold(
            text,
            offsets[d],
            offsets[d + 1],
            folded,
            letters[total:],
            starts[total:],
            chars[total:],
        )
        ends[d] = total


@kernel
def prefix_hashes(letters, count, sums):
    """sums[k] is the hash of the first k letters; the hash of letters[a:b] is sums[b] - sums[a] * P^(b - a)."""
    h = U64(0)
    sums[0] = h
    for k in range(count):
        h = U64(h * _PRIME + U64(letters[k]) + U64(1))
        sums[k + 1] = h


@kernel
def fill_powers(powers):
    """powers[k] is P^k."""
    h = U64(1)
    for k in range(len(powers)):
        powers[k] = h
        h = U64(h * _PRIME)


@kernel
def count_ngrams_of_items(starts, offsets, n, least, counts):
    """How many n-grams each item has, 1 for one that is shorter, 0 for one of fewer than `least` words."""
    for i in range(len(offsets) - 1):
        words = I64(0)
        for k in range(offsets[i], offsets[i + 1]):
            words += I64(starts[k])
        counts[i] = 0 if words < least else max(words - n + 1, 1)


@kernel
def find_ngrams(starts, offsets, n, counts, begin, length):
    """Write where each n-gram of the items begins among all letters, and how many it has."""
    total = I64(0)
    words = np.empty(len(starts) + 1, I64)
    for i in range(len(offsets) - 1):
        known = I64(0)
        for k in range(offsets[i], offsets[i + 1]):
            if starts[k]:
                words[known] = k
                known += 1
        words[known] = offsets[i + 1]
        size = min(known, n)
        for w in range(counts[i]):
            begin[total] = words[w]
            length[total] = words[w + size] - words[w]
            total += 1


@kernel
def hash_spans(sums, powers, begin, length, hashes):
    """The hash of each span of letters."""
    for k in range(len(begin)):
        a, b = begin[k], begin[k] + length[k]
        hashes[k] = U64(sums[b] - sums[a] * powers[length[k]])


@kernel
def _same_letters(a, at, b, other, size):
    k = I64(0)
    while k < size and a[at + k] == b[other + k]:
        k += 1
    return k == size


@kernel
def number_units(letters, order, anchors, lengths, hashes, begin, unit):
    """Number the distinct n-grams, given in the order of anchor, length and hash; returns how many there are.

    Two with the same hash are the same only if their letters are.
    """
    known, opening = I64(0), I64(0)
    first = np.empty(len(order) + 1, I64)
    for p in range(len(order)):
        k = order[p]
        before = order[p - 1] if p else k
        if (
            p == 0
            or anchors[before] != anchors[k]
            or lengths[before] != lengths[k]
            or hashes[before] != hashes[k]
        ):
            opening = known
        number = opening
        while number < known and not _same_letters(
            letters, begin[first[number]], letters, begin[k], lengths[k]
        ):
            number += 1
        if number == known:
            first[known] = k
            known += 1
        unit[k] = number
    return known


@kernel
def set_bits(anchors, bits, shift):
    """Mark the anchors in a table of bits."""
    for anchor in anchors:
        slot = _mix64(anchor) >> U64(shift)
        bits[slot >> U64(3)] |= U8(U64(1) << (slot & U64(7)))


@kernel
def _first_at_least(values, low, high, wanted):
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _beyond(values, low, high, known):
    while low < high:
        middle = (low + high) >> 1
        if values[middle] <= known:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _grown(hits, count):
    more = np.empty((2 * len(hits), 4), I64)
    more[:count] = hits[:count]
    return more


@kernel
def _add_units(document, a, count, low, high, units, found, hits, total):
    """Add the n-grams among [low, high) that begin at the letter a; returns the hits and their number."""
    lengths, hashes, begin, known, powers = units
    letters, starts, chars, sums = found
    while low < high:
        long = I64(lengths[low])
        after = _beyond(lengths, low, high, lengths[low])
        b = a + long
        if b > count:
            break
        whole = U64(sums[b] - sums[a] * powers[long])
        u = _first_at_least(hashes, low, after, whole) if starts[b] else after
        while u < after and hashes[u] == whole:
            if _same_letters(letters, a, known, begin[u], long):
                hits = _grown(hits, total) if total == len(hits) else hits
                hits[total, 0], hits[total, 1] = document, u
                hits[total, 2], hits[total, 3] = chars[a], chars[b - 1] + 1
                total += 1
            u += 1
        low = after
    return hits, total


@kernel
def find_units(text, offsets, folded, sizes, edges, bits, shift, anchors, units, found):
    """Find known n-grams in documents: rows of document, n-gram, first character, and character behind the last.

    The n-grams are in the order of the size of their anchors, anchor, length and hash; `sizes` are the sizes that
    occur, `edges` where the n-grams of each begin, and the end. `units` are lengths, hashes and beginnings of the
    n-grams, the letters where these lie, and powers of the prime; `found` is room for what `fold` and
    `prefix_hashes` write.
    """
    hits, total = np.empty((64, 4), I64), I64(0)
    letters, starts, chars, sums = found
    powers = units[4]
    for d in range(len(offsets) - 1):
        count = fold(text, offsets[d], offsets[d + 1], folded, letters, starts, chars)
        prefix_hashes(letters, count, sums)
        for a in range(count):
            if not starts[a]:
                continue
            for c in range(len(sizes)):
                size = sizes[c]
                if a + size > count:
                    break
                anchor = U64(sums[a + size] - sums[a] * powers[size])
                slot = _mix64(anchor) >> U64(shift)
                if bits[slot >> U64(3)] >> U8(slot & U64(7)) & U8(1):
                    low = _first_at_least(anchors, edges[c], edges[c + 1], anchor)
                    high = _beyond(anchors, low, edges[c + 1], anchor)
                    hits, total = _add_units(d, a, count, low, high, units, found, hits, total)
    return hits[:total]


@kernel
def count_items(documents, units, opening, items, counts, of_item, least, most, is_found):
    """Which items are found in documents.

    `documents` and `units` are the distinct pairs, by document; `items` has from opening[unit] to
    opening[unit + 1] those of which the n-gram is one. `of_item` is how many n-grams count for each item,
    `counts` room for as many zeros; `is_found` gets True for an item that is found anywhere.

    Returns:
        Rows of document, item and n-grams found of it: of each document at most `most` items with a share of
        at least `least`, those with the largest shares. And for each document its number, how many items it
        has, and its largest share, in parts of `BINS`.
    """
    rows, total = np.empty((64, 4), I64), I64(0)
    best, met = np.zeros((len(documents), 3), I64), np.empty(len(counts), I64)
    at, d = I64(0), I64(0)
    while at < len(documents):
        document, touched = documents[at], I64(0)
        while at < len(documents) and documents[at] == document:
            for p in range(opening[units[at]], opening[units[at] + 1]):
                item = items[p]
                if counts[item] == 0:
                    met[touched] = item
                    touched += 1
                counts[item] += 1
            at += 1
        first = total
        best[d, 0] = document
        for t in range(touched):
            item = met[t]
            share = counts[item] / of_item[item]
            best[d, 2] = max(best[d, 2], counts[item] * BINS // of_item[item])
            if share >= least:
                best[d, 1] += 1
                is_found[item] = True
                if total == len(rows):
                    rows = _grown(rows, total)
                rows[total, 0], rows[total, 1], rows[total, 2] = document, item, counts[item]
                # What is sorted by: the largest share first, then the order of items.
                rows[total, 3] = -I64(share * (1 << 40))
                total += 1
            counts[item] = 0
        mine = rows[first:total].copy()
        by_item = mine[np.argsort(mine[:, 1], kind="mergesort")]
        chosen = by_item[np.argsort(by_item[:, 3], kind="mergesort")][:most]
        total = first + len(chosen)
        rows[first:total] = chosen
        d += 1
    return rows[:total], best[:d]


@kernel
def find_spans(rows, hits, opening, items):
    """Where items lie in documents: number of the row, first character, and that behind the last.

    `rows` are document and item, `hits` as `find_units` gives them, both by document. Spans that touch are one.
    """
    spans, total, low = np.empty((64, 4), I64), I64(0), I64(0)
    for r in range(len(rows)):
        document, item = rows[r, 0], rows[r, 1]
        while low < len(hits) and hits[low, 0] < document:
            low += 1
        at, first = low, total
        while at < len(hits) and hits[at, 0] == document:
            unit = hits[at, 1]
            place = _first_at_least(items, opening[unit], opening[unit + 1], item)
            if place < opening[unit + 1] and items[place] == item:
                if total > first and hits[at, 2] <= spans[total - 1, 2]:
                    spans[total - 1, 2] = max(spans[total - 1, 2], hits[at, 3])
                else:
                    if total == len(spans):
                        spans = _grown(spans, total)
                    spans[total, 0], spans[total, 1], spans[total, 2] = r, hits[at, 2], hits[at, 3]
                    total += 1
            at += 1
    return spans[:total]


@kernel
def find_cuts(pairs, units, hits, opening, items, counts, of_item, least):
    """The places of all items that are found: rows of document, first character, and that behind the last.

    `pairs`, `units`, `counts` and `least` as for `count_items`, `hits` as `find_units` gives them. Spans that
    touch are one.
    """
    spans, total = np.empty((64, 4), I64), I64(0)
    at, low = I64(0), I64(0)
    while low < len(hits):
        document, begin, first = hits[low, 0], at, total
        while at < len(pairs) and pairs[at] == document:
            for p in range(opening[units[at]], opening[units[at] + 1]):
                counts[items[p]] += 1
            at += 1
        while low < len(hits) and hits[low, 0] == document:
            unit = hits[low, 1]
            is_cut = False
            for p in range(opening[unit], opening[unit + 1]):
                is_cut = is_cut or counts[items[p]] / of_item[items[p]] >= least
            if is_cut and total > first and hits[low, 2] <= spans[total - 1, 2]:
                spans[total - 1, 2] = max(spans[total - 1, 2], hits[low, 3])
            elif is_cut:
                spans = _grown(spans, total) if total == len(spans) else spans
                spans[total, 0], spans[total, 1], spans[total, 2] = (
                    document,
                    hits[low, 2],
                    hits[low, 3],
                )
                total += 1
            low += 1
        for q in range(begin, at):
            for p in range(opening[units[q]], opening[units[q] + 1]):
                counts[items[p]] = 0
    return spans[:total, :3]
