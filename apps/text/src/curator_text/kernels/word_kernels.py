# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loops that count characters and find words. As `hash_kernels.py`; imported inside functions only.

`classes` has a byte per code point: the bits below. Text is valid UTF-8, which Arrow checks.
"""

import numpy as np

from curator_engine.compiled import inlined, kernel
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


SYMBOL, COMMON = U8(1), U8(2)
"""Bits of a word that is known: a symbol, or a common word."""
KNOWN_SLOTS = 64

WORD_COUNTS = (
    "words",
    "word_chars",
    "longest_word",
    "words_with_letters",
    "symbol_words",
    "common_words",
)


@kernel
def is_in(value, values):
    """Whether a value is one of a few."""
    found = False
    for each in values:
        found |= each == value
    return found


def hash_of(word: bytes) -> int:
    """The hash of a word of up to eight bytes."""
    return int.from_bytes(word, "big") * int(_PRIME) & (1 << 64) - 1


@kernel
def _kind_of(h, known, kinds):
    """What a word of this hash is known as: the bits above, or 0."""
    slot = I64(h >> U64(58))
    while known[slot] != U64(0) and known[slot] != h:
        slot = (slot + 1) & 63
    return kinds[slot]


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
def skip_space(text, at, end, classes):
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
def _class_at(text, at, classes):
    """The class of the character at text[at], and its bytes."""
    point, after = code_point(text, at)
    return class_of(classes, point), after - at


@kernel
def _split(text, at, end, classes, begin, stop, chars, hashes, found, total):
    """Find the words of text[at:end]; returns their number with those before.

    One loop over the characters, with one branch that is hard to foresee: the end of a word.
    """
    start, h, packed, marks, inside = at, _BASIS, U64(0), I64(0), U8(0)
    while at <= end:
        kind, size = SPACE, I64(1)
        if at < end:
            kind = classes[text[at]]
            if text[at] >= U8(0x80):
                kind, size = _class_at(text, at, classes)
        if not kind & SPACE:
            inside |= kind
            marks += size - 1
            for k in range(at, at + size):
                h = U64((h ^ U64(text[k])) * _PRIME)
                packed = packed << U64(8) | U64(text[k])
            at += size
            continue
        if at > start:
            begin[total], stop[total], chars[total] = start, at, at - start - marks
            hashes[total] = U64(packed * _PRIME) if at - start <= 8 else h
            found[total] = inside
            total += 1
        at += size
        start, h, packed, marks, inside = at, _BASIS, U64(0), I64(0), U8(0)
    return total


@kernel
def _count_words(text, opening, total, begin, stop, chars, hashes, found, known, kinds, out):
    """Write the counts of `WORD_COUNTS` of the words [opening, total) to out."""
    letters = symbol_words = common_words = all_chars = longest = I64(0)
    for w in range(opening, total):
        size, length = I64(chars[w]), stop[w] - begin[w]
        all_chars += size
        longest = max(longest, size)
        letters += I64((found[w] & LETTER) != 0)
        kind = _kind_of(hashes[w], known, kinds) if length < 8 else U8(0)
        is_symbol = (kind & SYMBOL) != 0
        if found[w] & HASH:
            is_symbol |= 2 * _hash_runs(text, begin[w], stop[w]) > size
        symbol_words += I64(is_symbol)
        common_words += I64((kind & COMMON) != 0)
    out[0], out[1], out[2] = total - opening, all_chars, longest
    out[3], out[4], out[5] = letters, symbol_words, common_words


@kernel
def find_words(
    text,
    offsets,
    classes,
    known,
    kinds,
    begin,
    stop,
    chars,
    ids,
    hashes,
    found,
    ends,
    first,
    slots,
    out,
):
    """Split each document at white space, and write the counts of `WORD_COUNTS` to out[document].

    `known` is a table of words of up to seven bytes by their hashes, `kinds` what they are. Of each word
    `begin` and `stop` get its bytes, `chars` its characters, `ids` its number among the distinct ones of
    the document, `hashes` its hash, `found` the classes in it; `ends` gets, after each document, the number
    of words so far. `first` is room for the words of the longest document, `slots` for a table of twice as
    many, a power of two.
    """
    total = I64(0)
    for d in range(len(offsets) - 1):
        opening = total
        total = _split(
            text, offsets[d], offsets[d + 1], classes, begin, stop, chars, hashes, found, total
        )
        _count_words(text, opening, total, begin, stop, chars, hashes, found, known, kinds, out[d])
        _number_words(text, begin, stop, hashes, opening, total, first, slots, ids)
        ends[d] = total
