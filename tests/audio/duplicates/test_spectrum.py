import numpy as np

from curator_audio.duplicates.spectrum import (
    BANDS,
    LEVEL_STEP,
    RATE,
    WINDOW,
    band_centres,
    levels_of,
    spectra,
)


def _sine(hertz, seconds=0.2, gain=1.0):
    return (gain * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(
        np.float32
    )


def test_a_sine_of_full_scale_has_the_power_one_at_its_frequency():
    power = spectra(_sine(1000))
    assert np.argmax(power[3]) == 1000 * WINDOW // RATE
    np.testing.assert_allclose(power[:, 64], 1, rtol=1e-3)


def test_windows_come_every_10_ms():
    assert len(spectra(_sine(1000, 1.0))) == 94


def test_the_loudest_band_is_that_of_the_sine():
    levels = levels_of(spectra(_sine(1000)))
    assert levels.shape[1] == BANDS
    assert abs(band_centres()[levels[3].argmax()] - 1000) < 120


def test_levels_follow_decibels():
    loud, soft = (levels_of(spectra(_sine(1000, gain=gain)))[3].max() for gain in (1.0, 0.1))
    assert loud - soft == 20 / LEVEL_STEP


def test_silence_has_the_lowest_level():
    assert not levels_of(spectra(np.zeros(WINDOW, np.float32))).any()
