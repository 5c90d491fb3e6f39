# pyright: basic
# numba infers the types of its functions.
"""The inner loops of fingerprints: peaks of a spectrum, and the keys of three peaks.

Importing this module imports numba, so everybody imports it inside a function.
"""

import numpy as np

from curator_engine.compiled import kernel

U32 = np.uint32
_STEPS_PER_OCTAVE = 12
_RATIOS, _DURATION_STEP = 12, 1.5
_BANDS_PER_OCTAVE = 2.0


@kernel
def pick(power, first, last, lowest, highest, octaves, around, floor, out):
    """Write the peaks of a spectrum: what is louder than all that is near in time and pitch.

    Args:
        power: Of each window and frequency, shape (windows, frequencies).
        first: Of the windows whose peaks are wanted; `around` more must lie before it.
        last: One past their end; `around` more must follow.
        lowest: First frequency that may be a peak.
        highest: One past the last.
        octaves: How far around in pitch a peak is the loudest.
        around: How many windows around.
        floor: Power that a peak must exceed.
        out: Shape (n, 3), for time in windows, frequency in bins, and decibels.

    Returns:
        How many were written.
    """
    count = 0
    down, up = 2.0**-octaves, 2.0**octaves
    for t in range(first, last):
        for f in range(lowest, highest):
            here = power[t, f]
            if here <= floor or here <= power[t, f - 1] or here < power[t, f + 1]:
                continue
            if here <= power[t - 1, f] or here < power[t + 1, f]:
                continue
            low = min(int(f * down), f - 2)
            high = min(max(int(f * up) + 1, f + 3), power.shape[1])
            if not _is_loudest(power, t, f, low, high, around):
                continue
            if count == out.shape[0]:
                return count
            out[count, 0] = t + _vertex(power[t - 1, f], here, power[t + 1, f])
            out[count, 1] = f + _vertex(power[t, f - 1], here, power[t, f + 1])
            out[count, 2] = _decibels(here)
            count += 1
    return count


@kernel
def _is_loudest(power, t, f, low, high, around):
    here = power[t, f]
    # The nearest windows first: they are the most likely to be louder.
    for step in range(2 * around + 1):
        other = t + (step + 1) // 2 * (1 if step % 2 else -1)
        for k in range(low, high):
            value = power[other, k]
            if value > here:
                return False
            if value == here and (other < t or (other == t and k < f)):
                return False
    return True


@kernel
def _vertex(before, here, after):
    """Where the parabola through the decibels of three powers has its top, from the middle one."""
    before, here, after = _decibels(before), _decibels(here), _decibels(after)
    bend = before - 2 * here + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0


@kernel
def _decibels(power):
    return 10 * np.log10(max(power, 1e-20))


@kernel
def audible(peaks, reach, below, keep):
    """Mark the peaks that are not far below the loudest one near them, which noise would drown first.

    Args:
        peaks: As `pick` writes them, by time.
        reach: Windows before and after that count as near.
        below: Decibels that a peak may be below the loudest.
        keep: True for those that stay, shape (n,).
    """
    start = 0
    for k in range(peaks.shape[0]):
        while peaks[start, 0] < peaks[k, 0] - reach:
            start += 1
        loudest, other = peaks[k, 2], start
        while other < peaks.shape[0] and peaks[other, 0] <= peaks[k, 0] + reach:
            loudest = max(loudest, peaks[other, 2])
            other += 1
        keep[k] = peaks[k, 2] >= loudest - below


@kernel
def triplets(peaks, fan, shortest, longest, every, out):
    """Write the keys of three peaks each, which a change of speed leaves as they are.

    A key is made of the two musical intervals, of the ratio of the times between, and coarsely of the
    first peak's pitch and of the whole duration.

    Args:
        peaks: Records with `time` (ms) and `pitch` (thousandths of an octave), by time.
        fan: Peaks that follow one and make triplets with it, at most.
        shortest: Milliseconds between two peaks of a triplet, at least.
        longest: Milliseconds from the first to the last, at most.
        every: Of all keys, one of so many counts, by the key alone.
        out: Records with `key`, `time`, `pitch` and `duration`.

    Returns:
        How many were written.
    """
    count = 0
    near = np.empty(fan, np.int64)
    for a in range(peaks.shape[0]):
        size = 0
        for b in range(a + 1, peaks.shape[0]):
            after = peaks[b]["time"] - peaks[a]["time"]
            if after > longest or size == fan:
                break
            interval = np.int64(peaks[b]["pitch"]) - np.int64(peaks[a]["pitch"])
            if after >= shortest and abs(interval) <= 1500:
                near[size] = b
                size += 1
        for j in range(size):
            for k in range(j + 1, size):
                b, c = near[j], near[k]
                if peaks[c]["time"] - peaks[b]["time"] < shortest:
                    continue
                key = _key(peaks[a], peaks[b], peaks[c])
                if key % U32(every) or count == out.shape[0]:
                    continue
                found = out[count]
                found["key"] = key
                found["time"] = peaks[a]["time"]
                found["pitch"] = peaks[a]["pitch"]
                found["duration"] = peaks[c]["time"] - peaks[a]["time"]
                count += 1
    return count


@kernel
def _key(a, b, c):
    first = (np.int64(b["pitch"]) - np.int64(a["pitch"])) * _STEPS_PER_OCTAVE / 1000.0
    second = (np.int64(c["pitch"]) - np.int64(b["pitch"])) * _STEPS_PER_OCTAVE / 1000.0
    duration = float(c["time"] - a["time"])
    ratio = (b["time"] - a["time"]) / duration
    key = int(np.floor(first + 0.5)) + 64
    key = key * 128 + int(np.floor(second + 0.5)) + 64
    key = key * 16 + int(ratio * _RATIOS)
    key = key * 16 + int(a["pitch"] * _BANDS_PER_OCTAVE / 1000.0)
    key = key * 32 + int(np.log(duration) / np.log(_DURATION_STEP))
    return _scrambled(U32(key & 0xFFFFFFFF))


@kernel
def _scrambled(key):
    """Spreads keys evenly over 32 bits, so that a part of them is a fair sample."""
    # numba widens products to 64 bits, so each is cut back.
    key = U32((key ^ (key >> U32(16))) * U32(0x85EBCA6B))
    key = U32((key ^ (key >> U32(13))) * U32(0xC2B2AE35))
    return U32(key ^ (key >> U32(16)))
