# pyright: basic
# numba infers the types of its functions.
"""The inner loops that lay one grey picture over another, and say how alike they are there.

Importing this module imports numba, so everybody imports it inside a function.
"""

import numpy as np

from curator_engine.compiled import kernel

F32, I32 = np.float32, np.int32
_WINDOW, _STEP, _POINTS = 8, 4, 32
_C1, _C2 = 6.5025, 58.5225


@kernel
def soften(picture):
    """A 3 x 3 binomial filter; uint8."""
    rows, columns = picture.shape
    across = np.empty((rows, columns), np.int32)
    out = np.empty((rows, columns), np.uint8)
    for y in range(rows):
        for x in range(columns):
            before, after = picture[y, max(x - 1, 0)], picture[y, min(x + 1, columns - 1)]
            across[y, x] = I32(before) + I32(2) * I32(picture[y, x]) + I32(after)
    for y in range(rows):
        above, below = across[max(y - 1, 0)], across[min(y + 1, rows - 1)]
        for x in range(columns):
            out[y, x] = (above[x] + I32(2) * across[y, x] + below[x] + I32(8)) >> I32(4)
    return out


@kernel
def halve(picture):
    """Means of 2 x 2 pixels; uint8."""
    rows, columns = picture.shape[0] // 2, picture.shape[1] // 2
    out = np.empty((rows, columns), np.uint8)
    for y in range(rows):
        for x in range(columns):
            above = I32(picture[2 * y, 2 * x]) + I32(picture[2 * y, 2 * x + 1])
            below = I32(picture[2 * y + 1, 2 * x]) + I32(picture[2 * y + 1, 2 * x + 1])
            out[y, x] = (above + below + I32(2)) >> I32(2)
    return out


@kernel
def share_within(size, other, turn, a, b, x, y):
    """The share of a picture that is within another one, by points on a grid; sizes are width and height."""
    count = 0
    fit = (a, b, x, y)
    for row in range(_POINTS):
        for column in range(_POINTS):
            across, down = (column + 0.5) * size[0] / _POINTS, (row + 0.5) * size[1] / _POINTS
            u, v = _at(turn, fit, across, down)
            count += 0 <= u <= other[0] and 0 <= v <= other[1]
    return count / (_POINTS * _POINTS)


@kernel
def colour_moments(mine, its, turn, fit, size, its_size):
    """How many fields of colours lie over each other; of their colours the squares of both, and the products.

    Args:
        mine: Cb and Cr, shape (fields, fields, 2).
        its: Likewise.
        turn: As for `refine`.
        fit: a, b, x and y, likewise.
        size: Rows and columns of the picture.
        its_size: Likewise.
    """
    fields = mine.shape[0]
    count = squares = its_squares = products = 0
    for row in range(fields):
        for column in range(fields):
            across, down = (column + 0.5) * size[1] / fields, (row + 0.5) * size[0] / fields
            u, v = _at(turn, fit, across, down)
            x, y = u * fields / its_size[1], v * fields / its_size[0]
            if not (0 <= x < fields and 0 <= y < fields):
                continue
            count += 1
            for k in range(2):
                a = np.int64(mine[row, column, k]) - 128
                b = np.int64(its[int(y), int(x), k]) - 128
                squares += a * a
                its_squares += b * b
                products += a * b
    return count, squares, its_squares, products


