# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loops over lines, paragraphs, URLs and phrases. As `hash_kernels.py`; imported inside functions only."""

import numpy as np

from curator_engine.compiled import inlined, kernel
from curator_text.kernels.hash_kernels import I64, U8, U32, U64, _mix64
from curator_text.kernels.word_kernels import (
    SPACE,
    class_of,
    code_point,
    is_in,
    same_bytes,
    skip_space,
)

_PRIME, _BASIS, _NEWLINE = U64(0x100000001B3), U64(0xCBF29CE484222325), U8(10)
_HTTP, _SLASHES, _PORN = (np.frombuffer(word, np.uint8) for word in (b"http", b"://", b"porn"))
_H, _S = U8(ord("h")), U8(ord("s"))


@inlined
def _lower(c):
    return U8(c | U8(0x20)) if U8(65) <= c <= U8(90) else c


@kernel
def _hash(text, start, end):
    h, at = _BASIS, start
    while at + 8 <= end:
        word = U64(0)
        for k in range(8):
            word |= U64(text[at + k]) << U64(8 * k)
        h = _mix64(h ^ word)
        at += 8
    while at < end:
        h = U64((h ^ U64(text[at])) * _PRIME)
        at += 1
    return _mix64(h)


@kernel
def _is_new(text, start, end, begin, stop, known, slots, mask):
    """Whether a part is not among the distinct ones [0, known) of its document; if so, it is added."""
    size = end - start
    slot = I64(_hash(text, start, end)) & mask
    while slots[slot] >= 0:
        other = slots[slot]
        if stop[other] - begin[other] == size and same_bytes(text, begin[other], start, size):
            return False
        slot = (slot + 1) & mask
    slots[slot] = known
    begin[known], stop[known] = start, end
    return True


@kernel
def _are_lower(text, at, phrases, start, end):
    """Whether text[at:], in lower case, begins with phrases[start:end]."""
    k = start
    while k < end and _lower(text[at + k - start]) == phrases[k]:
        k += 1
    return k == end


@kernel
def _ends_with(text, start, end, endings, borders):
    """Whether text[start:end], in lower case, ends with one of the endings, which are joined in `endings`."""
    found = False
    for e in range(len(borders) - 1):
        size = borders[e + 1] - borders[e]
        if size <= end - start:
            found |= _are_lower(text, end - size, endings, borders[e], borders[e + 1])
    return found


@kernel
def _count_parts(text, start, end):
    """Line ends, and one."""
    parts = I64(1)
    for at in range(start, end):
        parts += I64(text[at] == _NEWLINE)
    return parts


@kernel
def _most_parts(text, offsets):
    """The most that `_count_parts` says of a document."""
    most = I64(1)
    for d in range(len(offsets) - 1):
        most = max(most, _count_parts(text, offsets[d], offsets[d + 1]))
    return most


@kernel
def _table_size(parts):
    size = I64(1)
    while size < 2 * parts + 2:
        size *= 2
    return size


@kernel
def _emptied(slots, parts):
    """Empty a table for so many parts; returns the mask for places in it."""
    size = _table_size(parts)
    for slot in range(size):
        slots[slot] = -1
    return size - 1


LINE_COUNTS = (
    "lines",
    "distinct_lines",
    "line_chars",
    "distinct_line_chars",
    "lines_without_end_mark",
    "lines_ending_in_ellipsis",
    "lines_with_bullet",
)


@kernel
def _line_end(text, at, end):
    """The end of a line, and its characters."""
    chars = I64(0)
    while at < end and text[at] != _NEWLINE:
        chars += I64((text[at] & U8(0xC0)) != U8(0x80))
        at += 1
    return at, chars


@kernel
def _trim_end(text, start, end, classes):
    """The end of text[start:end] without the white space there; a character that is none comes before."""
    while end > start:
        at = end - 1
        while text[at] & U8(0xC0) == U8(0x80):
            at -= 1
        point, _ = code_point(text, at)
        if not class_of(classes, point) & SPACE:
            break
        end = at
    return end


@kernel
def count_lines(text, offsets, classes, end_marks, ellipses, borders, bullets, out):
    """Write the counts of `LINE_COUNTS` to out[document]; a line of white space only is none.

    `end_marks` are bytes that end a sentence; `ellipses` endings in lower case, joined, with their `borders`;
    `bullets` code points with which an item of a list begins.
    """
    most = _most_parts(text, offsets)
    begin, stop = np.empty(most, I64), np.empty(most, I64)
    slots = np.empty(_table_size(most), np.int32)
    for d in range(len(offsets) - 1):
        at, end = offsets[d], offsets[d + 1]
        mask = _emptied(slots, _count_parts(text, at, end))
        lines = known = all_chars = new_chars = without = ellipsis = bulleted = I64(0)
        while at < end:
            start = at
            at, chars = _line_end(text, start, end)
            inner = skip_space(text, start, at, classes)
            if inner < at:
                inner_end = _trim_end(text, inner, at, classes)
                opening, _ = code_point(text, inner)
                lines += 1
                all_chars += chars
                if _is_new(text, start, at, begin, stop, known, slots, mask):
                    known += 1
                    new_chars += chars
                without += I64(not is_in(text[inner_end - 1], end_marks))
                ellipsis += I64(_ends_with(text, inner, inner_end, ellipses, borders))
                bulleted += I64(is_in(opening, bullets))
            at += 1
        out[d, 0], out[d, 1], out[d, 2], out[d, 3] = lines, known, all_chars, new_chars
        out[d, 4], out[d, 5], out[d, 6] = without, ellipsis, bulleted


