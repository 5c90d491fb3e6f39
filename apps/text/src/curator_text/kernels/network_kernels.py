# pyright: basic
# numba's decorators and typed scalars have no usable types.
"""The compiled loops of a transformer between its products of matrices. As `hash_kernels.py`; imported inside functions only.

What is multiplied is rounded first, so that double precision adds the products without rounding: then any
BLAS library gives the same bytes on any processor, with any number of threads. All else is done here with
operations that IEEE 754 rounds in one way, in an order that is fixed; so `exp` and `erf` are our own.
"""

import math

import numpy as np

from curator_engine.compiled import inlined, kernel
from curator_text.kernels.hash_kernels import I64

ROW_BITS = 25
"""Of a number that is multiplied with a weight, below the largest one of its row."""
_HALF_BITS = 24
"""Of queries and keys: with the 32 or 64 products of a head, twice as many fit into double precision."""
_SHARE_BITS = 26
"""Of shares of attention and of values: shares add up to one."""
_LOG2_E, _LN2_HIGH, _LN2_LOW = 1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10
_LEAST = -700.0
_SERIES = tuple(1.0 / math.factorial(k) for k in range(14, -1, -1))
"""Of `exp` within half a binary order: the next term is below the last bit."""
_EDGE, _STEPS = 8.0, 256
"""Where GELU is 0 or its argument to the last bits; table entries per unit below that."""


@inlined
def _power(n):
    """2^n, for n from -1022 to 1023."""
    return np.int64((I64(n) + I64(1023)) << I64(52)).view(np.float64)


@kernel
def _exp(x):
    """e^x for x <= 0; next to nothing from -700 down."""
    x = max(x, _LEAST)
    n = math.floor(x * _LOG2_E + 0.5)
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    total = 0.0
    for term in _SERIES:
        total = total * r + term
    return total * _power(n)


@kernel
def _erf(x):
    """The error function for x >= 0, by the series whose terms are all positive."""
    term = x
    total = x
    k = 0
    while term > total * 1e-17:
        k += 1
        term *= 2.0 * x * x / (2 * k + 1)
        total += term
    return min(1.0, 1.1283791670955126 * _exp(-x * x) * total)


@kernel
def gelu_table():
    """GELU and its slope at the table's places; shape (places, 2)."""
    count = I64(2 * _EDGE * _STEPS) + 1
    table = np.empty((count, 2))
    for k in range(count):
        x = k / _STEPS - _EDGE
        half = 0.5 * _erf(abs(x) / 1.4142135623730951)
        below = 0.5 + half if x >= 0 else 0.5 - half
        table[k, 0] = x * below
        table[k, 1] = below + x * 0.3989422804014327 * _exp(-0.5 * x * x)
    return table


@kernel
def gelu(x, table):
    """Each x times the share of a normal distribution below x, in place: cubic between the table's places."""
    flat = x.reshape(-1)
    for m in range(len(flat)):
        v = flat[m]
        if v >= _EDGE:
            continue
        if v <= -_EDGE:
            flat[m] = 0.0
            continue
        place = (v + _EDGE) * _STEPS
        k = I64(place)
        t = place - k
        a, b = table[k, 0], table[k + 1, 0]
        p, q = table[k, 1] / _STEPS, table[k + 1, 1] / _STEPS
        # Hermite's form, written as a polynomial in t.
        flat[m] = a + t * (p + t * (3.0 * (b - a) - 2.0 * p - q + t * (2.0 * (a - b) + p + q)))


@inlined
def _exponent(largest):
    """The smallest n with largest <= 2^n, of normal numbers; -900 for none."""
    if largest < 1e-270:
        return -900
    mantissa, n = math.frexp(largest)
    return n - 1 if mantissa == 0.5 else n


@inlined
def _rounded(x, up, down):
    """The multiple of `down`, a power of two, nearest to x; `up` is 1 / `down`."""
    return math.floor(x * up + 0.5) * down


@kernel
def round_rows(x, bits, out):
    """Round each row to so many bits below its largest number."""
    for i in range(x.shape[0]):
        largest = 0.0
        for k in range(x.shape[1]):
            largest = max(largest, abs(x[i, k]))
        n = bits - _exponent(largest)
        up, down = _power(n), _power(-n)
        for k in range(x.shape[1]):
            out[i, k] = _rounded(x[i, k], up, down)


@kernel
def split_heads(rows, heads, out):
    """Queries or keys of one text, shape (tokens, dims), to (heads, tokens, dims / heads), each row rounded."""
    size = rows.shape[1] // heads
    for h in range(heads):
        round_rows(rows[:, h * size : (h + 1) * size], _HALF_BITS, out[h])


@kernel
def split_values(rows, heads, out):
    """As `split_heads`, for values: all of a head are rounded alike."""
    size = rows.shape[1] // heads
    for h in range(heads):
        largest = 0.0
        for i in range(rows.shape[0]):
            for k in range(size):
                largest = max(largest, abs(rows[i, h * size + k]))
        n = _SHARE_BITS - _exponent(largest)
        up, down = _power(n), _power(-n)
        for i in range(rows.shape[0]):
            for k in range(size):
                out[h, i, k] = _rounded(rows[i, h * size + k], up, down)


@kernel
def join_heads(seen, out):
    """From (heads, tokens, size) to (tokens, heads * size)."""
    heads, tokens, size = seen.shape
    for h in range(heads):
        for i in range(tokens):
            for k in range(size):
                out[i, h * size + k] = seen[h, i, k]


@kernel
def shares(scores, scale):
    """Softmax of each row of scores * scale, in place, rounded."""
    up, down = _power(_SHARE_BITS), _power(-_SHARE_BITS)
    for h in range(scores.shape[0]):
        for i in range(scores.shape[1]):
            row = scores[h, i]
            largest = row[0]
            for k in range(len(row)):
                largest = max(largest, row[k])
            total = 0.0
            for k in range(len(row)):
                row[k] = _exp((row[k] - largest) * scale)
            for k in range(len(row)):
                total += row[k]
            for k in range(len(row)):
                row[k] = _rounded(row[k] / total, up, down)


@kernel
def norm_rows(x, weight, bias, epsilon):
    """Layer normalisation (arXiv 1607.06450) of each row, in place."""
    size = x.shape[1]
    for i in range(x.shape[0]):
        total = 0.0
        for k in range(size):
            total += x[i, k]
        mean = total / size
        total = 0.0
        for k in range(size):
            total += (x[i, k] - mean) * (x[i, k] - mean)
        scale = math.sqrt(total / size + epsilon)
        for k in range(size):
            x[i, k] = (x[i, k] - mean) / scale * weight[k] + bias[k]


@kernel
def mean_rows(x, offsets, out):
    """The mean of the rows of each text."""
    for i in range(len(offsets) - 1):
        out[i] = 0.0
        for t in range(offsets[i], offsets[i + 1]):
            for k in range(x.shape[1]):
                out[i, k] += x[t, k]
        for k in range(x.shape[1]):
            out[i, k] /= offsets[i + 1] - offsets[i]
