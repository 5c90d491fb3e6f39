import numpy as np
import pyloudnorm
import pytest

from curator_audio.scores.loudness import channel_weights, k_weighting, loudness, lufs
from curator_audio.scores.measure import Measures


def measured(samples, rate):
    samples = samples.reshape(len(samples), -1).astype(np.float32)
    measures = Measures(rate=rate, channels=samples.shape[1])
    measures.add(samples)
    return measures.scores().get("loudness")


def speech_like(rate, seconds, channels, seed=0):
    """Noise whose level goes up and down, with pauses of silence."""
    random = np.random.default_rng(seed)
    time = np.arange(rate * seconds) / rate
    level = np.clip(np.sin(2 * np.pi * 0.4 * time), 0, None) ** 2
    return 0.2 * level[:, None] * random.normal(size=(len(time), channels))


def test_the_filters_at_48_khz_are_those_of_the_standard():
    shelf, highpass = k_weighting(48_000)
    assert shelf == pytest.approx(
        (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
    )
    assert highpass == pytest.approx((1, -2, 1, -1.99004745483398, 0.99007225036621))


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (44_100, 1), (16_000, 1)])
def test_loudness_is_that_of_a_reference_library(rate, channels):
    samples = speech_like(rate, 6, channels)
    reference = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(samples)
    assert measured(samples, rate) == pytest.approx(reference, abs=0.02)
    # The library's own filters are further from the standard the lower the rate is.
    other = pyloudnorm.Meter(rate).integrated_loudness(samples)
    assert measured(samples, rate) == pytest.approx(other, abs=0.1 if rate > 40_000 else 0.3)


def test_a_sine_of_997_hz_at_full_scale_has_the_loudness_of_the_standard():
    time = np.arange(96_000) / 48_000
    assert measured(np.sin(2 * np.pi * 997 * time), 48_000) == pytest.approx(-3.01, abs=0.02)


def test_quiet_parts_do_not_count():
    loud, quiet = np.full(400, 0.1), np.full(400, 1e-5)
    assert loudness(np.concatenate((loud, quiet))) == pytest.approx(lufs(0.1), abs=0.2)


def test_silence_and_less_than_400_ms_have_no_loudness():
    assert loudness(np.full(39, 0.1)) is None
    assert loudness(np.zeros(400)) is None


def test_the_bass_channel_does_not_count_and_surround_counts_more():
    assert channel_weights(6).tolist() == [1, 1, 1, 0, 1.41, 1.41]
    assert channel_weights(3).tolist() == [1, 1, 1]


def test_filters_are_stable_at_low_rates():
    assert -30 < (measured(speech_like(1_000, 4, 1), 1_000) or 0.0) < 0
