# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loops that find words and marks, which are tokens. As `hash_kernels.py`; imported inside functions only.

Text is cut at white space; marks go off both ends of a piece, one by one; what is left is cut at the hyphens,
slashes and points between its letters, unless it is an address. `mark_kernels.py` says which marks.
"""

import numpy as np

from curator_engine.compiled import inlined, kernel
from curator_text.kernels.hash_kernels import I64, U64
from curator_text.kernels.mark_kernels import (
    DIGIT,
    LETTER,
    LOWER,
    SPACE,
    SYMBOL,
    U16,
    UPPER,
    class_at,
    contraction,
    infix,
    is_address,
    is_cannot,
    packed_bytes,
    packed_words,
    prefix,
    suffix,
)
from curator_text.kernels.word_kernels import _number_words, is_in

_NO_SYMBOL = U16(1 << 15)
"""Bit of a token with a character that is no symbol."""
_WORD = LETTER | LOWER | UPPER
_PRIME, _BASIS = U64(0x9E3779B97F4A7C15), U64(0xCBF29CE484222325)
_WHOLE = packed_words(
    "a. b. c. d. e. f. g. h. i. j. k. l. m. n. o. p. q. r. s. t. u. v. w. x. y. z. a.m. p.m. e.g. E.g. "
    "i.e. I.e. vs. v.s. Mr. Mrs. Ms. Dr. St. Mt. Jr. Co. co. Corp. Inc. Ltd. Prof. Gen. Gov. Rep. Rev. "
    "Sen. Adm. Bros. Messrs. Ph.D. D.C. Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sep. Sept. Oct. Nov. Dec. Va. "
    "Pa. La. Md. Ill. Ind. Calif. Mass. Wash. and/or w/o o'clock ma'am"
)
"""Abbreviations and words that are never cut."""
_FACES = packed_words(
    ":) :-) :)) :-)) (: (-: =) (= :] :-] [: [-: [= =] :o) (o: :} :-} 8) 8-) (-8 ;) ;-) (; (-; :( :-( :(( "
    "): )-: =( >:( :') :'( :/ :-/ =/ =| :| :-| ]= =[ :1 :P :-P :p :-p :O :-O :o :-o :0 :-0 :() :* :-* :3 "
    ":-3 =3 :> :-> :X :-X :x :-x :D :-D ;D ;-D =D ^_^ >.< >.> <.< ._. ;_; <3 <33 </3 '' "
    "a. b. c. d. e. f. g. h. i. j. k. l. m. n. o. p. q. r. s. t. u. v. w. x. y. z."
)
"""What is one token where its parts stand together."""


@inlined
def _emit(begin, stop, total, a, b):
    begin[total], stop[total] = a, b
    return total + 1


@kernel
def _cut_inside(text, a, b, classes, begin, stop, total):
    """Cut what is left of a piece at the marks inside of it."""
    start, at, before = a, a, U16(0)
    while at < b:
        found, size = class_at(text, at, classes)
        cut = (
            I64(0) if at == a or found & _WORD else infix(text, at, b, before, found, size, classes)
        )
        if cut:
            if at > start:
                total = _emit(begin, stop, total, start, at)
            total = _emit(begin, stop, total, at, at + cut)
            start = at + cut
        before = found
        at += max(cut, size)
    return _emit(begin, stop, total, start, b) if start < b else total


@kernel
def _cut_piece(text, a, b, classes, begin, stop, tails, total):
    """Find the tokens of text[a:b], which has no white space; `tails` is room for the marks at its end."""
    opening, last = total, b
    while a < b and not is_in(packed_bytes(text, a, b), _WHOLE):
        size = prefix(text, a, b, classes)
        if not size:
            break
        total = _emit(begin, stop, total, a, a + size)
        a += size
    behind = I64(0)
    while a < b and not is_in(packed_bytes(text, a, b), _WHOLE):
        size = suffix(text, a, b, classes)
        if not size:
            break
        tails[behind] = b - size
        behind += 1
        b -= size
    end = b if a == b or is_in(packed_bytes(text, a, b), _WHOLE) else contraction(text, a, b)
    if a < b and (
        end < b or is_in(packed_bytes(text, a, b), _WHOLE) or is_address(text, a, b, classes)
    ):
        total = _emit(begin, stop, total, a, end)
        if end < b:
            total = _emit(begin, stop, total, end, b)
    elif a < b:
        total = _cut_inside(text, a, b, classes, begin, stop, total)
    for k in range(behind - 1, -1, -1):
        total = _emit(begin, stop, total, tails[k], tails[k - 1] if k else last)
    return _joined_faces(text, begin, stop, opening, total)


@kernel
def _joined_faces(text, begin, stop, opening, total):
    """Join tokens of a piece that make an emoticon or an initial; returns their number with those before."""
    w = to = opening
    while w < total:
        a, b, taken = begin[w], stop[w], I64(1)
        for more in range(min(3, total - w - 1), 0, -1):
            if stop[w + more] - a <= 4 and is_in(packed_bytes(text, a, stop[w + more]), _FACES):
                b, taken = stop[w + more], more + 1
                break
        begin[to], stop[to] = a, b
        to += 1
        w += taken
    return to


@kernel
def _cut(text, at, end, classes, begin, stop, tails, total):
    """Find the tokens of text[at:end]; returns their number with those before."""
    while at < end:
        start, inside, alike = at, U16(0), U16(0xFFFF)
        while at < end:
            found, size = class_at(text, at, classes)
            if found & SPACE:
                break
            inside |= found
            alike &= found
            at += size
        if at > start:
            one = alike & LETTER or (alike & DIGIT and inside & DIGIT == inside)
            if one and not (at - start == 6 and is_cannot(text, start)):
                total = _emit(begin, stop, total, start, at)
            elif one:
                total = _emit(begin, stop, total, start, start + 3)
                total = _emit(begin, stop, total, start + 3, at)
            else:
                total = _cut_piece(text, start, at, classes, begin, stop, tails, total)
        else:
            at += size
    return total


TOKEN_COUNTS = ("tokens", "tokens_with_letters", "words_of_tokens", "chars_of_words")


@kernel
def _measure(text, opening, total, classes, begin, stop, chars, hashes, out):
    """Write the characters and the hash of each token of a document, and its `TOKEN_COUNTS`."""
    letters = words = all_chars = I64(0)
    for w in range(opening, total):
        at, h, number, size, inside = begin[w], _BASIS, U64(0), I64(0), U16(0)
        while at < stop[w]:
            found, width = class_at(text, at, classes)
            inside |= found if found & SYMBOL else found | _NO_SYMBOL
            for k in range(at, at + width):
                h = U64((h ^ U64(text[k])) * _PRIME)
                number = number << U64(8) | U64(text[k])
            at += width
            size += 1
        chars[w] = size
        hashes[w] = U64(number * _PRIME) if stop[w] - begin[w] <= 8 else h
        letters += I64(inside & LETTER != 0)
        is_word = I64(inside & _NO_SYMBOL != 0)
        words += is_word
        all_chars += is_word * size
    out[0], out[1], out[2], out[3] = total - opening, letters, words, all_chars


@kernel
def find_tokens(
    text, offsets, classes, begin, stop, chars, ids, hashes, ends, first, slots, tails, out
):
    """Cut each document into tokens, and write the counts of `TOKEN_COUNTS` to out[document].

    Of each token `begin` and `stop` get its bytes, `chars` its characters, `ids` its number among the distinct
    ones of the document, `hashes` its hash; `ends` gets, after each document, the number of tokens so far. `first`
    and `tails` are room for the bytes of the longest document, `slots` for a table of twice as many, a power of two.
    """
    total = I64(0)
    for d in range(len(offsets) - 1):
        opening = total
        total = _cut(text, offsets[d], offsets[d + 1], classes, begin, stop, tails, total)
        _measure(text, opening, total, classes, begin, stop, chars, hashes, out[d])
        _number_words(text, begin, stop, hashes, opening, total, first, slots, ids)
        ends[d] = total


@kernel
def measure_tokens(text, classes, begin, stop, chars, ids, hashes, ends, first, slots, out):
    """As `find_tokens`, of tokens that are given: `begin`, `stop` and `ends` are input."""
    for d in range(len(ends)):
        opening = ends[d - 1] if d else I64(0)
        _measure(text, opening, ends[d], classes, begin, stop, chars, hashes, out[d])
        _number_words(text, begin, stop, hashes, opening, ends[d], first, slots, ids)


@kernel
def count_listed(text, begin, stop, ids, ends, listed, borders, out):
    """Write how many of the words listed occur in each document; they are joined, with their `borders`."""
    seen = np.full(len(borders), -1, I64)
    for d in range(len(ends)):
        opening, found, known = ends[d - 1] if d else I64(0), I64(0), I64(0)
        for w in range(opening, ends[d]):
            if ids[w] != known:
                continue
            known += 1
            size = stop[w] - begin[w]
            for k in range(len(borders) - 1):
                same = borders[k + 1] - borders[k] == size and seen[k] != d
                at = I64(0)
                while same and at < size:
                    same = listed[borders[k] + at] == text[begin[w] + at]
                    at += 1
                if same:
                    seen[k] = d
                    found += 1
        out[d] = found
