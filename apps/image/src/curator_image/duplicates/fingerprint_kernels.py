# pyright: basic
# numba infers the types of its functions.
"""The inner loops of a fingerprint: borders, windows around spots, signs of their lowest waves.

Importing this module imports numba, so everybody imports it inside a function.
"""

import numpy as np

from curator_engine.compiled import kernel

F32, U32 = np.float32, np.uint32
_SAMPLES, _WAVES = 16, 5
_TAPS = np.exp(-0.5 * (np.arange(-4, 5) / 1.5) ** 2).astype(np.float32)
_TAPS /= _TAPS.sum()
_COSINES = np.cos(
    np.pi * np.arange(8)[:, None] * (2 * np.arange(_SAMPLES)[None, :] + 1) / (2 * _SAMPLES)
).astype(np.float32)


@kernel
def trim(luma, tolerance):
    """Left, top, right and bottom of what is not a border of one grey, in pixels."""
    rows, columns = luma.shape
    top, bottom, left, right = 0, rows, 0, columns
    moved = True
    while moved and bottom - top > 8 and right - left > 8:
        moved = False
        for side in range(4):
            while bottom - top > 8 and right - left > 8:
                if side == 0:
                    line = luma[top, left:right]
                elif side == 1:
                    line = luma[bottom - 1, left:right]
                elif side == 2:
                    line = luma[top:bottom, left]
                else:
                    line = luma[top:bottom, right - 1]
                low, high = 255, 0
                for k in range(line.shape[0]):
                    low, high = min(low, line[k]), max(high, line[k])
                if high - low > tolerance:
                    break
                top += side == 0
                bottom -= side == 1
                left += side == 2
                right -= side == 3
                moved = True
    return left, top, right, bottom


@kernel
def _smooth(picture):
    rows, columns = picture.shape
    half = _TAPS.shape[0] // 2
    across = np.zeros((rows, columns), np.float32)
    out = np.zeros((rows, columns), np.float32)
    wide = np.empty(columns + 2 * half, np.float32)
    for y in range(rows):
        wide[:half], wide[half + columns :] = picture[y, 0], picture[y, columns - 1]
        wide[half : half + columns] = picture[y]
        for k in range(2 * half + 1):
            _add_times(across[y], wide[k : k + columns], _TAPS[k])
    for y in range(rows):
        for k in range(-half, half + 1):
            _add_times(out[y], across[min(max(y + k, 0), rows - 1)], _TAPS[k + half])
    return out


@kernel
def _add_times(line, other, factor):
    for x in range(line.shape[0]):
        line[x] += factor * other[x]


@kernel
def _is_peak(strength, x, y, apart):
    """Whether nothing nearby is stronger; of equals the first one is. The point is none at the edge."""
    rows, columns = strength.shape
    here = strength[y, x]
    # Most points are on a slope.
    beside = max(strength[y, x - 1], strength[y, x + 1], strength[y - 1, x], strength[y + 1, x])
    if beside > here:
        return False
    for j in range(max(y - apart, 0), min(y + apart + 1, rows)):
        for i in range(max(x - apart, 0), min(x + apart + 1, columns)):
            before = j < y or (j == y and i < x)
            if strength[j, i] > here or (strength[j, i] == here and before):
                return False
    return True


@kernel
def find_spots(picture, margin, apart, least, most):
    """The strongest blobs and corners: peaks of |det Hessian| of the smoothed picture.

    Returns the smoothed picture and the spots, float32, shape (spots, 2): x and y in pixels.
    """
    smooth = _smooth(picture)
    rows, columns = smooth.shape
    strength = np.zeros((rows, columns), np.float32)
    for y in range(1, rows - 1):
        for x in range(1, columns - 1):
            middle = F32(2) * smooth[y, x]
            xx = smooth[y, x - 1] + smooth[y, x + 1] - middle
            yy = smooth[y - 1, x] + smooth[y + 1, x] - middle
            xy = F32(0.25) * (
                smooth[y - 1, x - 1]
                + smooth[y + 1, x + 1]
                - smooth[y - 1, x + 1]
                - smooth[y + 1, x - 1]
            )
            strength[y, x] = abs(xx * yy - xy * xy)
    found = np.empty((rows * columns, 3), np.float32)
    count = 0
    for y in range(margin, rows - margin):
        for x in range(margin, columns - margin):
            here = strength[y, x]
            if here >= least and _is_peak(strength, x, y, apart):
                found[count, 0] = x + _vertex(strength[y, x - 1], here, strength[y, x + 1])
                found[count, 1] = y + _vertex(strength[y - 1, x], here, strength[y + 1, x])
                found[count, 2] = here
                count += 1
    order = np.argsort(-found[:count, 2], kind="mergesort")[:most]
    return smooth, found[order, :2].copy()


