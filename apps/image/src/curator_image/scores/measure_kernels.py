# pyright: basic
# numba's decorators have no usable types, and it infers those of its functions.
"""The inner loops of measures: one pass over a picture each, without arrays between them.

Importing this module imports numba, so everybody imports it inside a function.
"""

import numpy as np

from curator_engine.compiled import kernel


@kernel
def level_counts(luma):
    """How many pixels have each of the 256 levels."""
    counts = np.zeros(256, np.int64)
    rows, columns = luma.shape
    for y in range(rows):
        for x in range(columns):
            counts[luma[y, x]] += 1
    return counts


@kernel
def stroke_cells(luma, cell, edge, strokes):
    """Which cells have so many points with edges to both sides, and the least and most luma of those.

    Of each cell every second row counts.
    """
    rows, columns = luma.shape[0] // cell, luma.shape[1] // cell
    marks = np.zeros((rows, columns), np.bool_)
    low = np.zeros((rows, columns), np.int16)
    high = np.zeros((rows, columns), np.int16)
    rising = np.zeros(columns * cell, np.int16)
    falling = np.zeros(columns * cell, np.int16)
    for row in range(rows):
        rising[:] = 0
        falling[:] = 0
        for y in range(row * cell, (row + 1) * cell, 2):
            for x in range(1, columns * cell - 1):
                slope = np.int16(luma[y, x + 1]) - np.int16(luma[y, x - 1])
                rising[x] += slope > edge
                falling[x] += slope < -edge
        for column in range(columns):
            start, end = column * cell, (column + 1) * cell
            if rising[start:end].sum() < strokes or falling[start:end].sum() < strokes:
                continue
            marks[row, column] = True
            low[row, column] = luma[row * cell : (row + 1) * cell : 2, start:end].min()
            high[row, column] = luma[row * cell : (row + 1) * cell : 2, start:end].max()
    return marks, low, high


@kernel
def steps_across(luma, every, most):
    """The mean step from each column to the next, cut off at `most`, on some rows."""
    cut = np.int32(most)
    rows, columns = luma.shape
    sums = np.zeros(columns - 1, np.int32)
    count = 0
    for y in range(0, rows, every):
        count += 1
        for x in range(columns - 1):
            sums[x] += min(cut, abs(np.int32(luma[y, x + 1]) - np.int32(luma[y, x])))
    return sums / count


@kernel
def steps_down(luma, every, most):
    """The mean step from each row to the next, cut off at `most`, on some columns."""
    rows, columns = luma.shape
    sums = np.zeros(rows - 1, np.int32)
    count = len(range(0, columns, every))
    for y in range(rows - 1):
        for x in range(0, columns, every):
            sums[y] += min(most, abs(np.int32(luma[y + 1, x]) - np.int32(luma[y, x])))
    return sums / count


@kernel
def colour_sums(rgb, apart):
    """Counts of each channel's levels, and moments of what colourfulness is made of.

    Returns:
        Counts, shape (3, 256); the sums and sums of squares of red minus green, and of twice yellow
        minus blue; how many points there are, on every so many rows and columns.
    """
    counts = np.zeros((3, 256), np.int64)
    sums = np.zeros(4, np.int64)
    points = 0
    for y in range(0, rgb.shape[0], apart):
        for x in range(0, rgb.shape[1], apart):
            red, green, blue = (
                np.int64(rgb[y, x, 0]),
                np.int64(rgb[y, x, 1]),
                np.int64(rgb[y, x, 2]),
            )
            counts[0, red] += 1
            counts[1, green] += 1
            counts[2, blue] += 1
            first, second = red - green, red + green - 2 * blue
            sums[0] += first
            sums[1] += first * first
            sums[2] += second
            sums[3] += second * second
            points += 1
    return counts, sums, points


@kernel
def near_colours(rgb, apart, middle, near):
    """How many of the same points are grey, and how many are near the middle colour."""
    grey, uniform = 0, 0
    for y in range(0, rgb.shape[0], apart):
        for x in range(0, rgb.shape[1], apart):
            red, green, blue = (
                np.int32(rgb[y, x, 0]),
                np.int32(rgb[y, x, 1]),
                np.int32(rgb[y, x, 2]),
            )
            grey += max(red, green, blue) - min(red, green, blue) <= near
            uniform += (
                abs(red - middle[0]) <= near
                and abs(green - middle[1]) <= near
                and abs(blue - middle[2]) <= near
            )
    return grey, uniform
