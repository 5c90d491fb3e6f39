# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loops that count characters and find words. As `hash_kernels.py`; imported inside functions only.

`classes` has a byte per code point: the bits below. Text is valid UTF-8, which Arrow checks.
"""

import numpy as np

from curator_text.kernels.compiled import inlined, kernel
from curator_text.kernels.hash_kernels import I64, U8, U32, U64

LETTER, DIGIT, SPACE, BRACKET, MARK, HASH = U8(1), U8(2), U8(4), U8(8), U8(16), U8(32)
"""Bits of a code point: letter; decimal digit; white space; one of {}[]()⟨⟩; mark on a letter; hash sign."""

_PRIME, _BASIS = U64(0x9E3779B97F4A7C15), U64(0xCBF29CE484222325)
_DOT, _HASH = U8(46), U8(35)


@inlined
def code_point(text, at):
    """The code point at text[at] and the position after it."""
    first = U32(text[at])
    if first < 0x80:
        return first, at + 1
    if first < 0xE0:
        return (first & U32(0x1F)) << U32(6) | U32(text[at + 1]) & U32(0x3F), at + 2
    if first < 0xF0:
        point = (first & U32(0x0F)) << U32(12) | (U32(text[at + 1]) & U32(0x3F)) << U32(6)
        return point | U32(text[at + 2]) & U32(0x3F), at + 3
    point = (first & U32(0x07)) << U32(18) | (U32(text[at + 1]) & U32(0x3F)) << U32(12)
    point |= (U32(text[at + 2]) & U32(0x3F)) << U32(6)
    return point | U32(text[at + 3]) & U32(0x3F), at + 4


@inlined
def class_of(classes, point):
    """The bits of a code point; none for those behind the table."""
    return classes[point] if point < U32(len(classes)) else U8(0)


CHARACTER_COUNTS = (
    "chars",
    "common_chars",
    "digits",
    "white_space",
    "brackets",
    "letters",
    "line_ends",
    "hashes",
    "ellipses",
    "curly_brackets",
)


@kernel
def count_characters(text, offsets, classes, out):
    """Write the counts of `CHARACTER_COUNTS` of each document to out[document]."""
    seen = np.zeros(256, I64)
    for d in range(len(offsets) - 1):
        start, end = offsets[d], offsets[d + 1]
        seen[:] = 0
        chars = letters = brackets = ellipses = I64(0)
        at = start
        while at < end:
            c = text[at]
            seen[c] += 1
            if c < U8(0x80):
                at += 1
                continue
            point, at = code_point(text, at)
            chars += 1
            found = class_of(classes, point)
            letters += I64((found & LETTER) != 0)
            brackets += I64((found & BRACKET) != 0)
            ellipses += I64(point == U32(0x2026))
        digits = ascii_letters = I64(0)
        for c in range(128):
            n, found = seen[c], classes[c]
            chars += n
            digits += n * I64((found & DIGIT) != 0)
            ascii_letters += n * I64((found & LETTER) != 0)
            brackets += n * I64((found & BRACKET) != 0)
        # Other letters and digits are none of a-z, A-Z and 0-9.
        common = ascii_letters + digits + seen[10] + seen[33] + seen[44] + seen[46] + seen[63]
        if seen[_DOT] >= 3:
            ellipses += _three_dots(text, start, end)
        out[d, 0], out[d, 1], out[d, 2] = chars, common, digits
        # Tab, line feed, carriage return, backspace and space.
        out[d, 3] = seen[8] + seen[9] + seen[10] + seen[13] + seen[32]
        out[d, 4], out[d, 5], out[d, 6], out[d, 7] = (
            brackets,
            letters + ascii_letters,
            seen[10],
            seen[35],
        )
        out[d, 8], out[d, 9] = ellipses, seen[123]


@kernel
def _three_dots(text, start, end):
    """How often "..." occurs, counted as `str.count` does: without overlap."""
    found, run = I64(0), I64(0)
    for at in range(start, end):
        run = run + 1 if text[at] == _DOT else I64(0)
        if run == 3:
            found, run = found + 1, I64(0)
    return found


WORD_COUNTS = (
    "words",
    "word_chars",
    "longest_word",
    "words_with_letters",
    "symbol_words",
    "common_words",
)


@kernel
def _is_in(value, values):
    found = False
    for each in values:
        found |= each == value
    return found


@kernel
def _hash_runs(text, start, end):
    """Runs of hash signs."""
    runs, before = I64(0), False
    for at in range(start, end):
        runs += I64(text[at] == _HASH and not before)
        before = text[at] == _HASH
    return runs


@kernel
def same_bytes(text, a, b, size):
    """Whether `size` bytes at two places are equal."""
    at = I64(0)
    while at < size and text[a + at] == text[b + at]:
        at += 1
    return at == size


@kernel
def _number_words(text, begin, stop, hashes, opening, total, first, slots, ids):
    """Give each word of a document its number among the distinct ones.

    Words of up to eight bytes are the same if their hashes are; longer ones are compared.
    """
    mask = I64(1)
    while mask < 2 * (total - opening):
        mask *= 2
    for slot in range(mask):
        slots[slot] = -1
    mask -= 1
    known = I64(0)
    for w in range(opening, total):
        size, h = stop[w] - begin[w], hashes[w]
        slot = I64(h >> U64(20)) & mask
        while True:
            number = I64(slots[slot])
            if number < 0:
                number = known
                slots[slot], first[number] = number, w
                known += 1
                break
            other = first[number]
            equal = hashes[other] == h and stop[other] - begin[other] == size
            if equal and (size <= 8 or same_bytes(text, begin[other], begin[w], size)):
                break
            slot = (slot + 1) & mask
        ids[w] = number


@kernel
def _skip_space(text, at, end, classes):
    """The position of the next character that is no white space."""
    while at < end:
        if text[at] < U8(0x80):
            if not classes[text[at]] & SPACE:
                break
            at += 1
        else:
            point, after = code_point(text, at)
            if not class_of(classes, point) & SPACE:
                break
            at = after
    return at


@kernel
def _scan_word(text, start, end, classes):
    """The end of a word, its characters, its hash, its last bytes as a number, and the classes in it."""
    at, h, packed, marks, found = start, _BASIS, U64(0), I64(0), U8(0)
    while at < end:
        c = text[at]
        kind = classes[c]
        if c >= U8(0x80):
            point, after = code_point(text, at)
            kind = class_of(classes, point)
            # All bytes of the character but the last, which is taken below.
            while at + 1 < after and not kind & SPACE:
                packed = packed << U64(8) | U64(text[at])
                at += 1
                marks += 1
                if (at - start) & 7 == 0:
                    h, packed = U64((h ^ packed) * _PRIME), U64(0)
        if kind & SPACE:
            break
        found |= kind
        packed = packed << U64(8) | U64(text[at])
        at += 1
        if (at - start) & 7 == 0:
            h, packed = U64((h ^ packed) * _PRIME), U64(0)
    return at, at - start - marks, U64((h ^ packed) * _PRIME), packed, found


@kernel
def find_words(
    text,
    offsets,
    classes,
    symbols,
    common,
    begin,
    stop,
    chars,
    ids,
    hashes,
    ends,
    first,
    slots,
    out,
):
    """Split each document at white space, and write the counts of `WORD_COUNTS` to out[document].

    `symbols` and `common` are words of up to seven bytes as numbers. Of each word `begin` and `stop` get
    its bytes, `chars` its characters, `ids` its number among the distinct ones of the document, `hashes`
    its hash; `ends` gets, after each document, the number of words so far. `first` is room for the words
    of the longest document, `slots` for a table of twice as many, a power of two.
    """
    total = I64(0)
    for d in range(len(offsets) - 1):
        end, opening = offsets[d + 1], total
        letters = symbol_words = common_words = all_chars = longest = I64(0)
        at = _skip_space(text, offsets[d], end, classes)
        while at < end:
            after, size, h, packed, found = _scan_word(text, at, end, classes)
            begin[total], stop[total], chars[total], hashes[total] = at, after, size, h
            total += 1
            letters += I64((found & LETTER) != 0)
            all_chars += size
            longest = max(longest, size)
            is_symbol = after - at < 8 and _is_in(packed, symbols)
            if found & HASH:
                is_symbol |= 2 * _hash_runs(text, at, after) > size
            symbol_words += I64(is_symbol)
            common_words += I64(after - at < 8 and _is_in(packed, common))
            at = _skip_space(text, after, end, classes)
        _number_words(text, begin, stop, hashes, opening, total, first, slots, ids)
        ends[d] = total
        out[d, 0], out[d, 1], out[d, 2] = total - opening, all_chars, longest
        out[d, 3], out[d, 4], out[d, 5] = letters, symbol_words, common_words
