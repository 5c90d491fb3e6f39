import numpy as np
from audio.drawn_sounds import RATE, voice

from curator_audio.duplicates.fingerprint import (
    LOWEST_HZ,
    Fingerprinter,
    fingerprint,
    levels_in,
    peaks_of,
    strong_peaks,
)


def test_blocks_do_not_change_it():
    samples = voice(1, 20.0)
    maker = Fingerprinter()
    for start in range(0, len(samples), 12_345):
        maker.add(samples[start : start + 12_345])
    assert maker.finish("a") == fingerprint(samples, "a")


def test_a_peak_says_when_and_how_high():
    samples = np.zeros(2 * RATE, np.float32)
    times = np.arange(RATE // 5) / RATE
    samples[RATE : RATE + len(times)] = np.hanning(len(times)) * np.sin(2 * np.pi * 1000 * times)
    (peak,) = peaks_of(fingerprint(samples)["peaks"])
    assert abs(peak["time"] - 1100) <= 3
    assert abs(LOWEST_HZ * 2 ** (peak["pitch"] / 1000) - 1000) < 5


def test_peaks_come_by_time():
    times = peaks_of(fingerprint(voice(2))["peaks"])["time"]
    assert len(times) > 50
    assert (np.diff(times) >= 0).all()


def test_strong_peaks_are_those_that_stand_out():
    hiss = 0.001 * np.random.default_rng(0).standard_normal(2 * RATE)
    hiss[RATE : RATE + 3200] += np.hanning(3200) * np.sin(np.arange(3200) * 2 * np.pi / 16)
    row = fingerprint(hiss.astype(np.float32))
    found = strong_peaks(row["peaks"], levels_in(row["levels"]))
    assert len(found) < 4
    assert abs(found[0]["time"] - 1100) <= 60
    assert not len(strong_peaks(b"", levels_in(row["levels"])))


def test_levels_come_every_10_ms():
    row = fingerprint(voice(2, 1.0))
    assert row["seconds"] == 1.0
    assert len(levels_in(row["levels"])) == 101


def test_silence_nothing_and_what_is_no_number_have_no_peaks():
    for samples in (np.zeros(RATE), np.zeros(0), np.full(RATE, np.nan), np.zeros(1)):
        assert not fingerprint(samples.astype(np.float32))["peaks"]
