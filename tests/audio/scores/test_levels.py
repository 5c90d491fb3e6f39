import numpy as np
import pytest

from curator_audio.scores.levels import noise_energy, reverb_seconds, silence_ratio, snr


def bursts(*, noise, count=20, fall_s=0.0):
    """Energies of sounds of 0.3 s every 1.5 s over a noise; after each the level falls by 60 dB in `fall_s`."""
    away = np.arange(150) / 100 - 0.3
    tail = 10 ** (-6 * away / fall_s) if fall_s else np.zeros(150)
    one = np.where(away < 0, 0.01, 0.01 * np.minimum(tail, 1))
    return np.tile(one, count) + noise


def test_silence_is_what_is_far_below_the_loud():
    assert silence_ratio(bursts(noise=1e-9)) == pytest.approx(0.8)
    assert silence_ratio(bursts(noise=1e-4)) == 0
    assert silence_ratio(np.full(100, 1e-7)) == 1
    assert silence_ratio(np.zeros(0)) == 1


@pytest.mark.parametrize("decibels", [5, 10, 20, 40])
def test_snr_is_that_of_bursts_over_noise(decibels):
    energies = bursts(noise=0.01 / 10 ** (decibels / 10))
    assert snr(energies) == pytest.approx(decibels, abs=0.1)


def test_gaps_without_any_sound_are_no_pauses():
    noisy = bursts(noise=1e-4)
    with_gaps = np.concatenate((noisy, np.zeros(2000)))
    assert noise_energy(with_gaps) == pytest.approx(noise_energy(noisy))


def test_an_even_noise_and_no_sound_at_all():
    assert snr(np.full(500, 0.1)) == 0
    assert snr(np.zeros(500)) is None
    assert snr(np.zeros(3)) is None


@pytest.mark.parametrize("seconds", [0.3, 0.6, 1.0])
def test_reverberation_is_how_long_sounds_take_to_fall(seconds):
    assert reverb_seconds(bursts(noise=1e-9, fall_s=seconds)) == pytest.approx(seconds, rel=0.1)


def test_without_falls_there_is_no_reverberation():
    assert reverb_seconds(np.full(500, 0.1)) is None
    assert reverb_seconds(np.full(10, 0.1)) is None
    assert reverb_seconds(np.zeros(500)) is None
