import numpy as np
import pytest

from curator_audio.scores.measure import Levels, Measures

RATE = 22_050


def recording(seconds=5, channels=2):
    random = np.random.default_rng(1)
    level = np.abs(np.sin(np.arange(RATE * seconds) / RATE * 3))[:, None]
    return (0.1 * level * random.normal(size=(RATE * seconds, channels))).astype(np.float32)


def measured(samples, *blocks):
    measures = Measures(rate=RATE, channels=samples.shape[1])
    at = 0
    for size in (*blocks, len(samples)):
        measures.add(samples[at : at + size])
        at += size
    return measures


def test_scores_are_the_same_however_samples_are_cut():
    samples = recording()
    whole = measured(samples).scores()
    assert measured(samples, 1, 700, 40_000, 13).scores() == whole
    assert set(whole) == {
        *("duration_s", "bandwidth", "hum", "loudness", "silence_ratio", "snr", "reverb_s"),
        *("true_peak", "clipping_ratio", "dc_offset", "silent_channels", "copied_channels"),
    }


def test_the_levels_of_a_part_are_those_of_its_samples():
    samples = recording()
    part = measured(samples).levels().scores(1, 3)
    alone = measured(samples[RATE : 3 * RATE]).scores()
    for name in ("loudness", "silence_ratio", "snr"):
        assert part[name] == pytest.approx(alone[name], abs=0.1)


def test_nothing_has_a_duration_and_no_level():
    assert measured(np.zeros((0, 1), np.float32)).scores() == {
        "duration_s": 0.0,
        "silence_ratio": 1.0,
    }
    assert Levels(energies=np.zeros(0, np.float32)).scores() == {"silence_ratio": 1.0}


def test_a_long_recording_keeps_one_number_per_frame():
    measures = Measures(rate=1000, channels=1)
    for _ in range(8):
        measures.add(np.full((100_000, 1), 0.1, np.float32))
    assert len(measures.levels().energies) == 80_000
    assert measures.scores()["duration_s"] == 800
