# pyright: basic
# numba infers the types of its functions.
"""The inner loops of measures: one pass over a block of samples each, without arrays between them.

Blocks are float32, shape (samples, channels). What a kernel must remember from block to block lies in
arrays that it changes. Importing this module imports numba, so everybody imports it inside a function.
"""

import numpy as np

from curator_engine.compiled import kernel

F32 = np.float32
_TINY = 1e-30
"""A filter's memory below this is set to 0: numbers that are nearly none are slow to count with."""
_CHUNK = 32
_STEP = F32(1 / 32768)
"""Full scale over the levels of 16 bits."""
_RUN = 3
_MAGNITUDE = np.int32(0x7FFFFFFF)


@kernel
def weigh(block, start, rate, filters, weights, memory, energies):
    """Add the energy of filtered samples to the frames of 10 ms in which they lie.

    Args:
        block: The next samples.
        start: How many samples came before the block.
        rate: Samples per second.
        filters: Two biquads: b0, b1, b2, a1, a2 each.
        weights: What a channel's energy counts, shape (channels,).
        memory: The last two values before, between and behind the filters, shape (channels, 6); changed.
        energies: Sums of squares; the first is the frame in which the block starts; changed.
    """
    samples, channels = block.shape
    b0, b1, b2, a1, a2 = filters[0]
    c0, c1, c2, d1, d2 = filters[1]
    first = start * 100 // rate
    for channel in range(channels):
        x1, x2, y1, y2, z1, z2 = memory[channel]
        at, frame = 0, first
        while at < samples:
            # The first sample of frame k is the first at or after k / 100 seconds.
            end = min(samples, ((frame + 1) * rate + 99) // 100 - start)
            total = 0.0
            part = block[at:end, channel]
            for i in range(len(part)):
                x = np.float64(part[i])
                # What depends on the value before comes last, so that the rest need not wait for it.
                y = (b0 * x + b1 * x1 + b2 * x2 - a2 * y2) - a1 * y1
                z = (c0 * y + c1 * y1 + c2 * y2 - d2 * z2) - d1 * z1
                x2, x1, y2, y1, z2, z1 = x1, x, y1, y, z1, z
                total += z * z
            if abs(y1) + abs(y2) + abs(z1) + abs(z2) < _TINY:
                y1 = y2 = z1 = z2 = 0.0
            energies[frame - first] += weights[channel] * total
            at, frame = end, frame + 1
        memory[channel, 0], memory[channel, 1], memory[channel, 2] = x1, x2, y1
        memory[channel, 3], memory[channel, 4], memory[channel, 5] = y2, z1, z2


@kernel
def note_levels(block, sums, highest, runs, signs, clipped):
    """Add up samples, find the highest level, and count samples that stand in a row at it.

    All arguments but the block have the shape (channels,) and are changed.

    Args:
        block: The next samples.
        sums: Of samples.
        highest: The highest absolute value so far.
        runs: How many samples in a row, the last one included, are at the highest level.
        signs: The sign of those.
        clipped: Samples in rows of at least three at the highest level.
    """
    samples, channels = block.shape
    for channel in range(channels):
        total, most = 0.0, highest[channel]
        run, sign, count = runs[channel], signs[channel], clipped[channel]
        for i in range(samples):
            x = block[i, channel]
            total += x
            level = abs(x)
            if level < most - _STEP:
                run = 0
                continue
            if level > most + _STEP:
                run, count = 0, 0
            most = max(most, level)
            now = 1 if x > 0 else -1
            run = run + 1 if run and now == sign else 1
            sign = now
            if run == _RUN:
                count += _RUN
            elif run > _RUN:
                count += 1
        sums[channel] += total
        highest[channel], runs[channel], signs[channel], clipped[channel] = most, run, sign, count


@kernel
def oversampled_peak(samples, phases, reach, most):
    """The highest absolute value between the samples of a channel, or `most` if that is higher.

    Args:
        samples: Shape (samples, channels), rows one after the other in memory; those that the filter
            needs before the first are included.
        phases: Filters of the places between two samples, float32, shape (places, taps).
        reach: The largest sum of absolute taps of a place: by how much samples can be exceeded.
        most: The highest so far.
    """
    places, taps = phases.shape
    channels = samples.shape[1]
    last = len(samples) - taps + 1
    # The bits of a number without its sign are ordered as the numbers are, and compared faster.
    bits = samples.reshape(-1).view(np.int32)
    level = np.zeros(1, np.int32)
    values, near = np.empty(_CHUNK, np.float32), np.zeros(_CHUNK + taps, np.float32)
    for at in range(0, last, _CHUNK):
        size = min(_CHUNK, last - at)
        highest = np.int32(0)
        part = bits[at * channels : (at + size + taps - 1) * channels]
        for i in range(len(part)):
            highest = max(highest, part[i] & _MAGNITUDE)
        level[0] = highest
        # Nothing between these samples can be higher than what was found: most chunks end here.
        if level.view(np.float32)[0] * reach <= most:
            continue
        for channel in range(channels):
            one = samples[at : at + size + taps - 1, channel]
            for i in range(len(one)):
                near[i] = one[i]
            for place in range(places):
                values[:] = F32(0)
                for tap in range(taps):
                    weight = phases[place, tap]
                    shifted = near[tap : tap + _CHUNK]
                    for i in range(_CHUNK):
                        values[i] += weight * shifted[i]
                for i in range(size):
                    most = max(most, abs(values[i]))
    return most


@kernel
def reduced(block, step):
    """The mean over all channels and `step` samples, of every `step` samples, float32."""
    channels = block.shape[1]
    means = np.empty(len(block) // step, np.float32)
    for number in range(len(means)):
        total = F32(0)
        part = block[number * step : (number + 1) * step]
        for i in range(step):
            for channel in range(channels):
                total += part[i, channel]
        means[number] = total / F32(step * channels)
    return means