@kernel
def _solve(left, right):
    """The solution of six equations, or zeros where there is none."""
    n = right.shape[0]
    for i in range(n):
        pivot = i
        for j in range(i + 1, n):
            if abs(left[j, i]) > abs(left[pivot, i]):
                pivot = j
        if abs(left[pivot, i]) < 1e-9:
            right[:] = 0.0
            return
        for k in range(n):
            left[i, k], left[pivot, k] = left[pivot, k], left[i, k]
        right[i], right[pivot] = right[pivot], right[i]
        for j in range(i + 1, n):
            factor = left[j, i] / left[i, i]
            for k in range(i, n):
                left[j, k] -= factor * left[i, k]
            right[j] -= factor * right[i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            right[i] -= left[i, k] * right[k]
        right[i] /= left[i, i]


@kernel
def refine(grid, other, turn, fit, step, turns, tight):
    """Fit the transform and the light of two pictures by Gauss-Newton, robust against what differs.

    Args:
        grid: Grey, uint8.
        other: Likewise.
        turn: The orientation as a matrix of shape (2, 2).
        fit: a, b, x, y, gain and offset; changed in place. A pixel p of the grid is at
            (a, -b; b, a) * turn * p + (x, y) of the other picture, whose grey is gain * grey + offset.
        step: Only each step-th row and column is looked at.
        turns: Iterations, at most.
        tight: Grey levels of difference that count half.
    """
    rows, columns = grid.shape
    high, wide = other.shape
    left, right = np.empty((6, 6)), np.empty(6)
    j = np.empty(6)
    cx, cy = 0.5 * (columns - 1), 0.5 * (rows - 1)
    mx, my = turn[0, 0] * cx + turn[0, 1] * cy, turn[1, 0] * cx + turn[1, 1] * cy
    for _ in range(turns):
        left[:] = 0.0
        right[:] = 0.0
        # Around the middle of the grid, where scale and shift are apart.
        a, b = fit[0], fit[1]
        x0, y0 = fit[2] + a * mx - b * my, fit[3] + b * mx + a * my
        for row in range(0, rows, step):
            for column in range(0, columns, step):
                u = turn[0, 0] * column + turn[0, 1] * row - mx
                v = turn[1, 0] * column + turn[1, 1] * row - my
                x, y = x0 + a * u - b * v, y0 + b * u + a * v
                if x < 0 or y < 0 or x >= wide - 1 or y >= high - 1:
                    continue
                # Without a sign, so that no index is taken for one from the end.
                ix, iy = np.uintp(x), np.uintp(y)
                fx, fy = x - ix, y - iy
                jx, jy = ix + np.uintp(1), iy + np.uintp(1)
                p, q = F32(other[iy, ix]), F32(other[iy, jx])
                r, s = F32(other[jy, ix]), F32(other[jy, jx])
                gx = (q - p) * (1 - fy) + (s - r) * fy
                gy = (r - p) * (1 - fx) + (s - q) * fx
                value = (p * (1 - fx) + q * fx) * (1 - fy) + (r * (1 - fx) + s * fx) * fy
                grey = float(grid[row, column])
                error = fit[4] * grey + fit[5] - value
                weight = 1.0 / (1.0 + (error / tight) ** 2)
                j[0], j[1] = gx * u + gy * v, gy * u - gx * v
                j[2], j[3], j[4], j[5] = gx, gy, -grey, -1.0
                for k in range(6):
                    scaled = weight * j[k]
                    right[k] += scaled * error
                    for n in range(k, 6):
                        left[k, n] += scaled * j[n]
        for k in range(6):
            for n in range(k):
                left[k, n] = left[n, k]
            left[k, k] = left[k, k] * 1.0001 + 1e-6
        _solve(left, right)
        fit[0] += right[0]
        fit[1] += right[1]
        fit[2] = x0 + right[2] - (fit[0] * mx - fit[1] * my)
        fit[3] = y0 + right[3] - (fit[1] * mx + fit[0] * my)
        fit[4] += right[4]
        fit[5] += right[5]
        reach = max(abs(mx), abs(my), 1.0)
        if max(abs(right[0]), abs(right[1])) * reach + max(abs(right[2]), abs(right[3])) < 0.03:
            break


@kernel
def compare(grid, other, turn, fit, noise):
    """How alike two pictures are where they lie over each other.

    Args:
        grid: Grey, uint8.
        other: Likewise.
        turn: As for `refine`.
        fit: Likewise.
        noise: Variance of grey levels that says nothing.

    Returns:
        The mean SSIM of windows of 8 x 8 pixels in the overlap, weighted by the information in them;
        the pixels of the grid that the other picture covers; and the sum of the weights.
    """
    sums, covered = _block_sums(grid, other, turn, fit)
    gain, offset = fit[4], fit[5]
    total = weights = 0.0
    area = float(_WINDOW * _WINDOW)
    for top in range(sums.shape[0] - 1):
        first, last = _windows_within(other.shape, turn, fit, top, sums.shape[1] - 1)
        for left in range(first, last):
            four = np.uintp(left)
            sa = sb = saa = sbb = sab = 0.0
            for row in range(top, top + 2):
                for column in range(four, four + np.uintp(2)):
                    sa += sums[row, column, 0]
                    sb += sums[row, column, 1]
                    saa += sums[row, column, 2]
                    sbb += sums[row, column, 3]
                    sab += sums[row, column, 4]
            ma, mb = sa / area, sb / area
            cov = gain * (sab / area - ma * mb)
            va, vb = gain**2 * max(saa / area - ma * ma, 0.0), max(sbb / area - mb * mb, 0.0)
            ma = gain * ma + offset
            weight = np.log1p(max(va, vb) / noise)
            light = (2 * ma * mb + _C1) / (ma * ma + mb * mb + _C1)
            total += weight * light * (2 * cov + _C2) / (va + vb + _C2)
            weights += weight
    return (total / weights if weights > 0 else 0.0), covered, weights


@kernel
def _windows_within(shape, turn, fit, top, count):
    """The first and the end of the windows of a row all of whose corners the other picture covers.

    At an edge a border bleeds into one of the two, and not into the other.
    """
    high, wide = shape
    first, last = 0, count
    for corner in range(4):
        column, row = (_WINDOW - 1) * (corner & 1), top * _STEP + (_WINDOW - 1) * (corner >> 1)
        x, y = _at(turn, fit, column, row)
        u, v = _at(turn, fit, column + _STEP, row)
        first, last = _within(x, u - x, 1.0, wide - 2.0, first, last)
        first, last = _within(y, v - y, 1.0, high - 2.0, first, last)
    return first, last


@kernel
def _block_sums(grid, other, turn, fit):
    """Sums of both pictures, of their squares and of their product over blocks of 4 x 4 pixels; and the pixels covered."""
    rows, columns = grid.shape
    sums = np.zeros((rows // _STEP, columns // _STEP, 5), np.float32)
    places, lines = np.empty(columns, np.int32), np.empty((7, columns), np.float32)
    # Sums of four rows, column by column.
    below = np.zeros((5, columns), np.float32)
    covered = 0
    for row in range(rows):
        first, last = _inside(other.shape, turn, fit, row, columns)
        covered += last - first
        # One line each, from 0 on: only then does the processor take many columns at once.
        at, across, down = places[first:last], lines[0][first:last], lines[1][first:last]
        _along(other.shape, turn, fit, row, first, at, across, down)
        p, q, r, s = (
            *(lines[2][first:last], lines[3][first:last]),
            *(lines[4][first:last], lines[5][first:last]),
        )
        _look_up(other, at, p, q, r, s)
        line = lines[6][first:last]
        _blend(p, q, r, s, across, down, line)
        mine = grid[row][first:last]
        _add_squares(mine, line, below[0][first:last], below[1][first:last], below[2][first:last])
        _add_products(mine, line, below[3][first:last], below[4][first:last])
        if row % _STEP == _STEP - 1:
            _gather(below, sums[row // _STEP])
    return sums, covered


@kernel
def _inside(shape, turn, fit, row, columns):
    """The first and the end of the columns of a row of the grid that the other picture covers."""
    x0, y0 = _at(turn, fit, 0.0, row)
    x1, y1 = _at(turn, fit, 1.0, row)
    first, last = _within(x0, x1 - x0, -0.75, shape[1] - 0.25, 0, columns)
    return _within(y0, y1 - y0, -0.75, shape[0] - 0.25, first, last)


@kernel
def _within(start, step, least, most, first, last):
    """The columns among [first, last) at which start + column * step is in [least, most]."""
    while first < last and not least <= start + first * step <= most:
        first += 1
    while first < last and not least <= start + (last - 1) * step <= most:
        last -= 1
    return first, last


@kernel
def _along(shape, turn, fit, row, first, places, across, down):
    """Write where pixels of a row of the grid are in the other picture.

    A place is that of the pixel left above, in the order of the rows; across and down say how far it is to the next.
    """
    high, wide = shape
    x0, y0 = _at(turn, fit, float(first), row)
    x1, y1 = _at(turn, fit, float(first + 1), row)
    dx, dy, x0, y0 = F32(x1 - x0), F32(y1 - y0), F32(x0), F32(y0)
    right, bottom, wide = F32(wide - 1.001), F32(high - 1.001), F32(wide)
    for k in range(places.shape[0]):
        x, y = x0 + F32(k) * dx, y0 + F32(k) * dy
        x = F32(0) if x < F32(0) else x
        y = F32(0) if y < F32(0) else y
        x = right if x > right else x
        y = bottom if y > bottom else y
        left, top = np.floor(x), np.floor(y)
        across[k], down[k] = x - left, y - top
        places[k] = I32(top * wide + left)


@kernel
def _look_up(other, places, p, q, r, s):
    """Write the four pixels around each place."""
    flat, wide = other.ravel(), np.uintp(other.shape[1])
    for k in range(places.shape[0]):
        # Without a sign, so that no index is taken for one from the end.
        at = np.uintp(places[k])
        p[k], q[k] = flat[at], flat[at + np.uintp(1)]
        r[k], s[k] = flat[at + wide], flat[at + wide + np.uintp(1)]


@kernel
def _blend(p, q, r, s, across, down, line):
    """Write what is between four pixels each."""
    for k in range(line.shape[0]):
        upper, lower = p[k] + (q[k] - p[k]) * across[k], r[k] + (s[k] - r[k]) * across[k]
        line[k] = upper + (lower - upper) * down[k]


@kernel
def _add_squares(mine, line, firsts, seconds, squares):
    """Add pixels of both pictures, and the squares of the first, to sums of columns."""
    for k in range(line.shape[0]):
        a = F32(mine[k])
        firsts[k] += a
        seconds[k] += line[k]
        squares[k] += a * a


@kernel
def _add_products(mine, line, squares, products):
    """Likewise the squares of the second, and the products of both."""
    for k in range(line.shape[0]):
        a, b = F32(mine[k]), line[k]
        squares[k] += b * b
        products[k] += a * b


@kernel
def _gather(below, sums):
    """Add up each four columns, and begin again."""
    for across in range(sums.shape[0]):
        for k in range(5):
            total = F32(0)
            for column in range(_STEP):
                total += below[k, _STEP * across + column]
            sums[across, k] = total
    below[:] = F32(0)


@kernel
def _at(turn, fit, column, row):
    """The place in the other picture of one in the grid."""
    u = turn[0, 0] * column + turn[0, 1] * row
    v = turn[1, 0] * column + turn[1, 1] * row
    return fit[2] + fit[0] * u - fit[1] * v, fit[3] + fit[1] * u + fit[0] * v
