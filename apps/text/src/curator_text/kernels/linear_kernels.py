# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loops of linear models on hashed word n-grams. As `hash_kernels.py`; imported inside functions only.

A token is a word (letters and digits of ASCII and any character of scripts that put spaces between words), one
character of scripts that do not, or a mark; a mark that repeats counts once. Every sum is of whole numbers or in a
fixed order, and `exp` is our own, so that results are the same on every machine.
"""

import math

import numpy as np

from curator_engine.compiled import inlined, kernel
from curator_text.kernels.hash_kernels import I64, U32, U64, _mix64

_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_JOIN = np.uint64(0x9E3779B97F4A7C15)
SPACE, WORD, MARK = 0, 1, 2
"""What a character is: it parts tokens, it belongs to a word, or it is a token by itself."""
_SMALL, _LEAST_STEP = 1e-12, 1e-6
_LOG2E, _LN2_HIGH, _LN2_LOW = 1.4426950408889634, 0.693147180369123816490, 1.90821492927058770e-10
_MOST_EXPONENT = 700.0


@inlined
def _kind(code):
    """What a character is, by its code point."""
    if code <= 32 or code == 0x7F:
        return SPACE
    if code < 0x80:
        letter = 97 <= (code | 32) <= 122
        return WORD if letter or 48 <= code <= 57 else MARK
    if code < 0xC0:
        return SPACE if code in (0x85, 0xA0, 0xAD) else MARK
    if code < 0xE00:
        return WORD
    if 0x2000 <= code < 0x2070 or code == 0x3000:
        is_mark = 0x2010 <= code < 0x2028 or 0x2030 <= code < 0x205F
        return MARK if is_mark else SPACE
    spaced = 0x10A0 <= code < 0x1780 or 0x1800 <= code < 0x1950 or 0x1A00 <= code < 0x2000
    spaced = spaced or 0x2C00 <= code < 0x2E00 or 0xA640 <= code < 0xE000 or 0xFB00 <= code < 0xFE00
    return WORD if spaced or 0xF00 <= code < 0x1000 else MARK


@kernel
def next_token(text, at, end, place):
    """Find the token at or after `at` in text[at:end], which is UTF-8.

    Args:
        text: Bytes.
        at: Where to begin.
        end: Where the text ends.
        place: Gets where the token begins and ends; both are `end` if there is none.

    Returns:
        Its hash.
    """
    hashed, begin, last = _BASIS, I64(-1), I64(-1)
    i = at
    while i < end:
        first = U32(text[i])
        code, size = first, 1
        if first >= 0xC0:
            size = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
            size = min(size, end - i)
            code = first & U32(0xFF >> (size + 1))
            for k in range(1, size):
                code = (code << U32(6)) | (U32(text[i + k]) & U32(0x3F))
        kind = _kind(code)
        if begin >= 0 and kind != WORD:
            break
        if kind != SPACE:
            begin = i if begin < 0 else begin
            for k in range(size):
                hashed = U64((hashed ^ U64(text[i + k])) * _PRIME)
            last = i + size
            if kind == MARK:
                break
        i += size
    place[0], place[1] = (end, end) if begin < 0 else (begin, last)
    return _mix64(hashed)


@kernel
def hash_ngrams(text, offsets, order, most, out, ends):
    """The hashes of the n-grams of some documents, from single tokens to `order`.

    Args:
        text: UTF-8 of all documents.
        offsets: Where each document begins, and where the last one ends.
        order: Tokens of the longest n-gram.
        most: Tokens of a document that count, from its beginning.
        out: Gets the hashes of all; one for each byte of the texts, times `order`, is enough room.
        ends: Gets where those of each document end.
    """
    count, place = 0, np.empty(2, I64)
    before = np.empty(order, U64)
    for i in range(len(offsets) - 1):
        at, end = offsets[i], offsets[i + 1]
        tokens, previous = 0, U64(0)
        while tokens < most:
            h = next_token(text, at, end, place)
            if place[0] == end:
                break
            at = place[1]
            if h == previous and place[1] - place[0] == 1:
                continue
            previous = h
            long = h
            out[count] = long
            count += 1
            for k in range(1, min(order, tokens + 1)):
                long = _mix64(U64(long * _JOIN) ^ before[(tokens - k) % order])
                out[count] = long
                count += 1
            before[tokens % order] = h
            tokens += 1
        ends[i] = count


@kernel
def add_weights(text, offsets, order, most, shift, weights, sums, counts):
    """Sums of the weights of all n-grams of each document, and how many n-grams it has.

    Args:
        text: As for `hash_ngrams`; so are `offsets`, `order` and `most`.
        offsets: Of the documents.
        order: Of the n-grams.
        most: Tokens.
        shift: Bits of a hash that do not count: 64 less those of a place in `weights`.
        weights: Whole numbers.
        sums: Gets the sums.
        counts: Gets the numbers.
    """
    place, before = np.empty(2, I64), np.empty(order, U64)
    for i in range(len(offsets) - 1):
        at, end = offsets[i], offsets[i + 1]
        tokens, total, count, previous = 0, I64(0), 0, U64(0)
        while tokens < most:
            h = next_token(text, at, end, place)
            if place[0] == end:
                break
            at = place[1]
            if h == previous and place[1] - place[0] == 1:
                continue
            previous = h
            long = h
            total += I64(weights[long >> shift])
            count += 1
            for k in range(1, min(order, tokens + 1)):
                long = _mix64(U64(long * _JOIN) ^ before[(tokens - k) % order])
                total += I64(weights[long >> shift])
                count += 1
            before[tokens % order] = h
            tokens += 1
        sums[i], counts[i] = total, count


@inlined
def _exp(x):
    """E to the power of x, by additions and products alone."""
    x = min(max(x, -_MOST_EXPONENT), _MOST_EXPONENT)
    k = math.floor(x * _LOG2E + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    total = 1.0
    for n in range(14, 0, -1):
        total = 1.0 + r * total / n
    return math.ldexp(total, int(k))


@inlined
def _sigmoid(x):
    return 1.0 / (1.0 + _exp(-x))


@kernel
def sigmoids(values, out):
    """The logistic function of each value."""
    for i in range(len(values)):
        out[i] = _sigmoid(values[i])


@kernel
def train(places, ends, order, labels, shares, rate, weights, squares, bias):
    """One pass of Adagrad over documents for logistic regression.

    Args:
        places: Places in `weights` of the n-grams of all documents.
        ends: Where those of each document end.
        order: The documents, in the order in which they are taken.
        labels: 1 for a good document, 0 for a bad one.
        shares: What a document of each label counts, bad ones first.
        rate: Step.
        weights: Is changed.
        squares: Sums of squared steps so far; is changed.
        bias: Its value and its sum of squares; is changed.

    Returns:
        The mean error, each before its step.
    """
    loss = 0.0
    for d in order:
        first, last = (ends[d - 1] if d else 0), ends[d]
        if last == first:
            continue
        unit = 1.0 / math.sqrt(float(last - first))
        total = 0.0
        for j in range(first, last):
            total += weights[places[j]]
        error = _sigmoid(bias[0] + total * unit) - labels[d]
        loss += abs(error)
        error *= shares[labels[d]]
        step = error * unit
        square = step * step
        for j in range(first, last):
            w = places[j]
            squares[w] += square
            weights[w] -= rate * step / (math.sqrt(squares[w]) + _SMALL)
        bias[1] += error * error
        bias[0] -= rate * error / (math.sqrt(bias[1]) + _SMALL)
    return loss / max(1, len(order))


@kernel
def _slopes(values, targets, shares, slope, offset, out):
    """The first and second derivatives of the loss of a logistic function; `out` gets the five of them."""
    out[:] = 0.0
    for i in range(len(values)):
        p = _sigmoid(slope * values[i] + offset)
        error, curve = (p - targets[i]) * shares[i], p * (1.0 - p) * shares[i]
        out[0] += error * values[i]
        out[1] += error
        out[2] += curve * values[i] * values[i]
        out[3] += curve * values[i]
        out[4] += curve


@kernel
def logistic_fit(values, targets, shares, steps, line):
    """Fit the slope and offset of a logistic function to values by Newton's method, with steps that get it nearer.

    Args:
        values: What is known of each example.
        targets: What the function is to give, in [0, 1].
        shares: What each example counts.
        steps: Newton's, at most.
        line: Slope and offset to begin with; is changed.
    """
    now, then = np.empty(5), np.empty(5)
    _slopes(values, targets, shares, line[0], line[1], now)
    for _ in range(steps):
        h00, h11 = now[2] + _SMALL, now[4] + _SMALL
        area = h00 * h11 - now[3] * now[3]
        if area <= 0.0:
            return
        a = (h11 * now[0] - now[3] * now[1]) / area
        b = (h00 * now[1] - now[3] * now[0]) / area
        part = 1.0
        while part > _LEAST_STEP:
            _slopes(values, targets, shares, line[0] - part * a, line[1] - part * b, then)
            if then[0] * then[0] + then[1] * then[1] < now[0] * now[0] + now[1] * now[1]:
                break
            part *= 0.5
        if part <= _LEAST_STEP:
            return
        line[0] -= part * a
        line[1] -= part * b
        now[:] = then


@kernel
def find_ngrams(text, offsets, order, most, wanted, shift, found):
    """Where n-grams stand whose place is wanted, each once per document and place.

    Args:
        text: As for `hash_ngrams`; so are `offsets`, `order` and `most`.
        offsets: Of the documents.
        order: Of the n-grams.
        most: Tokens.
        wanted: By place, its number among the wanted ones, or -1.
        shift: Bits of a hash that do not count.
        found: Gets rows of number, document, begin and end, as far as there is room.

    Returns:
        How many there are; more than the room if it is not enough.
    """
    place, before = np.empty(2, I64), np.empty(order, U64)
    begins, count = np.empty(order, I64), 0
    seen = np.full(len(wanted), -1, I64)
    for i in range(len(offsets) - 1):
        at, end = offsets[i], offsets[i + 1]
        tokens, previous = 0, U64(0)
        while tokens < most:
            h = next_token(text, at, end, place)
            if place[0] == end:
                break
            at = place[1]
            if h == previous and place[1] - place[0] == 1:
                continue
            previous = h
            long = h
            before[tokens % order], begins[tokens % order] = h, place[0]
            for k in range(min(order, tokens + 1)):
                if k:
                    long = _mix64(U64(long * _JOIN) ^ before[(tokens - k) % order])
                w = wanted[long >> shift]
                if w >= 0 and seen[w] != i:
                    seen[w] = i
                    if count < len(found):
                        found[count, 0], found[count, 1] = w, i
                        found[count, 2], found[count, 3] = begins[(tokens - k) % order], place[1]
                    count += 1
            tokens += 1
    return count
