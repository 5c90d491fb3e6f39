import numpy as np
import pytest

from curator_audio.scores.spectrum import Bandwidth, Hum


def noise(size, *, rate, up_to):
    """White noise below a frequency."""
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=size))
    spectrum[np.fft.rfftfreq(size, 1 / rate) > up_to] = 0
    samples = np.fft.irfft(spectrum, size)
    return (0.1 * samples / samples.std()).astype(np.float32)[:, None]


def hum_of(samples):
    return fed(Hum(rate=16_000, channels=1), samples.astype(np.float32)).decibels() or 0.0


def fed(measure, samples, block=1234):
    for at in range(0, len(samples), block):
        measure.add(samples[at : at + block])
    return measure


@pytest.mark.parametrize("up_to", [4000, 8000, 20_000])
def test_bandwidth_is_how_high_a_recording_goes(up_to):
    samples = noise(48_000, rate=48_000, up_to=up_to)
    found = fed(Bandwidth(rate=48_000, channels=1), samples).hertz()
    assert found == pytest.approx(up_to, abs=300)
    assert fed(Bandwidth(rate=48_000, channels=1), samples, 48_000).hertz() == found


def test_every_channel_counts_for_the_bandwidth():
    low, high = (noise(48_000, rate=48_000, up_to=hertz) for hertz in (3000, 12_000))
    both = np.hstack((low, high))
    found = fed(Bandwidth(rate=48_000, channels=2), both).hertz()
    assert found == pytest.approx(12_000, abs=300)


def test_silence_and_what_is_too_short_have_no_bandwidth():
    assert fed(Bandwidth(rate=16_000, channels=1), np.zeros((9000, 1), np.float32)).hertz() is None
    assert fed(Bandwidth(rate=16_000, channels=1), np.ones((100, 1), np.float32)).hertz() is None


@pytest.mark.parametrize("mains", [50, 60])
def test_hum_is_found_in_noise_and_only_where_it_is(mains):
    samples = noise(16_000 * 8, rate=16_000, up_to=8000)
    time = np.arange(len(samples))[:, None] / 16_000
    hum = sum(np.sin(2 * np.pi * mains * k * time) / k for k in (1, 2, 3)) * 0.02
    with_hum = samples + hum
    assert hum_of(with_hum) > 15
    assert hum_of(samples) < 8


def test_tones_that_stop_are_no_hum():
    samples = noise(16_000 * 8, rate=16_000, up_to=8000)
    time = np.arange(len(samples))[:, None] / 16_000
    notes = 0.2 * (np.sin(2 * np.pi * 100 * time) + np.sin(2 * np.pi * 200 * time)) * (time % 2 < 1)
    assert hum_of(samples + notes) < 8


def test_hum_needs_some_seconds():
    assert fed(Hum(rate=16_000, channels=1), np.zeros((16_000, 1), np.float32)).decibels() is None
    assert fed(Hum(rate=16_000, channels=1), np.zeros((64_000, 1), np.float32)).decibels() == 0


def test_long_recordings_keep_few_spectra():
    hum = Hum(rate=1000, channels=1)
    fed(hum, np.random.default_rng(0).normal(size=(600_000, 1)).astype(np.float32), 50_000)
    assert 256 <= len(hum._spectra) < 512