@kernel
def _vertex(before, here, after):
    bend = before + after - F32(2) * here
    if bend >= F32(-1e-6):
        return F32(0)
    return min(max(F32(0.5) * (before - after) / bend, F32(-0.5)), F32(0.5))


@kernel
def waves(picture, left, top, wide, high, count):
    """The lowest waves of a window, by DCT; float32, shape (count, count), rows by height."""
    rows, columns = picture.shape
    patch = np.empty((_SAMPLES, _SAMPLES), np.float32)
    before, after = np.empty(_SAMPLES, np.uintp), np.empty(_SAMPLES, np.uintp)
    share = np.empty(_SAMPLES, np.float32)
    for i in range(_SAMPLES):
        x = min(max(left + (i + 0.5) * wide / _SAMPLES - 0.5, 0.0), columns - 1.001)
        # Without a sign, so that no index is taken for one from the end.
        before[i], after[i] = np.uintp(x), np.uintp(min(int(x) + 1, columns - 1))
        share[i] = F32(x - int(x))
    for j in range(_SAMPLES):
        y = min(max(top + (j + 0.5) * high / _SAMPLES - 0.5, 0.0), rows - 1.001)
        y0 = int(y)
        fy = F32(y - y0)
        upper, lower = picture[y0], picture[min(y0 + 1, rows - 1)]
        for i in range(_SAMPLES):
            x0, x1, fx = before[i], after[i], share[i]
            above = upper[x0] * (F32(1) - fx) + upper[x1] * fx
            below = lower[x0] * (F32(1) - fx) + lower[x1] * fx
            patch[j, i] = above * (F32(1) - fy) + below * fy
    across = np.zeros((_SAMPLES, count), np.float32)
    for j in range(_SAMPLES):
        for u in range(count):
            total = F32(0)
            for i in range(_SAMPLES):
                total += _COSINES[u, i] * patch[j, i]
            across[j, u] = total
    out = np.zeros((count, count), np.float32)
    for v in range(count):
        for u in range(count):
            total = F32(0)
            for j in range(_SAMPLES):
                total += _COSINES[v, j] * across[j, u]
            out[v, u] = total / F32(_SAMPLES * _SAMPLES / 2)
    return out


@kernel
def signs(block, first, last):
    """Signs of waves of a block that are at least `first` and below `last` in one direction.

    Returns the bits, row after row without those left out, and the places of the two that are nearest
    to zero, which another copy of the picture may have the other way round.
    """
    bits = U32(0)
    place = 0
    weak, weaker = np.float32(np.inf), np.float32(np.inf)
    at, second = 0, 0
    for v in range(last):
        for u in range(last):
            if max(u, v) < first:
                continue
            value = block[v, u]
            if value > 0:
                bits |= U32(1) << U32(place)
            size = abs(value)
            if size < weak:
                weaker, second = weak, at
                weak, at = size, place
            elif size < weaker:
                weaker, second = size, place
            place += 1
    return bits, at, second


@kernel
def windows_of(picture, left, top, scale, sizes, margin, apart, least, most, out):
    """Write the windows around the spots of a part of a picture.

    Args:
        picture: That part, made as large as a frame, float32.
        left: Of the part in the whole picture, in pixels of that.
        top: Likewise.
        scale: Pixels of the whole picture per pixel of the frame.
        sizes: Half the side of the windows of each spot, in pixels of the frame.
        margin: Pixels at the edges of the frame without spots.
        apart: Pixels between spots, at least.
        least: Strength of a spot, at least.
        most: Spots, at most.
        out: Records with x, y, half_wide, half_high, bits, weak, second and kind.

    Returns:
        How many windows were written.
    """
    smooth, spots = find_spots(picture, margin, apart, least, most)
    count = 0
    for k in range(spots.shape[0]):
        for size in sizes:
            block = waves(
                smooth,
                spots[k, 0] + 0.5 - size,
                spots[k, 1] + 0.5 - size,
                2 * size,
                2 * size,
                _WAVES,
            )
            bits, weak, second = signs(block, 1, _WAVES)
            out[count]["x"] = left + (spots[k, 0] + 0.5) * scale
            out[count]["y"] = top + (spots[k, 1] + 0.5) * scale
            out[count]["half_wide"] = size * scale
            out[count]["half_high"] = size * scale
            out[count]["bits"] = bits
            out[count]["weak"] = weak
            out[count]["second"] = second
            out[count]["kind"] = 0
            count += 1
    return count
