# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loops of C4's rules on lines and sentences. As `hash_kernels.py`; imported inside functions only."""

import numpy as np

from curator_engine.compiled import kernel
from curator_text.kernels.gopher_kernels import _trimmed, next_line
from curator_text.kernels.hash_kernels import I64, U8
from curator_text.kernels.line_kernels import _are_lower
from curator_text.kernels.mark_kernels import PUNCTUATION, SPACE, TERMINAL, class_at
from curator_text.kernels.word_kernels import is_in

_NEWLINE, _DOT, _OPEN, _CLOSE, _CURLY = U8(10), U8(46), U8(91), U8(93), U8(123)


@kernel
def _words(text, at, end, classes):
    """The number of words between white space, and the characters of the longest."""
    words = longest = size = I64(0)
    while at < end:
        found, width = class_at(text, at, classes)
        if found & SPACE:
            size = I64(0)
        else:
            words += I64(size == 0)
            size += 1
            longest = max(longest, size)
        at += width
    return words, longest


@kernel
def _citation_end(text, at, end, citations, borders):
    """The end of the citation that begins at text[at], such as [12]; `at` for none."""
    stop = at + 1
    while stop < end and U8(48) <= text[stop] <= U8(57):
        stop += 1
    if stop < end and text[stop] == _CLOSE:
        return stop + 1
    for p in range(len(borders) - 1):
        size = borders[p + 1] - borders[p]
        same = size <= end - at
        k = I64(0)
        while same and k < size:
            same = text[at + k] == citations[borders[p] + k]
            k += 1
        if same:
            return at + size
    return at


@kernel
def _copy(text, at, end, citations, borders, out, to):
    """Write a line without its citations to out[to:]; returns the end."""
    while at < end:
        stop = _citation_end(text, at, end, citations, borders) if text[at] == _OPEN else at
        if stop > at:
            at = stop
        else:
            out[to] = text[at]
            at, to = at + 1, to + 1
    return to


@kernel
def _openings(phrases, borders):
    """For each byte, whether a phrase begins with it, in any case."""
    table = np.zeros(256, np.bool_)
    for p in range(len(borders) - 1):
        c = phrases[borders[p]]
        table[c] = table[c - U8(32)] = True
    return table


@kernel
def _phrase_in(text, at, end, phrases, borders, openings):
    """The lowest number of a phrase in text[at:end], in any case of ASCII; the number of phrases for none."""
    found = I64(len(borders) - 1)
    for start in range(at, end):
        if not openings[text[start]]:
            continue
        for p in range(found):
            size = borders[p + 1] - borders[p]
            if size <= end - start and _are_lower(text, start, phrases, borders[p], borders[p + 1]):
                found = I64(p)
                break
    return found


@kernel
def _may_end(text, at, end, end_marks):
    """Whether a line ends with a mark, and not with three points."""
    if at == end or not is_in(text[end - 1], end_marks):
        return False
    return not (end - at > 2 and text[end - 1] == text[end - 2] == text[end - 3] == _DOT)


@kernel
def _has(text, at, end, char):
    while at < end and text[at] != char:
        at += 1
    return at < end


@kernel
def keep_lines(
    text,
    offsets,
    classes,
    limits,
    end_marks,
    phrases,
    borders,
    cited,
    cited_borders,
    out,
    ends,
    counts,
):
    """Write the lines that C4 keeps of each document, joined by line ends, behind each other to `out`.

    `limits` are the least words of a line, the characters of its longest word, and whether it must end with one of
    `end_marks`. `phrases` are in lower case, joined, with their `borders`: the first is placeholder text; a line with
    another goes. `cited` is cut out. `out` is room for the bytes of `text`, and one for each document. `ends` gets the
    end of what is left of each document, `counts` its lines with placeholder text and those with a curly bracket.
    """
    to, openings = I64(0), _openings(phrases, borders)
    for d in range(len(offsets) - 1):
        at, end, opening = offsets[d], offsets[d + 1], to
        lorem = curly = I64(0)
        while at < end:
            stop, after = next_line(text, at, end)
            a, b = _trimmed(text, at, stop, classes)
            at = after
            words, longest = _words(text, a, b, classes)
            if longest > limits[1]:
                continue
            start = to
            stop = _copy(text, a, b, cited, cited_borders, out, start)
            if (limits[2] and not _may_end(out, start, stop, end_marks)) or words < limits[0]:
                continue
            phrase = _phrase_in(out, start, stop, phrases, borders, openings)
            lorem += I64(phrase == 0)
            if phrase == 1:
                continue
            curly += I64(_has(out, start, stop, _CURLY))
            if phrase < len(borders) - 1:
                continue
            out[stop] = _NEWLINE
            to = stop + 1
        a, b = _trimmed(out, opening, max(opening, to - 1), classes)
        for k in range(a, b):
            out[opening + k - a] = out[k]
        to = opening + b - a
        ends[d] = to
        counts[d, 0], counts[d, 1] = lorem, curly


@kernel
def count_sentences(text, classes, begin, stop, ends, out):
    """Write the sentences of each document, which end at line ends and behind a mark that is a token of its own."""
    for d in range(len(ends)):
        sentences, ended = I64(0), False
        for w in range(ends[d - 1] if d else I64(0), ends[d]):
            found, size = class_at(text, begin[w], classes)
            is_end = size == stop[w] - begin[w] and found & TERMINAL != 0
            starts_line = sentences == 0 or _has(text, stop[w - 1], begin[w], _NEWLINE)
            if starts_line or (
                ended and not is_end and not _is_mark(text, begin[w], stop[w], classes)
            ):
                sentences += 1
                ended = False
            ended |= is_end
        out[d] = sentences


@kernel
def _is_mark(text, at, end, classes):
    """Whether a token is of punctuation only."""
    marks = True
    while at < end:
        found, size = class_at(text, at, classes)
        marks &= found & PUNCTUATION != 0
        at += size
    return marks
