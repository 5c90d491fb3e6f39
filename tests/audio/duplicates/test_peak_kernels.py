import numpy as np

from curator_audio.duplicates.fingerprint import PEAK
from curator_audio.duplicates.peak_kernels import audible, pick, triplets

MARK = np.dtype(
    [("key", np.uint32), ("time", np.int32), ("pitch", np.uint16), ("duration", np.uint16)]
)


def _pick(power):
    out = np.empty((20, 3))
    return out[: pick(power, 8, len(power) - 8, 16, 300, 0.25, 8, 0.0, out)]


def _keys(peaks, every=1):
    out = np.empty(200, MARK)
    return out[: triplets(np.array(peaks, PEAK), 6, 30, 1200, every, out)]


def test_only_the_loudest_of_a_place_is_a_peak():
    power = np.full((60, 320), 1e-6, np.float32)
    power[20, 100], power[22, 105], power[22, 200], power[45, 100] = 1, 0.5, 0.5, 0.1
    assert np.rint(_pick(power)[:, :2]).tolist() == [[20, 100], [22, 200], [45, 100]]


def test_a_peak_lies_between_windows_where_its_neighbours_say_so():
    power = np.full((60, 320), 1e-6, np.float32)
    power[20, 100], power[21, 100], power[19, 100] = 1, 0.5, 0.25
    assert 20 < _pick(power)[0, 0] < 20.5


def test_of_equal_neighbours_one_is_a_peak():
    power = np.zeros((60, 320), np.float32)
    power[20:22, 100] = 1
    assert len(_pick(power)) == 1


def test_what_is_far_below_its_surroundings_is_left_out():
    peaks = np.array([[0, 50, -10], [50, 60, -80], [500, 50, -80]], float)
    keep = np.empty(3, bool)
    audible(peaks, 100, 60.0, keep)
    assert keep.tolist() == [True, False, True]


def test_a_change_of_speed_leaves_a_key_as_it_is():
    slow = _keys([(1000, 1100), (1300, 1600), (1800, 1350)])
    fast = _keys([(1000, 1130), (1294, 1630), (1784, 1380)])
    assert len(slow) == 1
    assert slow["key"].tolist() == fast["key"].tolist()


def test_another_interval_gives_another_key():
    keys = [_keys([(0, 1100), (300, 1600 + up), (800, 1350)])["key"][0] for up in (0, 100)]
    assert keys[0] != keys[1]


def test_a_part_of_the_keys_is_chosen_by_the_key_alone():
    random = np.random.default_rng(0)
    peaks = sorted(
        zip(
            random.integers(0, 3000, 12).tolist(),
            random.integers(0, 4000, 12).tolist(),
            strict=True,
        )
    )
    whole, part = _keys(peaks), _keys(peaks, every=3)
    assert part["key"].tolist() == [key for key in whole["key"].tolist() if key % 3 == 0]
