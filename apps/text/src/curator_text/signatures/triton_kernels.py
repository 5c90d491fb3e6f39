# pyright: basic, reportGeneralTypeIssues=none, reportOperatorIssue=none
# triton's functions and tensors have no usable types.
"""The loops of signatures as Triton programs: what `hash_kernels.py` and `window_kernels.py` do on a CPU.

A program signs a chunk of up to block windows of one document, from its bytes to the document's row
of the table: nothing is written in between. Importing this module imports triton, so it is imported
inside functions only.

Arguments that all programs have:
    text: UTF-8, uint8.
    begins: Byte positions of the characters, int64; not looked at if ASCII.
    document, first: Of each chunk its document, and which of its windows is the chunk's first; int32.
    base, characters: Of each document its first character among `begins` (if plain ASCII, its first byte),
        and how many it has; int64.
    end: Of each document, behind its last byte; int64.
"""

import triton
import triton.language as tl

_MASK_32 = tl.constexpr((1 << 32) - 1)


@triton.jit
def _mix(x):
    """Murmur3's 64-bit finaliser."""
    x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCD
    x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53
    return x ^ (x >> 33)


@triton.jit
def _turn(x, bits):
    """Rotate 64 bits to the left, by 0 to 63."""
    bits = bits.to(tl.uint64)
    return (x << bits) | (x >> ((64 - bits) & 63))


@triton.jit
def _exclusive_or(x, y):
    return x ^ y


@triton.jit
def _points(text, begins, place, mask, plain: tl.constexpr):
    """Code points of the characters at these places."""
    if plain:
        point = tl.load(text + place, mask=mask, other=0).to(tl.uint64)
    else:
        at = tl.load(begins + place, mask=mask, other=0)
        lead = tl.load(text + at, mask=mask, other=0).to(tl.uint64)
        more = (lead >= 0xC0).to(tl.uint64) + (lead >= 0xE0) + (lead >= 0xF0)
        point = tl.where(more > 0, lead & (0x3F >> more), lead)
        for k in tl.static_range(1, 4):
            follows = mask & (more >= k)
            tail = tl.load(text + at + k, mask=follows, other=0).to(tl.uint64) & 0x3F
            point = tl.where(follows, (point << 6) | tail, point)
    return point


@triton.jit
def _values(text, begins, place, mask, key, plain: tl.constexpr):
    """The random values of the characters at these places; 0 where the mask is not set."""
    point = _points(text, begins, place, mask, plain)
    return tl.where(mask, _mix(point * 0x9E3779B97F4A7C15 ^ key), 0)


@triton.jit
def _rolling_hashes(
    text, begins, start, windows, span, key, plain: tl.constexpr, block: tl.constexpr
):
    """Hashes of the windows of `span` characters from place `start` on, in each lane one.

    A character's value, turned back by its place in the chunk, counts in all windows that have it:
    so a window is the one before it, less the character that left, plus the one that came, and all
    are found by one scan.
    """
    lane = tl.arange(0, block)
    first = tl.zeros([block], tl.uint64)
    for at in range(0, span, block):
        place = at + lane
        value = _values(text, begins, start + place, place < span, key, plain)
        first ^= _turn(value, (64 - (place & 63)) & 63)
    whole = tl.xor_sum(first.to(tl.int64), 0).to(tl.uint64)
    left, came = lane - 1, lane - 1 + span
    rolls = (lane > 0) & (lane < windows)
    gone = _values(text, begins, start + left, rolls, key, plain)
    new = _values(text, begins, start + came, rolls, key, plain)
    change = _turn(gone, (64 - (left & 63)) & 63) ^ _turn(new, (64 - (came & 63)) & 63)
    change = tl.where(lane == 0, whole, change)
    turned = tl.associative_scan(change, 0, _exclusive_or)
    return _mix(_turn(turned, (lane + span - 1) & 63))


@triton.jit
def _keep_least(table, row, x, place, number, inside):
    """Let hashes fall into the bins at their places of a row; a bin keeps the least (round, value)."""
    value = (x & _MASK_32).to(tl.int64) | (number << 32)
    # Most are no news: to ask is cheaper than to tell.
    known = tl.load(table + row + place, mask=inside, other=0)
    tl.atomic_min(table + row + place, value, mask=inside & (value < known), sem="relaxed")


@triton.jit
def _bins(x, bins):
    """The bin of each hash, by its upper half."""
    return ((x >> 32) * bins.to(tl.uint64) >> 32).to(tl.int64)


@triton.jit(do_not_specialize=["width", "bins"])
def sketch_chunks(
    text,
    begins,
    document,
    first,
    base,
    characters,
    table,
    width,
    bins,
    key,
    is_first: tl.constexpr,
    plain: tl.constexpr,
    room: tl.constexpr,
    block: tl.constexpr,
):
    """Fast similarity sketching of `window_kernels.py`; `table`: int64, documents x bins, round << 32 | value.

    `is_first`: the first round only; else those that come after it, for chunks of documents that have empty bins.
    `room`: a power of two, not less than `bins`.
    """
    chunk = tl.program_id(0)
    owner = tl.load(document + chunk).to(tl.int64)
    start = tl.load(first + chunk)
    count = tl.load(characters + owner)
    span = tl.minimum(count, width).to(tl.int32)
    windows = tl.minimum(count - span + 1 - start, block).to(tl.int32)
    start = tl.load(base + owner) + start
    hashes = _rolling_hashes(text, begins, start, windows, span, key, plain, block)
    inside = tl.arange(0, block) < windows
    row = owner * bins
    if is_first:
        # The largest value means an empty bin.
        some = inside & ((hashes & _MASK_32) < _MASK_32)
        _keep_least(table, row, hashes, _bins(hashes, bins), tl.zeros_like(row), some)
    else:
        # Another program may be some rounds ahead, so that bins are full with what comes later: all
        # rounds up to the last that has filled one are this one's as well.
        each = tl.arange(0, room)
        number = tl.zeros_like(row) + 1
        last = number
        while number <= last:
            x = _mix(hashes ^ number.to(tl.uint64) * 0x9E3779B97F4A7C15)
            place = tl.where(number < bins, _bins(x, bins), number - bins)
            # The largest value counts as one less.
            x -= ((x & _MASK_32) == _MASK_32).to(tl.uint64)
            _keep_least(table, row, x, place, number, inside)
            best = tl.load(table + row + each, mask=each < bins, other=0, volatile=True)
            last = tl.minimum(tl.max(best, 0) >> 32, 2 * bins.to(tl.int64) - 1)
            number += 1


