import numpy as np

from curator_audio.duplicates.index_kernels import line, widen

HIT = np.dtype([("item", np.int32), ("from", np.int32), ("to", np.int32), ("speed", np.float32)])


def _hits(speed, offset, times, wrong=0, seed=0):
    random = np.random.default_rng(seed)
    true = [(0, t, round(offset + speed * t + random.uniform(-8, 8)), speed) for t in times]
    last = int(times[-1])
    lost = [
        (0, *random.integers(0, last, 2).tolist(), random.uniform(0.95, 1.05)) for _ in range(wrong)
    ]
    return np.sort(np.array(true + lost, HIT), order="from")


def test_the_line_through_most_hits_is_found_among_wrong_ones():
    votes, offset, speed, _ = line(_hits(1.02, 700, range(0, 9000, 300), 40), 1.06, 40.0, 48)
    assert votes >= 25
    assert abs(offset - 700) < 20
    assert abs(speed - 1.02) < 0.003


def test_speeds_beyond_the_most_are_no_line():
    assert line(_hits(1.2, 0, range(0, 9000, 300)), 1.06, 40.0, 48)[0] < 5


def test_a_rough_line_becomes_exact_over_an_hour():
    hits = _hits(0.98, 5000, range(0, 3_600_000, 5000))
    votes, offset, speed, _ = widen(hits, 1.06, 40.0, 4990.0, 0.9801, 0.0, 20_000.0)
    assert votes == len(hits)
    assert abs(offset - 5000) < 5
    assert abs(speed - 0.98) < 1e-5