PARAGRAPH_COUNTS = (
    "paragraphs",
    "distinct_paragraphs",
    "paragraph_chars",
    "distinct_paragraph_chars",
    "boilerplate_paragraphs",
    "lorem_ipsum",
)


@kernel
def _phrase_at(text, at, end, phrases, borders):
    """The number of the phrase at text[at:], in lower case; -1 for none."""
    for p in range(len(borders) - 1):
        fits = borders[p + 1] - borders[p] <= end - at
        if fits and _are_lower(text, at, phrases, borders[p], borders[p + 1]):
            return I64(p)
    return I64(-1)


@kernel
def _scan_paragraph(text, start, end, phrases, borders, begins):
    """The end of a paragraph, its characters, and whether it has placeholder text, and another phrase."""
    at, chars, three, lorem, found = start, I64(0), U32(0), False, False
    while at < end:
        c = text[at]
        if c == _NEWLINE and at + 1 < end and text[at + 1] == _NEWLINE:
            break
        chars += I64((c & U8(0xC0)) != U8(0x80))
        three = (three << U32(5) | U32(c & U8(31))) & U32(0x7FFF)
        if begins[three]:
            phrase = _phrase_at(text, at - 2, end, phrases, borders)
            lorem |= phrase == 0
            found |= phrase > 0
        at += 1
    return at, chars, lorem, found


@kernel
def count_paragraphs(text, offsets, phrases, borders, begins, out):
    """Write the counts of `PARAGRAPH_COUNTS` to out[document]; paragraphs lie between double line ends.

    `phrases` are in lower case, joined, with their `borders`; the first is the one of placeholder text.
    `begins` says whether one may begin with three letters; the place in it is made of five bits of each.
    """
    most = _most_parts(text, offsets)
    begin, stop = np.empty(most, I64), np.empty(most, I64)
    slots = np.empty(_table_size(most), np.int32)
    for d in range(len(offsets) - 1):
        at, end = offsets[d], offsets[d + 1]
        mask = _emptied(slots, _count_parts(text, at, end))
        paragraphs = known = all_chars = new_chars = boilerplate = lorem = I64(0)
        going = True
        while going:
            start = at
            at, chars, is_lorem, found = _scan_paragraph(text, at, end, phrases, borders, begins)
            going = at < end
            paragraphs += 1
            all_chars += chars
            boilerplate += I64(found)
            lorem += I64(is_lorem)
            if _is_new(text, start, at, begin, stop, known, slots, mask):
                known += 1
                new_chars += chars
            at += 2
        out[d, 0], out[d, 1], out[d, 2], out[d, 3] = paragraphs, known, all_chars, new_chars
        out[d, 4], out[d, 5] = boilerplate, lorem


URL_COUNTS = ("url_chars", "pornographic_urls")


@inlined
def _is_hex(c):
    return U8(48) <= c <= U8(57) or U8(97) <= _lower(c) <= U8(102)


@kernel
def _url_end(text, at, end, in_urls):
    """The end of what may stand behind the scheme of a URL, from text[at:]."""
    while at < end:
        if in_urls[text[at]]:
            at += 1
        elif (
            text[at] == U8(37) and at + 2 < end and _is_hex(text[at + 1]) and _is_hex(text[at + 2])
        ):
            at += 3
        else:
            break
    return at


@kernel
def _is_at(text, at, end, word):
    """Whether text[at:end] begins with the bytes of a word."""
    k = I64(0)
    while k < len(word) and at + k < end and text[at + k] == word[k]:
        k += 1
    return k == len(word)


@kernel
def _has(text, start, end, word):
    found = False
    for at in range(start, end):
        found |= text[at] == word[0] and _is_at(text, at, end, word)
    return found


@kernel
def count_urls(text, offsets, in_urls, out):
    """Write the counts of `URL_COUNTS` to out[document].

    A URL is `http://` or `https://` and the bytes of `in_urls`, or escapes such as %2F, behind it.
    """
    for d in range(len(offsets) - 1):
        at, end = offsets[d], offsets[d + 1]
        chars = porn = I64(0)
        while at < end:
            if text[at] != _H or not _is_at(text, at, end, _HTTP):
                at += 1
                continue
            begin = at + 5 if at + 4 < end and text[at + 4] == _S else at + 4
            stop = begin
            if _is_at(text, begin, end, _SLASHES):
                begin += 3
                stop = _url_end(text, begin, end, in_urls)
            if stop > begin:
                chars += stop - at
                porn += I64(_has(text, begin, stop, _PORN))
                at = stop
            else:
                at += 1
        out[d, 0], out[d, 1] = chars, porn
