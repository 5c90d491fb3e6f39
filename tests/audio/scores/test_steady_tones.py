import numpy as np
import pytest
from audio.speech import recording

from curator_audio.scores.steady_tones import SteadyTones

RATE = 16_000


def tones_of(samples, block=9000):
    tones = SteadyTones()
    for at in range(0, len(samples), block):
        tones.add(samples[at : at + block].astype(np.float32))
    return tones


def notes(seconds, seed=0):
    """Chords of three notes, two a second."""
    random = np.random.default_rng(seed)
    time = np.arange(RATE // 2) / RATE
    chords = [
        sum(
            np.sin(2 * np.pi * 110 * 2 ** (random.integers(0, 36) / 12) * k * time) / k
            for _ in range(3)
            for k in range(1, 8)
        )
        * np.exp(-3 * time)
        for _ in range(2 * seconds)
    ]
    return 0.05 * np.concatenate(chords)


def test_music_is_steady_and_noise_is_not():
    random = np.random.default_rng(0)
    assert tones_of(notes(4)).ratio() > 0.9
    assert tones_of(0.1 * random.normal(size=4 * RATE)).ratio() == 0


def test_speech_is_not_steady_and_with_music_it_is():
    speech = recording("2412-153948-0001.flac")[: 8 * RATE]
    assert tones_of(speech).ratio() < 0.05
    music = notes(8)[: len(speech)]
    music *= 0.1 * speech.std() / music.std()
    assert tones_of(speech + music).ratio() > 0.15


def test_parts_have_their_own_ratio_however_samples_are_cut():
    samples = np.concatenate((notes(3), 0.1 * np.random.default_rng(0).normal(size=3 * RATE)))
    tones = tones_of(samples)
    assert tones.ratio(0, 2.9) > 0.9
    assert tones.ratio(3.3, 6) == 0
    assert tones.ratio() == tones_of(samples, 101).ratio() == pytest.approx(0.5, abs=0.1)


def test_a_gliding_tone_is_not_steady():
    time = np.arange(4 * RATE) / RATE
    glide = 0.3 * np.sin(2 * np.pi * (500 * time + 100 * time**2))
    assert tones_of(glide).ratio() == 0


def test_silence_and_little_have_no_tones():
    assert tones_of(np.zeros(RATE)).ratio() == 0
    assert tones_of(np.zeros(100)).ratio() == 0
    assert tones_of(np.full(1500, 0.1)).ratio() == 0
