# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loops over lines, paragraphs and n-grams as datatrove counts them. As `hash_kernels.py`.

The rules of Gopher, of FineWeb and of C4's documents come from these counts; imported inside functions only.
"""

import numpy as np

from curator_engine.compiled import kernel
from curator_text.kernels.hash_kernels import I64, U8, U64
from curator_text.kernels.line_kernels import (
    _count_parts,
    _emptied,
    _is_new,
    _most_parts,
    _table_size,
)
from curator_text.kernels.mark_kernels import (
    SPACE,
    TERMINAL,
    class_at,
    class_before,
)
from curator_text.kernels.ngram_kernels import _number_ngrams, _repeated_places, _take_words

_NEWLINE, _RETURN, _DOT, _MINUS = U8(10), U8(13), U8(46), U8(45)
PART_COUNTS = (
    "split_paragraphs",
    "repeated_paragraphs",
    "repeated_paragraph_chars",
    "split_lines",
    "repeated_lines",
    "repeated_line_chars",
)


@kernel
def _trimmed(text, start, end, classes):
    """text[start:end] without white space at both ends."""
    while start < end:
        found, size = class_at(text, start, classes)
        if not found & SPACE:
            break
        start += size
    while end > start:
        found, size = class_before(text, start, end, classes)
        if not found & SPACE:
            break
        end -= size
    return start, end


@kernel
def _part(text, at, end, least):
    """The end of the part from text[at] on, which goes to `least` line ends in a row; where the next begins; characters."""
    chars = I64(0)
    while at < end:
        if text[at] == _NEWLINE:
            stop = at
            while stop < end and text[stop] == _NEWLINE:
                stop += 1
            if stop - at >= least:
                return at, stop, chars
            chars += stop - at
            at = stop
            continue
        chars += I64((text[at] & U8(0xC0)) != U8(0x80))
        at += 1
    return end, end + 1, chars


@kernel
def _repeats(text, at, end, least, begin, stop, slots, out):
    """Write the parts of text[at:end], those that occurred before, and the characters in them."""
    mask = _emptied(slots, _count_parts(text, at, end))
    parts = known = again = chars_again = I64(0)
    while at <= end:
        start = at
        inner, at, chars = _part(text, start, end, least)
        parts += 1
        if _is_new(text, start, inner, begin, stop, known, slots, mask):
            known += 1
        else:
            again += 1
            chars_again += chars
    out[0], out[1], out[2] = parts, again, chars_again


@kernel
def count_parts(text, offsets, classes, out):
    """Write the counts of `PART_COUNTS` to out[document].

    Paragraphs lie between two line ends or more, without white space at both ends of the text; lines between one or
    more.
    """
    most = _most_parts(text, offsets)
    begin, stop = np.empty(most + 1, I64), np.empty(most + 1, I64)
    slots = np.empty(_table_size(most + 1), np.int32)
    for d in range(len(offsets) - 1):
        start, end = _trimmed(text, offsets[d], offsets[d + 1], classes)
        _repeats(text, start, end, 2, begin, stop, slots, out[d, :3])
        _repeats(text, offsets[d], offsets[d + 1], 1, begin, stop, slots, out[d, 3:])


MARK_COUNTS = ("any_lines", "lines_with_dash", "lines_with_ellipsis")


@kernel
def _ends_line(text, at):
    """The bytes of the line end at text[at], as `str.splitlines` has them; 0 for none."""
    c = text[at]
    if c == _RETURN:
        return I64(2 if text[at + 1 : at + 2].size and text[at + 1] == _NEWLINE else 1)
    if U8(10) <= c <= U8(12) or U8(0x1C) <= c <= U8(0x1E):
        return I64(1)
    if c == U8(0xC2) and text[at + 1] == U8(0x85):
        return I64(2)
    if c == U8(0xE2) and text[at + 1] == U8(0x80) and text[at + 2] in (U8(0xA8), U8(0xA9)):
        return I64(3)
    return I64(0)


@kernel
def next_line(text, at, end):
    """The end of the line from text[at] on, by all line ends of Unicode, and where the next begins."""
    while at < end:
        c = text[at]
        if c <= U8(0x1E) or c == U8(0xC2) or c == U8(0xE2):
            size = _ends_line(text, at)
            if size:
                return at, min(at + size, end)
        at += 1
    return at, at


@kernel
def count_marked_lines(text, offsets, classes, out):
    """Write the counts of `MARK_COUNTS` to out[document]: lines, those that begin with • or -, or end with an ellipsis."""
    for d in range(len(offsets) - 1):
        at, end = offsets[d], offsets[d + 1]
        lines = dashes = ellipses = I64(0)
        while at < end:
            stop, after = next_line(text, at, end)
            a, b = _trimmed(text, at, stop, classes)
            lines += 1
            if a < b:
                dashes += I64(text[a] == _MINUS or _is_three(text, a, b, 0x80, 0xA2))
                dots = b - a > 2 and text[b - 1] == text[b - 2] == text[b - 3] == _DOT
                ellipses += I64(dots or (b - a > 2 and _is_three(text, b - 3, b, 0x80, 0xA6)))
            at = after
        out[d, 0], out[d, 1], out[d, 2] = lines, dashes, ellipses


@kernel
def _is_three(text, at, end, second, third):
    """Whether text[at:end] begins with a character of the three bytes E2, second, third."""
    return end - at > 2 and text[at] == 0xE2 and text[at + 1] == second and text[at + 2] == third


WEB_LINE_COUNTS = ("full_lines", "ended_lines", "short_lines", "twice_chars")


@kernel
def count_web_lines(text, offsets, classes, short, out):
    """Write the counts of `WEB_LINE_COUNTS` to out[document].

    Lines that are not of white space only; those that end with the end of a sentence; those of at most `short`
    characters; characters in lines that occurred before.
    """
    most = _most_parts(text, offsets)
    begin, stop = np.empty(most, I64), np.empty(most, I64)
    slots = np.empty(_table_size(most), np.int32)
    for d in range(len(offsets) - 1):
        at, end = offsets[d], offsets[d + 1]
        mask = _emptied(slots, _count_parts(text, at, end))
        lines = ended = few = known = twice = I64(0)
        while at < end:
            start = at
            at, after, chars = _part(text, start, end, 1)
            if not _is_blank(text, start, at, classes):
                lines += 1
                last, _ = class_before(text, start, at, classes)
                ended += I64(last & TERMINAL != 0)
                few += I64(chars <= short)
                if _is_new(text, start, at, begin, stop, known, slots, mask):
                    known += 1
                else:
                    twice += chars
            at = after
        out[d, 0], out[d, 1], out[d, 2], out[d, 3] = lines, ended, few, twice


@kernel
def _is_blank(text, start, end, classes):
    a, b = _trimmed(text, start, end, classes)
    return a == b


@kernel
def _largest(known, counts):
    """The most frequent n-gram, the first of them; -1 for none."""
    best = I64(-1)
    for number in range(known):
        if best < 0 or counts[number] > counts[best]:
            best = number
    return best


@kernel
def _jumped(n, kept, places, classes, known, seen, so_far):
    """Characters in n-grams that occurred before, where the next is looked for behind one that is found."""
    for number in range(known):
        seen[number] = 0
    free, chars = I64(0), I64(0)
    for p in range(kept):
        k = I64(places[p])
        if k < free:
            continue
        if seen[classes[k]]:
            chars += so_far[k + n] - so_far[k]
            free = k + n
        else:
            seen[classes[k]] = 1
    return chars


@kernel
def count_token_ngrams(chars, ids, ends, top, dup, out_top, out_dup):
    """Count the characters of n-grams of tokens, for each document and n; the tokens are as `find_tokens` leaves them.

    `top` and `dup` say for each n what is wanted. `out_top` gets how often the most frequent n-gram, the first of them,
    occurs, times its characters with a space between; `out_dup` those in n-grams that occurred before, which do not
    overlap.
    """
    most = I64(1)
    for d in range(len(ends)):
        most = max(most, ends[d] - (ends[d - 1] if d else 0))
    room = I64(1)
    while room < 2 * most:
        room *= 2
    keys, slots = np.empty(room, U64), np.empty(room, np.int32)
    classes, places = np.empty(most + 1, np.int32), np.empty(most + 1, np.int32)
    counts, first = np.empty(most + 1, np.int32), np.empty(most + 1, np.int32)
    so_far, seen = np.empty(most + 1, I64), np.empty(most + 1, U8)
    for d in range(len(ends)):
        opening = ends[d - 1] if d else I64(0)
        words = ends[d] - opening
        so_far[0] = 0
        for k in range(words):
            so_far[k + 1] = so_far[k] + chars[opening + k]
        there = words
        for n in range(1, min(len(top), words + 1)):
            if n == 1:
                kept, known, _ = _take_words(
                    words, opening, ids, classes, places, counts, first, so_far
                )
            else:
                kept, known, _ = _number_ngrams(
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
            if top[n]:
                best = _largest(known, counts)
                place = I64(first[best]) if best >= 0 and counts[best] > 1 else I64(0)
                times = I64(counts[best]) if best >= 0 else I64(1)
                out_top[d, n] = times * (so_far[place + n] - so_far[place] + n - 1)
            if dup[n]:
                out_dup[d, n] = _jumped(n, kept, places, classes, known, seen, so_far)
            there = _repeated_places(kept, places, classes, counts)
