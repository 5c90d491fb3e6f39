# pyright: basic
# numba infers the types of its functions.
"""The inner loop of the proof: how alike the levels of two recordings are where one lies over the other.

Importing this module imports numba, so everybody imports it inside a function.
"""

import numpy as np

from curator_engine.compiled import kernel


@kernel
def correlate(mine, its, loudness, its_loudness, offset, speed, lower, weight, step):
    """Correlate levels over the overlap, each band about its own mean.

    Args:
        mine: Levels of a recording, shape (windows, bands).
        its: Those of the other.
        loudness: The value of each level.
        its_loudness: Those for the other.
        offset: The other's window that the first of mine lies on.
        speed: Its windows in one of mine.
        lower: For each band of mine, the band of the other at or below its pitch.
        weight: Of the band above that one.
        step: Of mine, one window in so many is looked at.

    Returns:
        The correlation, 0 where there is nothing to correlate, and how many of my windows overlap.
    """
    bands = mine.shape[1]
    first = max(0, int(np.ceil(-offset / speed)))
    last = min(mine.shape[0], int(np.floor((its.shape[0] - 2 - offset) / speed)) + 1)
    if last - first < 2:
        return 0.0, 0
    x_sum, y_sum, both = np.zeros(bands), np.zeros(bands), np.zeros(bands)
    x_square, y_square = np.zeros(bands), np.zeros(bands)
    count = 0
    for i in range(first, last, step):
        place = offset + speed * i
        j = min(max(int(place), 0), its.shape[0] - 2)
        later = min(max(place - j, 0.0), 1.0)
        count += 1
        for b in range(bands):
            k, up = lower[b], weight[b]
            x = loudness[mine[i, b]]
            here = (1 - up) * its_loudness[its[j, k]] + up * its_loudness[its[j, k + 1]]
            then = (1 - up) * its_loudness[its[j + 1, k]] + up * its_loudness[its[j + 1, k + 1]]
            y = (1 - later) * here + later * then
            x_sum[b] += x
            y_sum[b] += y
            both[b] += x * y
            x_square[b] += x * x
            y_square[b] += y * y
    together = mine_alone = its_alone = 0.0
    for b in range(bands):
        together += both[b] - x_sum[b] * y_sum[b] / count
        mine_alone += x_square[b] - x_sum[b] ** 2 / count
        its_alone += y_square[b] - y_sum[b] ** 2 / count
    if mine_alone <= 1e-9 * count or its_alone <= 1e-9 * count:
        return 0.0, last - first
    return together / np.sqrt(mine_alone * its_alone), last - first
