# pyright: basic
# numba infers the types of its functions.
"""The inner loops of the index: a window's key in any orientation, buckets of keys, votes of windows.

An orientation is a number: bit 0 mirrors left and right, bit 1 top and bottom, bit 2 then swaps
rows and columns. Importing this module imports numba, so everybody imports it inside a function.
"""

import numpy as np

from curator_engine.compiled import kernel

F32, U32, U64 = np.float32, np.uint32, np.uint64


def _orders(first, last):
    """Of the bits of `signs`: masks of those that a mirror flips, and where a swap puts each."""
    places = [(v, u) for v in range(last) for u in range(last) if max(u, v) >= first]
    across = sum(1 << k for k, (_, u) in enumerate(places) if u % 2)
    down = sum(1 << k for k, (v, _) in enumerate(places) if v % 2)
    return across, down, [places.index((u, v)) for v, u in places]


_KINDS = [_orders(1, 5), _orders(1, 5), _orders(5, 7)]
_ACROSS = np.array([k[0] for k in _KINDS], np.uint32)
_DOWN = np.array([k[1] for k in _KINDS], np.uint32)
_SWAP = np.array([k[2] for k in _KINDS], np.int64)
_PLACES = 24


@kernel
def canonical(bits, kind):
    """The least bits of the eight orientations of a window, and the orientation that has them."""
    least, best = U32(0xFFFFFFFF), 0
    for swapped in range(2):
        for flips in range(4):
            turned = bits
            if flips & 1:
                turned ^= _ACROSS[kind]
            if flips & 2:
                turned ^= _DOWN[kind]
            if swapped:
                moved = U32(0)
                for k in range(_PLACES):
                    moved |= ((turned >> U32(k)) & U32(1)) << U32(_SWAP[kind, k])
                turned = moved
            if turned < least:
                least, best = turned, flips + 4 * swapped
    return least, best


@kernel
def _slot(keys, key):
    """Where a key is in the table, or would be."""
    mask = U64(keys.shape[0] - 1)
    x = U64(key)
    x = (x ^ (x >> U64(15))) * U64(0xFF51AFD7ED558CCD)
    at = (x ^ (x >> U64(32))) & mask
    while keys[at] != key and keys[at] != U32(0xFFFFFFFF):
        at = (at + U64(1)) & mask
    return at


@kernel
def insert(windows, picture, keys, heads, sizes, entries, count, most):
    """Put the windows of a picture into the index; returns the entries and what full buckets left out."""
    left_out = 0
    for k in range(windows.shape[0]):
        window = windows[k]
        bits, turn = canonical(window["bits"], window["kind"])
        key = bits | (U32(window["kind"]) << U32(_PLACES))
        at = _slot(keys, key)
        if keys[at] == U32(0xFFFFFFFF):
            keys[at] = key
            heads[at] = -1
        if sizes[at] >= most:
            left_out += 1
            continue
        entry = entries[count]
        entry["picture"] = picture
        entry["next"] = heads[at]
        entry["x"], entry["y"] = window["x"], window["y"]
        entry["half"] = np.sqrt(window["half_wide"] * window["half_high"])
        entry["turn"] = turn
        heads[at] = count
        sizes[at] += 1
        count += 1
    return count, left_out


@kernel
def rehash(keys, heads, sizes, new_keys, new_heads, new_sizes):
    """Move buckets into a larger table."""
    for k in range(keys.shape[0]):
        if keys[k] != U32(0xFFFFFFFF):
            at = _slot(new_keys, keys[k])
            new_keys[at], new_heads[at], new_sizes[at] = keys[k], heads[k], sizes[k]


@kernel
def collect(windows, keys, heads, entries, hits):
    """Write where the windows of a picture are found, also with unsure bits turned; returns how many."""
    count = 0
    for k in range(windows.shape[0]):
        window = windows[k]
        for probe in range(4):
            bits = window["bits"]
            if probe & 1:
                bits ^= U32(1) << U32(window["weak"])
            if probe & 2:
                bits ^= U32(1) << U32(window["second"])
            bits, turn = canonical(bits, window["kind"])
            at = _slot(keys, bits | (U32(window["kind"]) << U32(_PLACES)))
            if keys[at] == U32(0xFFFFFFFF):
                continue
            e = heads[at]
            while e >= 0:
                if count == hits.shape[0]:
                    return count
                entry, hit = entries[e], hits[count]
                hit["picture"] = entry["picture"]
                hit["window"] = k
                hit["kind"] = window["kind"]
                hit["turn"] = _between(turn, entry["turn"])
                hit["scale"] = entry["half"] / np.sqrt(window["half_wide"] * window["half_high"])
                hit["from_x"], hit["from_y"] = window["x"], window["y"]
                hit["to_x"], hit["to_y"] = entry["x"], entry["y"]
                count += 1
                e = entry["next"]
    return count


@kernel
def matrix(turn):
    """An orientation as what it does to x and y: xx, xy, yx, yy."""
    a = -1.0 if turn & 1 else 1.0
    d = -1.0 if turn & 2 else 1.0
    if turn & 4:
        return 0.0, d, a, 0.0
    return a, 0.0, 0.0, d