@triton.jit
def _two_words(low, high, at):
    """The four bytes at a place, from the aligned words that it lies in."""
    both = (high.to(tl.uint32, bitcast=True).to(tl.uint64) << 32) | low.to(tl.uint32, bitcast=True)
    return (both >> ((at & 3) << 3).to(tl.uint64)).to(tl.uint32)


@triton.jit
def _scramble(word):
    word = word * 0xCC9E2D51
    word = (word << 15) | (word >> 17)
    return word * 0x1B873593


@triton.jit
def _murmur(words, at, end, seed, longest):
    """MurmurHash3_x86_32 of the bytes from each place to its end, of `longest` bytes at most."""
    size = end - at
    h = tl.zeros_like(size).to(tl.uint32) + seed.to(tl.uint32)
    place, last = at >> 2, end >> 2
    low = tl.load(words + place)
    for k in range(longest // 4):
        high = tl.load(words + place + k + 1, mask=place + k < last, other=0)
        absorbed = h ^ _scramble(_two_words(low, high, at))
        absorbed = ((absorbed << 13) | (absorbed >> 19)) * 5 + 0xE6546B64
        h = tl.where(4 * k + 4 <= size, absorbed, h)
        low = high
    # One to three bytes that are left; of none, the word is 0, which changes nothing.
    left = size & 3
    at = end - left
    low = tl.load(words + (at >> 2))
    high = tl.load(words + (at >> 2) + 1, mask=(at >> 2) < last, other=0)
    rest = _two_words(low, high, at) & ((1 << (8 * left)) - 1).to(tl.uint32)
    h ^= _scramble(rest) ^ size.to(tl.uint32)
    h = (h ^ (h >> 16)) * 0x85EBCA6B
    h = (h ^ (h >> 13)) * 0xC2B2AE35
    return h ^ (h >> 16)


@triton.jit(do_not_specialize=["width"])
def murmur_chunks(
    words,
    begins,
    document,
    first,
    base,
    characters,
    end,
    place_of,
    factors,
    hashes,
    width,
    plain: tl.constexpr,
    block: tl.constexpr,
):
    """MurmurHash3_x86_32 of a chunk's windows, but 1 for 0, to `hashes`, uint32.

    `words`: the text as int32, with one word or more behind its last byte's. `place_of`: of each
    document the place of its first window among `hashes`, int64. `factors`: the first is the seed.
    """
    chunk = tl.program_id(0)
    owner = tl.load(document + chunk).to(tl.int64)
    start = tl.load(first + chunk)
    size = tl.load(characters + owner)
    span = tl.minimum(size, width).to(tl.int32)
    lane = tl.arange(0, block)
    # Lanes without a window have the last one again.
    window = tl.minimum(lane, (size - span).to(tl.int32) - start)
    place = tl.load(base + owner) + start
    # Bytes are counted from the word in which the chunk's first window begins: 32 bits will do.
    if plain:
        origin = place & -4
        at = (place - origin).to(tl.int32) + window
        to = at + span
        longest = span
    else:
        origin = tl.load(begins + place) & -4
        at = (tl.load(begins + place + window) - origin).to(tl.int32)
        inside = start + window + span < size
        last = (tl.load(end + owner) - origin).to(tl.int32)
        to = (tl.load(begins + place + window + span, mask=inside, other=0) - origin).to(tl.int32)
        to = tl.where(inside, to, last)
        longest = tl.max(to - at, 0)
    found = tl.maximum(_murmur(words + (origin >> 2), at, to, tl.load(factors), longest), 1)
    tl.store(hashes + tl.load(place_of + owner) + start + window, found)


@triton.jit(do_not_specialize=["count"])
def minima_chunks(
    hashes,
    document,
    first,
    place_of,
    factors,
    summands,
    table,
    count,
    block: tl.constexpr,
):
    """Least (a * h + b) mod 2^32 over a document's hashes h; `table`: uint32, documents x count.

    `factors`, `summands`: a and b, uint32, of `count` hash functions. `place_of`: as for
    `murmur_chunks`, and behind the last one the number of all windows.
    """
    chunk = tl.program_id(0)
    owner = tl.load(document + chunk).to(tl.int64)
    start = tl.load(place_of + owner) + tl.load(first + chunk)
    left = tl.minimum(tl.load(place_of + owner + 1) - start, block).to(tl.int32)
    # Lanes without a hash have the last one again, which changes no minimum.
    some = tl.load(hashes + start + tl.minimum(tl.arange(0, block), left - 1))
    row = table + owner * count
    for p in tl.range(0, count, loop_unroll_factor=4):
        value = some * tl.load(factors + p) + tl.load(summands + p)
        tl.atomic_min(row + p, tl.min(value, 0), sem="relaxed")
