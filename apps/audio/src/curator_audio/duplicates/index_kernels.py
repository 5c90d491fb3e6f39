# pyright: basic
# numba infers the types of its functions.
"""The inner loops of the index: chains of landmarks by key, and the line that most hits lie on.

Importing this module imports numba, so everybody imports it inside a function.
"""

import numpy as np

from curator_engine.compiled import kernel

U32 = np.uint32


@kernel
def insert(marks, item, heads, sizes, entries, count, most):
    """Put the landmarks of a recording into the index; returns the entries and what full chains left out."""
    left_out = 0
    mask = U32(heads.shape[0] - 1)
    for k in range(marks.shape[0]):
        mark = marks[k]
        at = mark["key"] & mask
        if sizes[at] >= most:
            left_out += 1
            continue
        entry = entries[count]
        entry["key"], entry["item"], entry["next"] = mark["key"], item, heads[at]
        entry["time"], entry["pitch"] = mark["time"], mark["pitch"]
        entry["duration"] = mark["duration"]
        heads[at] = count
        sizes[at] += 1
        count += 1
    return count, left_out


@kernel
def rechain(entries, count, heads, sizes):
    """Build the chains of a larger table, in the order in which entries came."""
    mask = U32(heads.shape[0] - 1)
    for k in range(count):
        at = entries[k]["key"] & mask
        entries[k]["next"] = heads[at]
        heads[at] = k
        sizes[at] += 1


@kernel
def collect(marks, heads, sizes, entries, most_speed, compared, hits):
    """Write where landmarks are found at nearly the same pitch and duration; returns how many.

    Keys that few have are looked up first: they say most, and cost least.

    Args:
        marks: Landmarks, by time.
        heads: First entries of chains.
        sizes: How many entries chains have.
        entries: Landmarks of the index.
        most_speed: The largest speed, and the inverse of the least.
        compared: Entries to look at, at most but for one chain.
        hits: To write to.
    """
    count = 0
    mask = U32(heads.shape[0] - 1)
    pitch = 1000 * np.log2(most_speed)
    longest, every = _affordable(marks, sizes, compared)
    of_longest = 0
    for k in range(marks.shape[0]):
        mark = marks[k]
        size = sizes[mark["key"] & mask]
        if size > longest:
            continue
        if size == longest:
            of_longest += 1
            if of_longest % every:
                continue
        at = heads[mark["key"] & mask]
        while at >= 0:
            entry = entries[at]
            at = entry["next"]
            if entry["key"] != mark["key"]:
                continue
            if abs(np.float64(entry["pitch"]) - np.float64(mark["pitch"])) > pitch:
                continue
            speed = entry["duration"] / mark["duration"]
            if speed > most_speed or speed * most_speed < 1:
                continue
            if count == hits.shape[0]:
                return count
            hit = hits[count]
            hit["item"], hit["from"], hit["to"] = entry["item"], mark["time"], entry["time"]
            hit["speed"] = speed
            count += 1
    return count


@kernel
def _affordable(marks, sizes, compared):
    """The longest chains that can be looked at for so much, and of how many of them one is."""
    mask = U32(sizes.shape[0] - 1)
    longest = 0
    for k in range(marks.shape[0]):
        longest = max(longest, sizes[marks[k]["key"] & mask])
    of_size = np.zeros(longest + 1, np.int64)
    for k in range(marks.shape[0]):
        of_size[sizes[marks[k]["key"] & mask]] += 1
    left = compared
    for size in range(1, longest + 1):
        cost = size * of_size[size]
        if cost > left:
            return size, -(-cost // max(left, size))
        left -= cost
    return longest, 1


@kernel
def line(hits, most_speed, near, most):
    """The line through most hits: the time in the other is `offset + speed * time`.

    Args:
        hits: Of one recording, by `from`.
        most_speed: The largest speed, and the inverse of the least.
        near: Milliseconds that a hit may lie off the line.
        most: Hits that are tried as a start.

    Returns:
        Different times on the line, its offset in milliseconds, its speed, and the time it starts from.
    """
    votes, offset, speed, middle = 0, 0.0, 1.0, 0.0
    for start in range(0, hits.shape[0], max(1, hits.shape[0] // most)):
        seed = np.float64(hits[start]["from"])
        slope = np.float64(hits[start]["speed"])
        shift = hits[start]["to"] - slope * seed
        found = 0
        # A single duration says little of the speed, so that far hits may lie off more at first.
        for slack in (0.03, 0.01, 0.0):
            found, shift, slope = _fit(hits, shift, slope, near, slack, seed, np.inf)
            if found < 2 or slope > most_speed or slope * most_speed < 1:
                found = 0
                break
        if found > votes:
            votes, offset, speed, middle = found, shift, slope, seed
    return votes, offset, speed, middle


@kernel
def widen(hits, most_speed, near, offset, speed, middle, reach):
    """Draw a line that fits around a time through ever farther hits; returns as `line` does.

    A line through some seconds is too rough for an hour, so each step goes twice as far as that before.
    """
    farthest = 0.0
    for k in range(hits.shape[0]):
        farthest = max(farthest, abs(hits[k]["from"] - middle))
    votes = 0
    while True:
        votes, shift, slope = _fit(hits, offset, speed, near, 0.0, middle, reach)
        if votes < 2 or slope > most_speed or slope * most_speed < 1:
            return votes, offset, speed, middle
        offset, speed = shift, slope
        if reach >= farthest:
            return votes, offset, speed, middle
        reach *= 2


@kernel
def _fit(hits, shift, slope, near, slack, middle, reach):
    """Least squares through the hits near a line: how many different times, offset and speed."""
    n = x_sum = y_sum = 0.0
    votes, last = 0, -1
    on_line = np.zeros(hits.shape[0], np.bool_)
    for k in range(hits.shape[0]):
        x, y = np.float64(hits[k]["from"]), np.float64(hits[k]["to"])
        far = abs(x - middle)
        if far > reach or abs(y - shift - slope * x) > near + slack * far:
            continue
        on_line[k] = True
        n += 1.0
        x_sum += x
        y_sum += y
        if hits[k]["from"] != last:
            last = hits[k]["from"]
            votes += 1
    if n < 2:
        return 0, shift, slope
    x_mean, y_mean = x_sum / n, y_sum / n
    spread = along = 0.0
    for k in range(hits.shape[0]):
        if on_line[k]:
            x, y = np.float64(hits[k]["from"]), np.float64(hits[k]["to"])
            spread += (x - x_mean) ** 2
            along += (x - x_mean) * (y - y_mean)
    # Over less than half a second the durations say more of the speed than the times do.
    slope = along / spread if spread / n > 250.0**2 else slope
    return votes, y_mean - slope * x_mean, slope