@kernel
def _between(mine, other):
    """The orientation that takes a place in my window to that in the other: first mine, then back."""
    a, b, c, d = matrix(mine)
    e, f, g, h = matrix(other)
    # The inverse of a signed permutation is its transpose.
    xx, xy, yx, yy = e * a + g * c, e * b + g * d, f * a + h * c, f * b + h * d
    if xx != 0:
        return (1 if xx < 0 else 0) + (2 if yy < 0 else 0)
    return 4 + (1 if yx < 0 else 0) + (2 if xy < 0 else 0)


@kernel
def _agrees(first, second, near):
    """Whether two windows were found at places that one transform explains."""
    if first["turn"] != second["turn"]:
        return False
    ratio = first["scale"] / second["scale"]
    if ratio > 1.3 or ratio < 0.77:
        return False
    xx, xy, yx, yy = matrix(first["turn"])
    dx, dy = second["from_x"] - first["from_x"], second["from_y"] - first["from_y"]
    size = np.sqrt(first["scale"] * second["scale"])
    x = first["to_x"] + size * (xx * dx + xy * dy)
    y = first["to_y"] + size * (yx * dx + yy * dy)
    far = near * max(size, 1.0) + 0.08 * size * np.sqrt(dx * dx + dy * dy)
    return abs(x - second["to_x"]) <= far and abs(y - second["to_y"]) <= far


@kernel
def weigh(hits, order, out):
    """Which pictures were hit by windows that count three together, and where their hits are.

    Args:
        hits: Of `collect`.
        order: They, sorted by picture.
        out: Records with picture, votes (what all its windows count, at most), start and end.

    Returns:
        How many were written.
    """
    count, start = 0, 0
    while start < order.shape[0]:
        picture = hits[order[start]]["picture"]
        end, votes, last = start, 0, -1
        while end < order.shape[0]:
            hit = hits[order[end]]
            if hit["picture"] != picture:
                break
            # Hits of a picture come in the order of the windows; one window counts once.
            if hit["window"] != last:
                last = hit["window"]
                votes += _weight(hit)
            end += 1
        if votes >= 3:
            out[count]["picture"], out[count]["votes"] = picture, votes
            out[count]["start"], out[count]["end"] = start, end
            count += 1
        start = end
    return count


@kernel
def _weight(hit):
    """What a window counts: that of a whole picture as much as three around spots."""
    return 3 if hit["kind"] == 1 else 1


@kernel
def vote(hits, order, near, most, out):
    """The transform that most windows of a picture agree on.

    Args:
        hits: Of `collect`.
        order: Those of the picture, in the order of the windows.
        near: Pixels within which two windows agree.
        most: Transforms that are tried.
        out: A record with votes, turn, a, b, x and y: a place p of the query is at
            (a, -b; b, a) * orientation * p + (x, y) of the picture.
    """
    inside = np.empty(order.shape[0], np.bool_)
    best_inside = np.empty(order.shape[0], np.bool_)
    best, best_at = 0, 0
    for h in range(0, order.shape[0], max(1, order.shape[0] // most)):
        votes, last = 0, -1
        for k in range(order.shape[0]):
            hit = hits[order[k]]
            inside[k] = _agrees(hits[order[h]], hit, near)
            if inside[k] and hit["window"] != last:
                last = hit["window"]
                votes += _weight(hit)
        if votes > best:
            best, best_at = votes, h
            best_inside[:] = inside
    out["votes"] = best
    if best >= 3:
        _fit(hits, order, 0, order.shape[0], best_inside, hits[order[best_at]], out)


@kernel
def _fit(hits, order, start, end, inside, leader, out):
    """The similarity transform of least squares through the windows that agree."""
    xx, xy, yx, yy = matrix(leader["turn"])
    n = mx = my = tx = ty = size = 0.0
    for k in range(start, end):
        if inside[k]:
            hit = hits[order[k]]
            n += 1.0
            mx += xx * hit["from_x"] + xy * hit["from_y"]
            my += yx * hit["from_x"] + yy * hit["from_y"]
            tx += hit["to_x"]
            ty += hit["to_y"]
            size += np.log(hit["scale"])
    mx, my, tx, ty = mx / n, my / n, tx / n, ty / n
    spread = along = across = 0.0
    for k in range(start, end):
        if inside[k]:
            hit = hits[order[k]]
            x = xx * hit["from_x"] + xy * hit["from_y"] - mx
            y = yx * hit["from_x"] + yy * hit["from_y"] - my
            p, q = hit["to_x"] - tx, hit["to_y"] - ty
            spread += x * x + y * y
            along += x * p + y * q
            across += x * q - y * p
    a, b = np.exp(size / n), 0.0
    # Where the places lie close together, the sizes of the windows say more of the scale.
    if spread / n > 400.0:
        a, b = along / spread, across / spread
    out["turn"] = leader["turn"]
    out["a"], out["b"] = a, b
    out["x"], out["y"] = tx - (a * mx - b * my), ty - (b * mx + a * my)
